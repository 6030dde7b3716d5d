#pragma once

#include <immintrin.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "datahub/record/columns.h"

namespace datahub::contract {

// Readers for the spellings that real events use. False means "not decided here": literal.h reads everything.

// -?(0|[1-9][0-9]*) within int64.
inline bool ReadInteger(const char* at, const char* end, int64_t* value) {
  constexpr int64_t kDigitsMax = 19;  // any 19 digits fit uint64
  const bool negative = *at == '-';
  at += negative;
  if (end <= at || end - at > kDigitsMax || (*at == '0' && end - at > 1)) return false;
  uint64_t number = 0;
  do {
    const auto digit = static_cast<unsigned char>(*at - '0');
    if (digit > 9) return false;
    number = number * 10 + digit;
  } while (++at < end);
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0)) return false;
  *value = static_cast<int64_t>(negative ? 0 - number : number);
  return true;
}

// A number of at most 19 digits: (-1)^negative * digits * 10^exponent.
struct ShortNumber {
  uint64_t digits = 0;
  int exponent = 0;
  bool negative = false;
  bool is_integer = false;  // no point, no exponent
};

inline bool ReadShortNumber(const char* at, const char* end, ShortNumber* number) {
  constexpr int64_t kDigitsMax = 19;
  const auto digits = [&] {
    const char* const first = at;
    for (; at < end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      number->digits = number->digits * 10 + digit;
    }
    return at - first;
  };
  *number = {};
  if (at < end && *at == '-') {
    number->negative = true;
    ++at;
  }
  const char* const first = at;
  const int64_t whole = digits();
  if (whole == 0 || whole > kDigitsMax || (*first == '0' && whole > 1)) return false;
  number->is_integer = at == end;
  if (at < end && *at == '.') {
    ++at;
    const int64_t fraction = digits();
    if (fraction == 0 || whole + fraction > kDigitsMax) return false;
    number->exponent = static_cast<int>(-fraction);
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool minus = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) ++at;
    const char* const from = at;
    int exponent = 0;
    for (; at < end; ++at) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9 || at - from > 3) return false;
      exponent = exponent * 10 + digit;
    }
    if (at == from) return false;
    number->exponent += minus ? -exponent : exponent;
  }
  return at == end;
}

// The same; all digits at once where the number has at most 16 characters behind its sign and no exponent. The 16 bytes before
// `end` are read where they begin at `floor` or behind.
inline bool ReadNumber(const char* floor, const char* at, const char* end, ShortNumber* number) {
  const bool negative = *at == '-';
  const char* const first = at + negative;
  const auto size = static_cast<size_t>(end - first);
  if (size - 1 >= 16 || end - floor < 16) return ReadShortNumber(at, end, number);
  const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
  __m128i digits = _mm_sub_epi8(text, _mm_set1_epi8('0'));
  const auto mask = static_cast<uint32_t>(0xFFFF << (16 - size)) & 0xFFFF;
  const auto is_digit =
      static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits)));
  const auto points = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('.')))) & mask;
  if (((is_digit & mask) | points) != mask || (points & (points - 1)) != 0 ||
      (*first == '0' && size > 1 && first[1] != '.')) {
    return ReadShortNumber(at, end, number);
  }
  digits = _mm_and_si128(digits, _mm_cmpgt_epi8(places, _mm_set1_epi8(static_cast<char>(15 - size))));
  number->exponent = 0;
  if (points != 0) {
    const int point = __builtin_ctz(points);
    if (point == 15 || point == static_cast<int>(16 - size)) return false;
    // The digits before the point move over it.
    digits = _mm_blendv_epi8(_mm_slli_si128(digits, 1), digits,
                             _mm_cmpgt_epi8(places, _mm_set1_epi8(static_cast<char>(point))));
    number->exponent = point - 15;
  }
  const __m128i pairs =
      _mm_maddubs_epi16(digits, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1));
  const __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1));
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_setr_epi16(10000, 1, 10000, 1, 0, 0, 0, 0));
  const auto both = static_cast<uint64_t>(_mm_cvtsi128_si64(eights));
  number->digits = (both & 0xFFFFFFFF) * 100'000'000 + (both >> 32);
  number->negative = negative;
  number->is_integer = points == 0;
  return true;
}

// An integer within int64.
inline bool ToInteger(const ShortNumber& number, int64_t* value) {
  if (!number.is_integer ||
      number.digits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (number.negative ? 1 : 0)) {
    return false;
  }
  *value = static_cast<int64_t>(number.negative ? 0 - number.digits : number.digits);
  return true;
}

// The nearest double of a number read from [at, end), where literal.h's rule takes it for sure.
inline bool ToDouble(const ShortNumber& number, const char* at, const char* end, double* value) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr uint64_t kExactMax = uint64_t{1} << 53;
  constexpr uint64_t kKeptMax = 1'000'000'000'000'000;  // 15 digits come back from any double
  if (number.digits <= (number.exponent > 0 ? kKeptMax : kExactMax) && number.exponent >= -22 &&
      number.exponent <= 22) {
    // Both are exact, so that the one operation rounds correctly (Clinger's fast path).
    const auto digits = static_cast<double>(number.digits);
    const double magnitude =
        number.exponent < 0 ? digits / kPowers[-number.exponent] : digits * kPowers[number.exponent];
    *value = number.negative ? -magnitude : magnitude;
    return true;
  }
  const auto [stopped, error] = std::from_chars(at, end, *value);
  if (error != std::errc() || stopped != end) return false;
  const double magnitude = number.negative ? -*value : *value;
  if (magnitude > 0 && (magnitude < static_cast<double>(kExactMax) || number.digits < kKeptMax)) return true;
  return number.is_integer && magnitude < 18446744073709551616.0 && static_cast<uint64_t>(magnitude) == number.digits;
}

inline bool ToDecimal(const ShortNumber& number, int scale, record::Int128* value) {
  constexpr int kShiftMax = 19;
  const int shift = number.exponent + scale;
  if (shift < 0 || shift > kShiftMax) return false;
  record::Int128 unscaled = number.digits;
  for (int i = 0; i < shift; ++i) unscaled *= 10;
  *value = number.negative ? -unscaled : unscaled;
  return true;
}

// RFC 4122 text, 8-4-4-4-12 hexadecimal digits; decides fully.
inline bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  const char* const at = text.data();
  if (at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-') return false;
  // The first 32 bytes and the last 32: what is neither digit nor dash is in one of them.
  const auto within = [](__m256i bytes, char first, char last) {
    const __m256i from_first = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from_first, _mm256_set1_epi8(static_cast<char>(last - first))),
                             from_first);
  };
  const auto digits = [&](const char* from) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    return static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_or_si256(within(bytes, '0', '9'), within(lower, 'a', 'f'))));
  };
  constexpr uint32_t kDashes = 1u << 8 | 1u << 13 | 1u << 18 | 1u << 23;
  return digits(at) == ~kDashes && digits(at + 4) == ~(kDashes >> 4);
}

}  // namespace datahub::contract
