#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "datahub/app/seeded_random.h"

namespace datahub::app {

// Times of seeded events: spread over `days` from 2026-01-01 on, in order, or each anywhere in them.
class EventClock {
 public:
  static constexpr size_t kTextBytes = 27;  // 2026-01-01T00:00:12.345678Z

  // 1 <= days <= kDaysMax.
  EventClock(uint64_t count, int days, bool shuffled);

  // Microseconds since the first midnight, of the event with this number.
  uint64_t TimeOf(uint64_t number, SeededRandom& random) const;
  // Writes kTextBytes; gives the place behind them.
  char* Write(uint64_t time_us, char* to) const;

  static constexpr int kDaysMax = 3650;

 private:
  uint64_t span_us_;
  uint64_t step_us_;  // between two events
  uint64_t count_;
  bool shuffled_;
};

}  // namespace datahub::app
