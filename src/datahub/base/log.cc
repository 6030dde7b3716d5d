#include "datahub/base/log.h"

#include <atomic>
#include <cstdio>
#include <string>

#include <unistd.h>

namespace datahub::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};

std::string_view Prefix(Level level) {
  switch (level) {
    case Level::kError:
      return "error: ";
    case Level::kWarn:
      return "warning: ";
    case Level::kInfo:
      return "";
    case Level::kDebug:
      return "debug: ";
  }
  return "";
}

}  // namespace

void SetLevel(Level level) { g_level = level; }
bool Enabled(Level level) { return level <= g_level.load(std::memory_order_relaxed); }

// One write a line, so that lines of threads do not mix.
void Write(Level level, std::string_view line) {
  if (!Enabled(level)) return;
  std::string out(Prefix(level));
  out.append(line).push_back('\n');
  (void)!::write(STDERR_FILENO, out.data(), out.size());
}

}  // namespace datahub::log
