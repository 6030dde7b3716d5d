#pragma once

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "datahub/contract/pattern_tree.h"

namespace datahub::contract {

// Of the pattern ^[class]{min,max}$ with an ASCII class: all of a text's bytes are looked at together.
class ClassRun {
 public:
  // Nothing where the pattern is not of this form.
  static std::optional<ClassRun> Of(const PatternNode& pattern);

  bool Holds(std::string_view text) const {
    if (text.size() < min_ || text.size() > max_) return false;
    const char* at = text.data();
    const char* const end = at + text.size();
    if (text.size() >= 16) {
      __m128i outside = _mm_setzero_si128();
      for (; end - at > 16; at += 16) outside = _mm_or_si128(outside, Outside(Load16(at)));
      outside = _mm_or_si128(outside, Outside(Load16(end - 16)));
      return _mm_movemask_epi8(outside) == 0;
    }
    if (text.size() >= 8) {
      return _mm_movemask_epi8(Outside(_mm_set_epi64x(Load<int64_t>(at), Load<int64_t>(end - 8)))) == 0;
    }
    for (; at < end; ++at) {
      const auto byte = static_cast<unsigned char>(*at);
      if (byte >= 128 || !(low_[byte & 15] >> (byte >> 4) & 1)) return false;
    }
    return true;
  }

 private:
  template <class T>
  static T Load(const char* from) {
    T word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  static __m128i Load16(const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

  // All bits of the bytes that are not of the class.
  __m128i Outside(__m128i text) const {
    const __m128i nibble = _mm_set1_epi8(15);
    const __m128i of_low =
        _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(low_.data())), _mm_and_si128(text, nibble));
    const __m128i bits = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, static_cast<char>(128), 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i of_high = _mm_shuffle_epi8(bits, _mm_and_si128(_mm_srli_epi16(text, 4), nibble));
    return _mm_cmpeq_epi8(_mm_and_si128(of_low, of_high), _mm_setzero_si128());
  }

  alignas(16) std::array<uint8_t, 16> low_{};  // of a byte's low half: a bit a high half
  size_t min_ = 0;
  size_t max_ = 0;
};

}  // namespace datahub::contract
