#include "datahub/base/units.h"

#include <charconv>
#include <limits>
#include <span>
#include <string>

#include <fmt/format.h>

namespace datahub {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

constexpr int64_t kSecondUs = 1'000'000;

constexpr Unit kByteUnits[] = {
    {"", 1},
    {"B", 1},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"KiB", int64_t(1) << 10},
    {"MiB", int64_t(1) << 20},
    {"GiB", int64_t(1) << 30},
    {"TiB", int64_t(1) << 40},
};
constexpr Unit kDurationUnits[] = {
    {"us", 1},
    {"ms", 1'000},
    {"s", kSecondUs},
    {"m", 60 * kSecondUs},
    {"h", 3'600 * kSecondUs},
    {"d", 86'400 * kSecondUs},
};

Error Wrong(std::string_view text, std::string_view why) {
  return Error{Code::kInvalidInput, fmt::format("'{}' {}", text, why)};
}

Result<int64_t> Parse(std::string_view text, std::span<const Unit> units, std::string_view expected) {
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc::result_out_of_range) return Wrong(text, "is too large");
  if (error != std::errc() || text.starts_with('-')) return Wrong(text, expected);
  std::string_view name(rest, static_cast<size_t>(end - rest));
  if (name.size() > 1 && name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (count > std::numeric_limits<int64_t>::max() / unit.factor) return Wrong(text, "is too large");
    return count * unit.factor;
  }
  return Wrong(text, expected);
}

}  // namespace

Result<uint64_t> ParseBytes(std::string_view text) {
  const int64_t bytes = DH_TRY(Parse(text, kByteUnits, "is not a size like 64KiB, 128MiB, 1GB or 4096"));
  return static_cast<uint64_t>(bytes);
}

Result<int64_t> ParseDurationUs(std::string_view text) {
  return Parse(text, kDurationUnits, "is not a duration like 500ms, 30s, 5m, 1h or 7d");
}

}  // namespace datahub
