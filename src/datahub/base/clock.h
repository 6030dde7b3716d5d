#pragma once

#include <cstdint>
#include <string>

namespace datahub::clock {

int64_t NowUs();        // microseconds UTC: for people and for received-at; never decides order
int64_t MonotonicUs();  // for ages and durations

// "2026-01-01T00:00:00.000000Z"
std::string ToIso(int64_t us);

}  // namespace datahub::clock
