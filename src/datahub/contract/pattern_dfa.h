#pragma once

#include <immintrin.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "datahub/contract/class_run.h"

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
    if (run_) return run_->Holds(text);
    if (!moves_.empty()) return SearchFewStates(text);
    const uint32_t* const table = table_.data();
    const uint32_t found = kFound * stride_;
    uint32_t row = kStart * stride_;
    for (const char c : text) {
      row = table[row + class_of_[static_cast<unsigned char>(c)]];
      if (row <= found) return row == found;
    }
    return table[row + stride_ - 1] != 0;
  }

 private:
  friend class DfaBuilder;
  // At most so many: the next state is a byte of a register, where the one before says which.
  static constexpr size_t kFewStates = 16;
  struct alignas(16) Move {
    std::array<uint8_t, kFewStates> to{};
  };

  bool SearchFewStates(std::string_view text) const {
    __m128i state = _mm_set1_epi8(kStart);
    for (const char c : text) {
      const Move& move = moves_[class_of_[static_cast<unsigned char>(c)]];
      state = _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(move.to.data())), state);
    }
    return ends_ >> (_mm_cvtsi128_si32(state) & 0xFF) & 1;
  }

  // States.
  static constexpr uint32_t kDead = 0;
  static constexpr uint32_t kFound = 1;
  static constexpr uint32_t kStart = 2;

  PatternDfa() = default;

  std::optional<ClassRun> run_;  // then the rest is not asked
  std::array<uint8_t, 256> class_of_{};
  std::vector<Move> moves_;  // of a class
  uint32_t ends_ = 0;        // a bit a state: found when the text ends here
  uint32_t stride_ = 0;      // classes, and one
  std::vector<uint32_t>
      table_;  // a row a state: of each class where the next state's row begins; found when the text ends here
};

}  // namespace datahub::contract
