#pragma once

#include <set>
#include <string_view>

namespace datahub::contract::evolution {

// Whether a name may match exactly `matched` of the patterns `all`, as far as patterns of the form ^literal tell: those that
// begin differently exclude each other, a longer one brings the shorter.
bool MayMatchTogether(const std::set<std::string_view>& matched, const std::set<std::string_view>& all);

}  // namespace datahub::contract::evolution
