#include "datahub/query/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

namespace datahub::query {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

template <class Number>
void AppendShortest(std::string& out, Number value) {
  char text[40];
  const char* end = std::to_chars(text, std::end(text), value).ptr;
  const std::string_view digits(text, static_cast<size_t>(end - text));
  out += digits;
  if (std::isfinite(value) && digits.find_first_of(".e") == digits.npos) out += ".0";
}

// .5 of 500000 per million; nothing for 0
void AppendFraction(std::string& out, int64_t count, int64_t per_second) {
  if (count == 0) return;
  out += '.';
  for (int64_t unit = per_second / 10; count > 0; unit /= 10) {
    out += static_cast<char>('0' + count / unit);
    count %= unit;
  }
}

struct Civil {
  int64_t year;
  int month;
  int day;
};

// The proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
Civil CivilOf(int64_t days) {
  days += 719468;
  const int64_t era = FloorDivide(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;  // 0 = March
  const int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
  return {year, static_cast<int>(month < 10 ? month + 3 : month - 9),
          static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

void AppendCivil(std::string& out, int64_t days) {
  const Civil civil = CivilOf(days);
  const int64_t year = civil.year;
  fmt::format_to(std::back_inserter(out), "{}{:04}-{:02}-{:02}", year < 0 ? "-" : "", year < 0 ? -year : year,
                 civil.month, civil.day);
}

void AppendUnit(std::string& out, int64_t count, std::string_view unit) {
  if (count == 0) return;
  if (!out.empty() && out.back() != ' ') out += ' ';
  fmt::format_to(std::back_inserter(out), "{} {}{}", count, unit, count == 1 || count == -1 ? "" : "s");
}

}  // namespace

void AppendUint128(std::string& out, Uint128 value) {
  char digits[40];
  char* at = std::end(digits);
  do {
    *--at = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value > 0);
  out.append(at, std::end(digits));
}

void AppendInt128(std::string& out, Int128 value) {
  if (value < 0) out += '-';
  AppendUint128(out, value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value));
}

void AppendDecimal(std::string& out, Int128 unscaled, int scale) {
  if (unscaled < 0) out += '-';
  const size_t begin = out.size();
  AppendUint128(out, unscaled < 0 ? -static_cast<Uint128>(unscaled) : static_cast<Uint128>(unscaled));
  if (scale == 0) return;
  const auto digits = static_cast<size_t>(scale);
  const size_t length = out.size() - begin;
  if (length <= digits) out.insert(begin, digits + 1 - length, '0');
  out.insert(out.size() - digits, 1, '.');
}

void AppendFloat(std::string& out, float value) { AppendShortest(out, value); }
void AppendDouble(std::string& out, double value) { AppendShortest(out, value); }

void AppendDate(std::string& out, int32_t days) {
  constexpr int32_t kInfinity = std::numeric_limits<int32_t>::max();
  if (days == kInfinity || days == -kInfinity) {
    out += days < 0 ? "-infinity" : "infinity";
    return;
  }
  AppendCivil(out, days);
}

void AppendTimestamp(std::string& out, int64_t count, int64_t per_second, bool zone) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  if (count == kInfinity || count == -kInfinity) {
    out += count < 0 ? "-infinity" : "infinity";
    return;
  }
  const int64_t per_day = per_second * 86400;
  const int64_t days = FloorDivide(count, per_day);
  AppendCivil(out, days);
  out += 'T';
  // Not count - days * per_day: that product can be below the smallest integer.
  const int64_t rest = count % per_day;
  AppendTime(out, rest < 0 ? rest + per_day : rest, per_second);
  if (zone) out += 'Z';
}

void AppendTime(std::string& out, int64_t count, int64_t per_second) {
  const int64_t seconds = count / per_second;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  AppendFraction(out, count % per_second, per_second);
}

void AppendTimeZone(std::string& out, int32_t offset_seconds) {
  const int32_t size = std::abs(offset_seconds);
  fmt::format_to(std::back_inserter(out), "{}{:02}:{:02}", offset_seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  if (size % 60 != 0) fmt::format_to(std::back_inserter(out), ":{:02}", size % 60);
}

void AppendInterval(std::string& out, int32_t months, int32_t days, int64_t micros) {
  std::string text;
  AppendUnit(text, months / 12, "year");
  AppendUnit(text, months % 12, "month");
  AppendUnit(text, days, "day");
  if (micros != 0 || text.empty()) {
    if (!text.empty()) text += ' ';
    const uint64_t size = micros < 0 ? uint64_t{0} - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
    if (micros < 0) text += '-';
    const uint64_t seconds = size / 1'000'000;
    fmt::format_to(std::back_inserter(text), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    AppendFraction(text, static_cast<int64_t>(size % 1'000'000), 1'000'000);
  }
  out += text;
}

void AppendUuid(std::string& out, Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  const auto low = static_cast<uint64_t>(value);
  fmt::format_to(std::back_inserter(out), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                 high & 0xffff, low >> 48, low & 0xffff'ffff'ffff);
}

void AppendBits(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  const auto unused = static_cast<size_t>(bytes.front());
  for (size_t bit = unused; bit < (bytes.size() - 1) * 8; ++bit) {
    const auto byte = static_cast<unsigned char>(bytes[1 + bit / 8]);
    out += (byte >> (7 - bit % 8) & 1) != 0 ? '1' : '0';
  }
}

void AppendBase64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t held = std::min<size_t>(3, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < held ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (size_t i = 0; i < 4; ++i) out += i <= held ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
}

}  // namespace datahub::query
