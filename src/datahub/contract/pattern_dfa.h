#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace datahub::contract {

// A regular expression as a table: one step a byte, whatever the text. What ECMA-262 patterns of contracts mostly are: classes,
// groups, alternatives, counted repetition, anchors; not back references, assertions that look around, or properties.
//
// Bounded  kPlacesMax, kStatesMax, kWorkMax: what would need more has no table
// Threads  any
class PatternDfa {
 public:
  static constexpr size_t kPlacesMax = 4'000;
  static constexpr size_t kStatesMax = 1'000;
  static constexpr size_t kWorkMax = 300'000;

  // Nothing where there is none; says nothing of whether the expression is right.
  static std::optional<PatternDfa> Make(std::string_view expression);

  // Whether the expression is found anywhere in `text`, which is valid UTF-8.
  bool Search(std::string_view text) const {
    const uint16_t* const table = table_.data();
    uint32_t state = kStart;
    for (const char c : text) {
      state = table[state * classes_ + class_of_[static_cast<unsigned char>(c)]];
      if (state <= kFound) return state == kFound;
    }
    return ends_[state] != 0;
  }

 private:
  friend class DfaBuilder;
  static constexpr uint16_t kDead = 0;
  static constexpr uint16_t kFound = 1;
  static constexpr uint16_t kStart = 2;

  PatternDfa() = default;

  std::array<uint8_t, 256> class_of_{};
  uint32_t classes_ = 0;
  std::vector<uint16_t> table_;  // of state and class: the next state
  std::vector<uint8_t> ends_;    // of state: found when the text ends here
};

}  // namespace datahub::contract
