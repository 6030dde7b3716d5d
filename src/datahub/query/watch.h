#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include <duckdb.h>

#include "datahub/base/result.h"

namespace datahub::query {

// Interrupts what a connection runs when its time is over.
//
// Threads  one of its own, as long as it lives; none when there is nothing to watch
// Owns     nothing by reference: the connection must outlive it
class Watch {
 public:
  // `time_us_max` 0: never.
  Watch(duckdb_connection connection, int64_t time_us_max);

  // Timeout; nothing when it was not interrupted.
  std::optional<Error> ended() const;

 private:
  void Run(const std::stop_token& done);

  const duckdb_connection connection_;
  const int64_t time_us_max_;
  std::atomic<bool> is_over_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all
};

}  // namespace datahub::query
