#include "datahub/query/watch.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace datahub::query {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(20);

}  // namespace

Watch::Watch(duckdb_connection connection, int64_t time_us_max, std::stop_token stop)
    : connection_(connection), time_us_max_(time_us_max), stop_(std::move(stop)) {
  if (time_us_max_ == 0 && !stop_.stop_possible()) return;
  thread_ = std::jthread([this](const std::stop_token& done) { Run(done); });
}

void Watch::Run(const std::stop_token& done) {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!done.stop_requested()) {
    if (stop_.stop_requested()) ended_ = Ended::kByStop;
    if (time_us_max_ > 0 && std::chrono::steady_clock::now() - begin > std::chrono::microseconds(time_us_max_) &&
        ended_ == Ended::kNot) {
      ended_ = Ended::kByTime;
    }
    // Again and again: the next statement of a script, or of ours, begins anew.
    if (ended_ != Ended::kNot) duckdb_interrupt(connection_);
    wake_.wait_for(lock, done, kLookEvery, [] { return false; });
  }
}

std::optional<Error> Watch::ended() const {
  switch (ended_.load()) {
    case Ended::kByTime:
      return Error{Code::kTimeout, fmt::format("query: it takes longer than the {} s it may; select less",
                                               static_cast<double>(time_us_max_) / 1e6)};
    case Ended::kByStop:
      return Error{Code::kShuttingDown, "query: the server is stopping"};
    case Ended::kNot:
      break;
  }
  return std::nullopt;
}

}  // namespace datahub::query
