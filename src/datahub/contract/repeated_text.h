#pragma once

#include <span>
#include <string_view>

namespace datahub::contract {

// Whether two of the texts are the same. Puts them in another order.
bool HasRepeated(std::span<std::string_view> texts);

}  // namespace datahub::contract
