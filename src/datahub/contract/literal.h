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
// The nearest double. An integer literal (no point, no exponent) that no double holds exactly is a fault (design §6).
DoubleFault DoubleOf(std::string_view literal, double* value);

enum class DecimalFault { kNone, kTooLarge, kExcessDigits };
// The literal times 10^scale; at most 38 digits.
DecimalFault DecimalOf(std::string_view literal, int scale, record::Int128* value);

struct Instant {
  int64_t micros = 0;          // UTC, since 1970
  bool excess_digits = false;  // digits behind the microsecond that are not 0; they were cut
};
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
