#include "datahub/source/files/rotation.h"

#include <algorithm>
#include <charconv>

namespace datahub::source::files {
namespace {

constexpr size_t kNumberDigitsMax = 9;

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// 20260131, 2026-01-31, and what a time adds: 20260131-1769817600, 2026-01-31T23:00:00.
bool IsDate(std::string_view text) {
  int digits[8];
  size_t at = 0;
  for (int i = 0; i < 8; ++i) {
    if ((i == 4 || i == 6) && at < text.size() && text[at] == '-') ++at;
    if (at == text.size() || !IsDigit(text[at])) return false;
    digits[i] = text[at++] - '0';
  }
  const int month = digits[4] * 10 + digits[5];
  const int day = digits[6] * 10 + digits[7];
  const auto in_time = [](char byte) { return IsDigit(byte) || std::string_view("-_T:").contains(byte); };
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && std::ranges::all_of(text.substr(at), in_time);
}

}  // namespace

RotatedName RotatedName::Of(std::string_view name) {
  RotatedName rotated{.stem = name, .number = {}};
  std::string_view& stem = rotated.stem;
  for (const std::string_view suffix : {".gz", ".zst"}) {
    if (!stem.ends_with(suffix)) continue;
    stem.remove_suffix(suffix.size());
    rotated.compressed = true;
    break;
  }
  const size_t dot = stem.rfind('.');
  if (dot != std::string_view::npos && dot > 0) {
    const std::string_view digits = stem.substr(dot + 1);
    uint64_t number = 0;
    const bool whole = !digits.empty() && digits.size() <= kNumberDigitsMax && std::ranges::all_of(digits, IsDigit);
    if (whole && std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc()) {
      rotated.number = number;
      stem.remove_suffix(digits.size() + 1);
    }
  }
  const size_t folder = stem.rfind('/') + 1;  // 0 when there is none
  for (size_t dash = stem.find('-', folder); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    if (dash == folder || !IsDate(stem.substr(dash + 1))) continue;
    rotated.date = stem.substr(dash + 1);
    stem = stem.substr(0, dash);
    break;
  }
  return rotated;
}

bool IsRotationOf(std::string_view name, std::string_view before) {
  const RotatedName now = RotatedName::Of(name);
  const RotatedName then = RotatedName::Of(before);
  if (now.stem == before) return name != before;  // also of a name that looks rotated itself
  if (now.stem != then.stem || name == before || (then.compressed && !now.compressed)) return false;
  if (now.date != then.date) return then.date.empty() && !then.number;
  if (now.number == then.number) return now.compressed && !then.compressed;
  if (!now.number) return false;
  if (!then.number) return true;
  return now.compressed ? *now.number > *then.number : *now.number == *then.number + 1;
}

}  // namespace datahub::source::files
