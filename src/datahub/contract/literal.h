#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "datahub/record/columns.h"

namespace datahub::contract {

// What the text of a JSON value becomes in a column: exactly, or not at all. These take every spelling that JSON allows;
// the fast walk has narrower readers of its own and falls back to these.

// The integer that a number literal names ("1.0" and "1e2" too); none when it is not one or outside int64.
std::optional<int64_t> IntegerOf(std::string_view literal);

enum class DoubleFault { kNone, kNotFinite, kNotExact };
// The nearest double. One rule for all spellings: it must give back all digits of an integer, and of what is 2^53 or
// larger; other fractions are rounded, but not to 0. So whatever was printed of a double lands (1e23, 0.1), and
// 9007199254740993.0 and 1e-400 are faults.
DoubleFault DoubleOf(std::string_view literal, double* value);

enum class DecimalFault { kNone, kTooLarge, kExcessDigits };
// The literal times 10^scale; at most 38 digits.
DecimalFault DecimalOf(std::string_view literal, int scale, record::Int128* value);

struct Instant {
  int64_t micros = 0;          // UTC, since 1970
  bool excess_digits = false;  // digits behind the microsecond that are not 0; they were cut
};

// What columns hold: the years 1 to 9999, in UTC. Most engines and languages have no other.
constexpr int32_t kDayMin = -719162;  // 0001-01-01
constexpr int32_t kDayMax = 2932896;  // 9999-12-31
constexpr int64_t kDayMicros = 86'400'000'000;
constexpr bool IsHeldDay(int64_t day) { return day >= kDayMin && day <= kDayMax; }
constexpr bool IsHeldInstant(int64_t micros) {
  return micros >= kDayMin * kDayMicros && micros < (kDayMax + 1) * kDayMicros;
}

// RFC 3339 with an offset. Second 60, valid only at the end of a UTC day, becomes the next day's first.
std::optional<Instant> InstantOf(std::string_view text);
// RFC 3339 full-date as days since 1970.
std::optional<int32_t> DayOf(std::string_view text);

// YYYY-MM-DDTHH:MM:SS[.f…](Z|±HH:MM) without a leap second is a date-time for sure; false: format.h decides.
bool IsPlainInstant(std::string_view text);

// Days since 1970 of a date of the proleptic Gregorian calendar.
int64_t DaysFromCivil(int year, int month, int day);
int DaysInMonth(int year, int month);

}  // namespace datahub::contract
