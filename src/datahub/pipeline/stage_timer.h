#pragma once

#include <atomic>
#include <cstdint>

#include "datahub/base/clock.h"

namespace datahub::pipeline {

// Adds the time from its birth to its end to a stage's sum.
class StageTimer {
 public:
  explicit StageTimer(std::atomic<int64_t>& sum) : sum_(sum), start_us_(clock::MonotonicUs()) {}
  ~StageTimer() { sum_.fetch_add(clock::MonotonicUs() - start_us_, std::memory_order_relaxed); }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  std::atomic<int64_t>& sum_;
  const int64_t start_us_;
};

}  // namespace datahub::pipeline
