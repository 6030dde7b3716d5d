#include "datahub/query/watch.h"

#include <chrono>

#include <fmt/format.h>

namespace datahub::query {
namespace {

constexpr auto kAgainEvery = std::chrono::milliseconds(20);

}  // namespace

Watch::Watch(duckdb_connection connection, int64_t time_us_max) : connection_(connection), time_us_max_(time_us_max) {
  if (time_us_max_ == 0) return;
  thread_ = std::jthread([this](const std::stop_token& done) { Run(done); });
}

void Watch::Run(const std::stop_token& done) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(time_us_max_);
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, done, until, [] { return false; });
  while (!done.stop_requested()) {
    is_over_ = true;
    // Again and again: the next statement of a script, or of ours, begins anew.
    duckdb_interrupt(connection_);
    wake_.wait_for(lock, done, kAgainEvery, [] { return false; });
  }
}

std::optional<Error> Watch::ended() const {
  if (!is_over_) return std::nullopt;
  return Error{Code::kTimeout, fmt::format("query: it takes longer than the {} s it may; select less",
                                           static_cast<double>(time_us_max_) / 1e6)};
}

}  // namespace datahub::query
