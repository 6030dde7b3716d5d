#include "datahub/source/files/settings.h"

#include <fmt/format.h>

#include <utility>

#include "datahub/base/units.h"

namespace datahub::source::files {

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

  const std::string_view follow = spec.Option("follow_links");
  if (!follow.empty() && follow != "true" && follow != "false") {
    return wrong(fmt::format("follow_links '{}' is not true or false", follow));
  }
  std::vector<std::string> folders;
  for (const Pattern& pattern : settings.patterns) folders.push_back(pattern.folder());
  settings.access = FileAccess(std::move(folders), follow == "true");

  if (const std::string_view text = spec.Option("complete_after"); !text.empty()) {
    const Result<int64_t> duration = ParseDurationUs(text);
    if (!duration) return wrong("complete_after: " + duration.error().message);
    settings.complete_after_us = *duration;
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
