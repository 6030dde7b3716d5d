#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "datahub/pipeline/pipeline.h"

namespace datahub::app {

// A line on a terminal's stderr, four times a second: rows/s, MB/s, rejected. Nothing where nobody looks.
class Progress {
 public:
  Progress(const pipeline::RunTotals& totals, bool quiet);
  ~Progress();

  // Between Begin and End the pipeline runs and is looked at.
  void Begin(const pipeline::Pipeline& pipeline);
  void End();

 private:
  void Loop();
  void Draw() const;

  const pipeline::RunTotals& totals_;
  const bool shown_;
  int64_t start_us_ = 0;
  uint64_t bytes_ahead_ = 0;
  const char* name_ = "";

  std::mutex mutex_;
  std::condition_variable ended_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace datahub::app
