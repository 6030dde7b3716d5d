#include "datahub/contract/evolution/name_patterns.h"

#include <algorithm>
#include <optional>

namespace datahub::contract::evolution {
namespace {

// What a name begins with that matches; nothing when the pattern says more than that.
std::optional<std::string_view> BeginningOf(std::string_view pattern) {
  if (pattern == ".*" || pattern.empty()) return "";
  if (!pattern.starts_with('^')) return std::nullopt;
  pattern.remove_prefix(1);
  const bool is_literal = std::ranges::all_of(pattern, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == ' ' || c == ':';
  });
  return is_literal ? std::optional(pattern) : std::nullopt;
}

}  // namespace

bool MayMatchTogether(const std::set<std::string_view>& matched, const std::set<std::string_view>& all) {
  for (const std::string_view pattern : all) {
    const auto beginning = BeginningOf(pattern);
    if (!beginning) continue;
    if (beginning->empty() && !matched.contains(pattern)) return false;
    for (const std::string_view other : matched) {
      const auto its = BeginningOf(other);
      if (!its) continue;
      if (matched.contains(pattern)) {
        if (!its->starts_with(*beginning) && !beginning->starts_with(*its)) return false;
      } else if (its->starts_with(*beginning)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace datahub::contract::evolution
