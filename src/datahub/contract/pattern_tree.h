#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace datahub::contract {

// A regular expression's parts, of the regular part of ECMA-262 in Unicode mode.
struct PatternNode {
  enum class Kind : uint8_t { kEmpty, kClass, kBegin, kEnd, kSequence, kChoice, kRepeat };
  using Ranges = std::vector<std::pair<char32_t, char32_t>>;  // both inclusive, sorted, apart

  static constexpr uint32_t kUnbounded = ~uint32_t(0);

  Kind kind = Kind::kEmpty;
  Ranges ranges;                      // kClass
  std::vector<PatternNode> children;  // kSequence, kChoice; kRepeat: one
  uint32_t min = 0;                   // kRepeat
  uint32_t max = 0;
};

// Nothing where the expression has anything else, or is wrong, or has more than kPatternPartsMax parts.
inline constexpr size_t kPatternPartsMax = 2'000;
std::optional<PatternNode> ParsePattern(std::string_view expression);

}  // namespace datahub::contract
