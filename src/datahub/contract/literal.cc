#include "datahub/contract/literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "datahub/contract/ascii.h"

namespace datahub::contract {
namespace {

constexpr int kDecimalDigitsMax = 38;

// A number literal as (-1)^negative * 0.d1d2d3… * 10^point, zeros cut at both ends; zero has no digits.
struct Digits {
  bool negative = false;
  bool has_point_or_exponent = false;
  std::string_view whole;     // digits before and behind the point, leading zeros included
  std::string_view fraction;  //
  int64_t exponent = 0;       // as written, held within ±10^9

  // Digit i of whole and fraction taken together.
  char at(size_t i) const { return i < whole.size() ? whole[i] : fraction[i - whole.size()]; }
  size_t size() const { return whole.size() + fraction.size(); }
};

Digits SplitNumber(std::string_view literal) {
  constexpr int64_t kLiteralExponentMax = 1'000'000'000;
  Digits digits;
  size_t at = 0;
  if (literal.starts_with('-')) {
    digits.negative = true;
    at = 1;
  }
  const size_t whole = at;
  while (at < literal.size() && IsDigit(literal[at])) ++at;
  digits.whole = literal.substr(whole, at - whole);
  digits.has_point_or_exponent = at < literal.size();
  if (at < literal.size() && literal[at] == '.') {
    const size_t fraction = ++at;
    while (at < literal.size() && IsDigit(literal[at])) ++at;
    digits.fraction = literal.substr(fraction, at - fraction);
  }
  if (at < literal.size()) {  // e or E
    ++at;
    const bool minus = at < literal.size() && literal[at] == '-';
    if (at < literal.size() && (literal[at] == '-' || literal[at] == '+')) ++at;
    for (; at < literal.size() && digits.exponent < kLiteralExponentMax; ++at) {
      digits.exponent = digits.exponent * 10 + (literal[at] - '0');
    }
    digits.exponent = std::min(digits.exponent, kLiteralExponentMax);
    if (minus) digits.exponent = -digits.exponent;
  }
  return digits;
}

}  // namespace

DecimalFault DecimalOf(std::string_view literal, int scale, record::Int128* value) {
  const Digits digits = SplitNumber(literal);
  size_t first = 0;
  while (first < digits.size() && digits.at(first) == '0') ++first;
  size_t last = digits.size();
  while (last > first && digits.at(last - 1) == '0') --last;
  *value = 0;
  if (first == last) return DecimalFault::kNone;
  // value = digits[first, last) * 10^shift, in units of 10^-scale
  const int64_t shift =
      digits.exponent + scale + static_cast<int64_t>(digits.whole.size()) - static_cast<int64_t>(last);
  if (static_cast<int64_t>(last - first) + shift > kDecimalDigitsMax) return DecimalFault::kTooLarge;
  if (shift < 0) return DecimalFault::kExcessDigits;
  record::Int128 number = 0;
  for (size_t i = first; i < last; ++i) number = number * 10 + (digits.at(i) - '0');
  for (int64_t i = 0; i < shift; ++i) number *= 10;
  *value = digits.negative ? -number : number;
  return DecimalFault::kNone;
}

std::optional<int64_t> IntegerOf(std::string_view literal) {
  int64_t plain = 0;
  const char* const end = literal.data() + literal.size();
  const auto [stopped, error] = std::from_chars(literal.data(), end, plain);
  if (error == std::errc() && stopped == end) return plain;
  record::Int128 wide = 0;
  if (DecimalOf(literal, 0, &wide) != DecimalFault::kNone) return std::nullopt;
  if (wide < std::numeric_limits<int64_t>::min() || wide > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return static_cast<int64_t>(wide);
}

namespace {

// Whether a double, printed with as many digits as `wanted` has, gives them; the first is not 0.
bool GivesBack(double value, std::string_view wanted) {
  constexpr size_t kDigitsMax = 767;  // no double has more
  if (wanted.size() > kDigitsMax) return false;
  char text[kDigitsMax + 16];
  std::snprintf(text, sizeof text, "%.*e", static_cast<int>(wanted.size()) - 1, std::fabs(value));
  return text[0] == wanted[0] &&
         (wanted.size() == 1 || std::string_view(text + 2, wanted.size() - 1) == wanted.substr(1));
}

}  // namespace

DoubleFault DoubleOf(std::string_view literal, double* value) {
  constexpr size_t kDigitsKept = 15;              // of an integer, that every double gives back
  constexpr double kWholeMin = 9007199254740992;  // 2^53: from there on there are no fractions
  const Digits digits = SplitNumber(literal);
  size_t first = 0;
  while (first < digits.size() && digits.at(first) == '0') ++first;
  size_t last = digits.size();
  while (last > first && digits.at(last - 1) == '0') --last;
  if (first == last) {
    *value = digits.negative ? -0.0 : 0.0;
    return DoubleFault::kNone;
  }
  const auto [stopped, error] = std::from_chars(literal.data(), literal.data() + literal.size(), *value);
  const auto whole = static_cast<int64_t>(digits.whole.size());
  if (error == std::errc::result_out_of_range) {
    // Too large or too small: the place of the first digit that is not 0 tells which.
    const bool large = digits.exponent + whole - static_cast<int64_t>(first) > 0;
    return large ? DoubleFault::kNotFinite : DoubleFault::kNotExact;
  }
  const double magnitude = std::fabs(*value);
  const bool fraction = digits.exponent + whole < static_cast<int64_t>(last);
  if (fraction && magnitude < kWholeMin) return magnitude > 0 ? DoubleFault::kNone : DoubleFault::kNotExact;
  if (last - first <= kDigitsKept) return DoubleFault::kNone;
  std::string wanted;
  for (size_t i = first; i < last; ++i) wanted += digits.at(i);
  return GivesBack(*value, wanted) ? DoubleFault::kNone : DoubleFault::kNotExact;
}

int64_t DaysFromCivil(int year, int month, int day) {
  // Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last.
  const int shifted = year - (month <= 2 ? 1 : 0);
  const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int64_t year_of_era = shifted - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int DaysInMonth(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

namespace {

// Reads fixed-width fields from the front of a text.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  int Number(size_t digits) {
    int number = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (text_.empty() || !IsDigit(text_[0])) {
        good_ = false;
        return 0;
      }
      number = number * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return number;
  }
  void Expect(char lower, char upper) {
    if (!Take(lower) && !Take(upper)) good_ = false;
  }
  bool Take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool good() const { return good_; }
  bool done() const { return good_ && text_.empty(); }
  bool at_digit() const { return !text_.empty() && IsDigit(text_[0]); }

 private:
  std::string_view text_;
  bool good_ = true;
};

std::optional<int64_t> ReadDay(FieldReader& reader) {
  const int year = reader.Number(4);
  reader.Expect('-', '-');
  const int month = reader.Number(2);
  reader.Expect('-', '-');
  const int day = reader.Number(2);
  if (!reader.good() || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  return DaysFromCivil(year, month, day);
}

}  // namespace

std::optional<int32_t> DayOf(std::string_view text) {
  FieldReader reader(text);
  const std::optional<int64_t> day = ReadDay(reader);
  if (!day || !reader.done()) return std::nullopt;
  return static_cast<int32_t>(*day);
}

std::optional<Instant> InstantOf(std::string_view text) {
  constexpr int kDigitsMax = 6;
  FieldReader reader(text);
  const std::optional<int64_t> day = ReadDay(reader);
  if (!day) return std::nullopt;
  reader.Expect('T', 't');
  const int hour = reader.Number(2);
  reader.Expect(':', ':');
  const int minute = reader.Number(2);
  reader.Expect(':', ':');
  const int second = reader.Number(2);
  Instant instant;
  int64_t micros = 0;
  if (reader.Take('.')) {
    int digits = 0;
    if (!reader.at_digit()) return std::nullopt;
    for (; reader.at_digit(); ++digits) {
      const int digit = reader.Number(1);
      if (digits < kDigitsMax) micros = micros * 10 + digit;
      if (digits >= kDigitsMax && digit != 0) instant.excess_digits = true;
    }
    for (; digits < kDigitsMax; ++digits) micros *= 10;
  }
  int offset_minutes = 0;
  if (!reader.Take('Z') && !reader.Take('z')) {
    const bool minus = reader.Take('-');
    if (!minus) reader.Expect('+', '+');
    const int offset_hour = reader.Number(2);
    reader.Expect(':', ':');
    const int offset_minute = reader.Number(2);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_minutes = (offset_hour * 60 + offset_minute) * (minus ? -1 : 1);
  }
  if (!reader.done() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const int64_t seconds = (*day * 24 + hour) * 3600 + (minute - offset_minutes) * 60 + second;
  // A leap second is the last of its UTC day.
  if (second == 60 && seconds % 86'400 != 0) return std::nullopt;
  instant.micros = seconds * 1'000'000 + micros;
  return instant;
}

bool IsPlainInstant(std::string_view text) {
  if (text.size() < 20 || text.size() > 40) return false;
  const char* const at = text.data();
  const auto two = [&](size_t i) {
    const auto tens = static_cast<unsigned char>(at[i] - '0');
    const auto ones = static_cast<unsigned char>(at[i + 1] - '0');
    return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones;
  };
  const int century = two(0);
  const int year = two(2);
  const int month = two(5);
  const int day = two(8);
  if (at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':') return false;
  if (century > 99 || year > 99 || month < 1 || month > 12 || day < 1 || two(11) > 23 || two(14) > 59 || two(17) > 59) {
    return false;
  }
  if (day > 28 && day > DaysInMonth(century * 100 + year, month)) return false;
  size_t next = 19;
  if (at[next] == '.') {
    const size_t first = ++next;
    while (next < text.size() && IsDigit(at[next])) ++next;
    if (next == first || next == text.size()) return false;
  }
  if (at[next] == 'Z') return next + 1 == text.size();
  return (at[next] == '+' || at[next] == '-') && next + 6 == text.size() && at[next + 3] == ':' &&
         two(next + 1) <= 23 && two(next + 4) <= 59;
}

}  // namespace datahub::contract
