#include "datahub/base/clock.h"

#include <ctime>

#include <fmt/format.h>

namespace datahub::clock {
namespace {

int64_t Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return int64_t(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

int64_t NowUs() { return Read(CLOCK_REALTIME); }
int64_t MonotonicUs() { return Read(CLOCK_MONOTONIC); }

std::string ToIso(int64_t us) {
  int64_t seconds = us / 1'000'000;
  int64_t micros = us % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    --seconds;
  }
  const time_t when = seconds;
  tm utc{};
  gmtime_r(&when, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
}

}  // namespace datahub::clock
