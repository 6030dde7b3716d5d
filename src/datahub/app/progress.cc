#include "datahub/app/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "datahub/app/listing.h"
#include "datahub/base/clock.h"

namespace datahub::app {
namespace {

constexpr int kBarCells = 24;

}  // namespace

Progress::Progress(const pipeline::RunTotals& totals, bool quiet)
    : totals_(totals), shown_(!quiet && ::isatty(STDERR_FILENO) == 1), start_us_(clock::MonotonicUs()) {}

Progress::~Progress() { End(); }

void Progress::Begin(const pipeline::Pipeline& pipeline) {
  if (!shown_) return;
  name_ = pipeline.spec().name.c_str();
  bytes_ahead_ = totals_.bytes + pipeline.bytes_ahead();
  running_ = true;
  thread_ = std::thread([this] { Loop(); });
}

void Progress::End() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  ended_.notify_all();
  thread_.join();
  std::fputs("\r\033[K", stderr);
}

void Progress::Loop() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(250), [&] { return !running_; })) Draw();
}

void Progress::Draw() const {
  const double seconds = std::max(1e-3, static_cast<double>(clock::MonotonicUs() - start_us_) / 1e6);
  const double part =
      bytes_ahead_ == 0 ? 0 : std::min(1.0, static_cast<double>(totals_.bytes) / static_cast<double>(bytes_ahead_));
  const int filled = static_cast<int>(part * kBarCells);
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {} rows/s  {}/s  {} rejected", name_, "", filled, "",
             kBarCells - filled, HumanCount(static_cast<uint64_t>(static_cast<double>(totals_.records) / seconds)),
             HumanBytes(static_cast<uint64_t>(static_cast<double>(totals_.bytes) / seconds)),
             HumanCount(totals_.rejected));
  std::fflush(stderr);
}

}  // namespace datahub::app
