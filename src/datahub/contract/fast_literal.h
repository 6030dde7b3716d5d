#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "datahub/contract/literal.h"

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

// The nearest double of a number read from [at, end); an integer literal must be held exactly.
inline bool ToDouble(const ShortNumber& number, const char* at, const char* end, double* value) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr uint64_t kExactMax = uint64_t{1} << 53;
  if (number.digits <= kExactMax && number.exponent >= -22 && number.exponent <= 22) {
    // Both are exact, so that the one operation rounds correctly (Clinger's fast path).
    const auto digits = static_cast<double>(number.digits);
    const double magnitude =
        number.exponent < 0 ? digits / kPowers[-number.exponent] : digits * kPowers[number.exponent];
    *value = number.negative ? -magnitude : magnitude;
    return true;
  }
  const auto [stopped, error] = std::from_chars(at, end, *value);
  if (error != std::errc() || stopped != end) return false;
  if (!number.is_integer) return true;
  const double magnitude = number.negative ? -*value : *value;
  return magnitude < 18446744073709551616.0 && static_cast<uint64_t>(magnitude) == number.digits;
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
  unsigned char digits[32];
  std::memcpy(digits, at, 8);
  std::memcpy(digits + 8, at + 9, 4);
  std::memcpy(digits + 12, at + 14, 4);
  std::memcpy(digits + 16, at + 19, 4);
  std::memcpy(digits + 20, at + 24, 12);
  unsigned char bad = 0;
  for (const unsigned char c : digits) {  // without branches, so that it becomes a few vector instructions
    const bool is_digit = static_cast<unsigned char>(c - '0') <= 9;
    const bool is_letter = static_cast<unsigned char>((c | 0x20) - 'a') <= 5;
    bad |= static_cast<unsigned char>(!(is_digit | is_letter));
  }
  return bad == 0;
}

// Reads dates and times of one shape, YYYY-MM-DD[THH:MM:SS[.f…](Z|±HH:MM)], and remembers the last day: events come in
// order.
class TimeReader {
 public:
  bool ReadDay(const char* at, size_t size, int32_t* day) { return size == 10 && Day(at, day); }

  bool ReadInstant(const char* at, size_t size, bool reject_excess_digits, int64_t* micros) {
    int32_t day = 0;
    if (size < 20 || !Day(at, &day) || at[10] != 'T' || at[13] != ':' || at[16] != ':') return false;
    const uint32_t hour = Two(at + 11);
    const uint32_t minute = Two(at + 14);
    const uint32_t second = Two(at + 17);
    if (hour > 23 || minute > 59 || second > 59) return false;
    int64_t number = ((int64_t{day} * 24 + hour) * 60 + minute) * 60 + second;
    const char* const end = at + size;
    at += 19;
    uint32_t fraction = 0;
    if (*at == '.' && !Fraction(++at, end, reject_excess_digits, &fraction)) return false;
    if (at == end) return false;
    if (*at != 'Z') {
      if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
      const uint32_t offset_hour = Two(at + 1);
      const uint32_t offset_minute = Two(at + 4);
      if (offset_hour > 23 || offset_minute > 59) return false;
      const int64_t offset = (offset_hour * 60 + offset_minute) * 60;
      number -= *at == '-' ? -offset : offset;
    } else if (end - at != 1) {
      return false;
    }
    *micros = number * 1'000'000 + fraction;
    return true;
  }

 private:
  static constexpr uint32_t kBad = 1000;

  static uint32_t Two(const char* at) {
    const auto tens = static_cast<unsigned char>(at[0] - '0');
    const auto ones = static_cast<unsigned char>(at[1] - '0');
    return tens > 9 || ones > 9 ? kBad : tens * 10u + ones;
  }

  static bool Fraction(const char*& at, const char* end, bool reject_excess_digits, uint32_t* micros) {
    constexpr int kDigitsMax = 6;
    int digits = 0;
    uint32_t number = 0;
    for (; at < end; ++at, ++digits) {
      const auto digit = static_cast<unsigned char>(*at - '0');
      if (digit > 9) break;
      if (digits < kDigitsMax) number = number * 10 + digit;
      if (digits >= kDigitsMax && digit != 0 && reject_excess_digits) return false;
    }
    if (digits == 0) return false;
    for (; digits < kDigitsMax; ++digits) number *= 10;
    *micros = number;
    return true;
  }

  bool Day(const char* at, int32_t* day) {
    uint64_t head = 0;
    uint64_t tail = 0;
    std::memcpy(&head, at, 8);
    std::memcpy(&tail, at + 2, 8);
    if (head != head_ || tail != tail_) [[unlikely]] {
      const std::optional<int32_t> read = DayOf({at, 10});
      if (!read) return false;
      head_ = head;
      tail_ = tail;
      day_ = *read;
    }
    *day = day_;
    return true;
  }

  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  int32_t day_ = 0;
};

}  // namespace datahub::contract
