#pragma once

#include <span>
#include <string_view>

namespace datahub::query {

// Whether SQL may call it, case aside. What is not on the list may not be called, also when a later DuckDB brings it.
bool IsAllowedFunction(std::string_view name);
std::span<const std::string_view> AllowedFunctions();

}  // namespace datahub::query
