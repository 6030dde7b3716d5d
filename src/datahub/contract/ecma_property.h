#pragma once

#include <string>
#include <string_view>

namespace datahub::contract {

// What PCRE2 calls a Unicode property of ECMA-262 ("Letter", "gc=Lu", "Script=Greek", "Alphabetic"); '^' in front: its
// opposite; empty: ECMA-262 knows no such property.
std::string Pcre2Property(std::string_view name);

}  // namespace datahub::contract
