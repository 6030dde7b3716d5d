#pragma once

#include <string_view>

#include <fmt/format.h>

namespace datahub::log {

enum class Level { kError, kWarn, kInfo, kDebug };

// Lines on stderr; results never go here. Set once, before threads start: -q leaves errors, -v adds debug.
void SetLevel(Level level);
void Write(Level level, std::string_view line);
bool Enabled(Level level);

template <class... Args>
void Error(fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Warn(fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kWarn)) Write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Debug(fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace datahub::log
