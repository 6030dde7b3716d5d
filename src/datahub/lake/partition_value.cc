#include "datahub/lake/partition_value.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

namespace datahub::lake {
namespace {

constexpr int64_t kFirstDay = -719528;  // 0000-01-01
constexpr int64_t kLastDay = 2932896;   // 9999-12-31
constexpr int64_t kFirstMonth = -1970 * 12;
constexpr int64_t kLastMonth = (10000 - 1970) * 12 - 1;

constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> escaped{};
  for (int c = 0; c < ' '; ++c) escaped[c] = true;
  for (const char c : std::string_view("\"#%'*/:=?\\\x7f{[]^")) escaped[static_cast<unsigned char>(c)] = true;
  return escaped;
}();

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::chrono::year_month_day CivilOf(int64_t day) {
  return std::chrono::sys_days(std::chrono::days(static_cast<int>(day)));
}

PartitionValue OutOfYears() { return {{}, "its year is not within 0000 to 9999"}; }

PartitionValue DayText(int64_t day) {
  if (day < kFirstDay || day > kLastDay) return OutOfYears();
  const std::chrono::year_month_day civil = CivilOf(day);
  return {fmt::format("{:04}-{:02}-{:02}", static_cast<int>(civil.year()), static_cast<unsigned>(civil.month()),
                      static_cast<unsigned>(civil.day())),
          {}};
}

PartitionValue HourText(int64_t hour) {
  const int64_t day = FloorDivide(hour, 24);
  PartitionValue value = DayText(day);
  if (value.problem.empty()) value.text += fmt::format("-{:02}", hour - day * 24);
  return value;
}

PartitionValue MonthText(int64_t month) {
  if (month < kFirstMonth || month > kLastMonth) return OutOfYears();
  const int64_t year = FloorDivide(month, 12);
  return {fmt::format("{:04}-{:02}", year + 1970, month - year * 12 + 1), {}};
}

}  // namespace

std::string EscapePartitionValue(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  escaped.reserve(value.size());
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (!kEscaped[byte]) {
      escaped += c;
      continue;
    }
    escaped += '%';
    escaped += kDigits[byte >> 4];
    escaped += kDigits[byte & 15];
  }
  return escaped;
}

PartitionValue StringPartitionValue(std::string_view value) {
  if (value.empty()) return {{}, "it is empty, which Hive reads as null"};
  if (value == kNullPartition)
    return {{}, fmt::format("it is spelled {}, which is how Hive writes null", kNullPartition)};
  // An encoded byte takes three; no need to encode what is too long anyhow.
  std::string text = value.size() <= kPartitionValueBytesMax ? EscapePartitionValue(value) : std::string();
  if (text.empty() || text.size() > kPartitionValueBytesMax) {
    return {{},
            fmt::format("it takes {} bytes in a path, {} are the limit", text.empty() ? value.size() : text.size(),
                        kPartitionValueBytesMax)};
  }
  return {std::move(text), {}};
}

PartitionValue BucketPartitionValue(Transform transform, record::Kind kind, int64_t bucket) {
  switch (transform) {
    case Transform::kHour:
      return HourText(bucket);
    case Transform::kDay:
      return DayText(bucket);
    case Transform::kMonth:
      return MonthText(bucket);
    case Transform::kIdentity:
      break;
  }
  if (kind == record::Kind::kDate) return DayText(bucket);
  if (kind == record::Kind::kBool) return {bucket != 0 ? "true" : "false", {}};
  return {fmt::format("{}", bucket), {}};
}

int64_t MonthOfDay(int64_t day) {
  if (day < kFirstDay || day > kLastDay) return kNoMonth;
  const std::chrono::year_month_day civil = CivilOf(day);
  return (static_cast<int>(civil.year()) - 1970) * int64_t{12} + static_cast<unsigned>(civil.month()) - 1;
}

}  // namespace datahub::lake
