#include "datahub/source/files/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

namespace datahub::source::files {
namespace {

struct Unit {
  std::string_view name;
  int64_t us;
};
constexpr Unit kUnits[] = {
    {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};

// "30s"; nothing when it is none.
std::optional<int64_t> DurationUs(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string_view name = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    if (unit.name == name && count <= std::numeric_limits<int64_t>::max() / unit.us) return count * unit.us;
  }
  return std::nullopt;
}

}  // namespace

Result<Settings> Settings::From(const SourceSpec& spec) {
  const auto wrong = [&](const std::string& why) {
    return Error{Code::kInvalidInput, fmt::format("source {}: {}", spec.name, why)};
  };
  Settings settings;
  settings.source = spec.name;
  settings.base_folder = spec.base_folder;
  while (settings.base_folder.ends_with('/')) settings.base_folder.pop_back();
  if (!spec.base_folder.starts_with('/')) {
    return wrong(fmt::format("its base folder '{}' is not absolute", spec.base_folder));
  }

  if (const auto paths = spec.options.find("path"); paths != spec.options.end()) {
    for (const std::string& text : paths->second) {
      Result<Pattern> pattern = Pattern::Parse(text, settings.base_folder);
      if (!pattern) return wrong(pattern.error().message);
      settings.patterns.push_back(*std::move(pattern));
    }
  }
  if (settings.patterns.empty()) return wrong("it has no path; give one like ./inbox/*.ndjson");

  if (const std::string_view text = spec.Option("complete_after"); !text.empty()) {
    settings.complete_after_us = DurationUs(text);
    if (!settings.complete_after_us) {
      return wrong(fmt::format("complete_after '{}' is not a duration like 500ms, 30s, 5m, 1h or 7d", text));
    }
  }
  const std::string_view format = spec.Option("format");
  if (!format.empty() && format != "auto" && format != "ndjson") {
    return wrong(
        fmt::format("format '{}' is not known; it is auto (NDJSON or JSON arrays by content) or ndjson", format));
  }
  settings.lines_only = format == "ndjson";
  return settings;
}

}  // namespace datahub::source::files
