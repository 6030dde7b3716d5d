#include "datahub/base/crash_point.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace datahub {
namespace {

struct Trap {
  std::string name;
  int signal = 0;
  std::atomic<long> left{0};

  Trap() {
    if (const char* at = std::getenv("DATAHUB_CRASH_AT")) Set(at, SIGKILL);
    if (const char* at = std::getenv("DATAHUB_STOP_AT")) Set(at, SIGSTOP);
  }

  void Set(std::string at, int with) {
    const size_t colon = at.rfind(':');
    left = colon == std::string::npos ? 1 : std::strtol(at.c_str() + colon + 1, nullptr, 10);
    name = at.substr(0, colon);
    signal = with;
  }
};

}  // namespace

void CrashPoint(std::string_view name) {
  static Trap trap;
  if (trap.signal == 0 || trap.name != name) return;
  if (trap.left.fetch_sub(1) == 1) ::kill(::getpid(), trap.signal);
}

}  // namespace datahub
