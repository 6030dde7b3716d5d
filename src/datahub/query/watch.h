#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <duckdb.h>

#include "datahub/base/result.h"

namespace datahub::query {

// Interrupts what a connection runs when its time is over or somebody asks for it.
//
// Threads  one of its own, as long as it lives; none when there is nothing to watch
// Owns     nothing by reference: the connection must outlive it
class Watch {
 public:
  Watch(duckdb_connection connection, int64_t time_us_max, std::stop_token stop);

  // Why it was interrupted: Timeout or ShuttingDown; nothing when it was not.
  std::optional<Error> ended() const;

 private:
  enum class Ended { kNot, kByTime, kByStop };
  void Run(const std::stop_token& done);

  const duckdb_connection connection_;
  const int64_t time_us_max_;
  const std::stop_token stop_;
  std::atomic<Ended> ended_ = Ended::kNot;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all
};

}  // namespace datahub::query
