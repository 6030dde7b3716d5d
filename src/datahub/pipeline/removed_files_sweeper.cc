#include "datahub/pipeline/removed_files_sweeper.h"

#include <algorithm>
#include <chrono>

#include "datahub/base/clock.h"
#include "datahub/base/log.h"

namespace datahub::pipeline {
namespace {

// A file stays at most so much longer than it has to.
constexpr int64_t kShortestPauseUs = 100'000;
constexpr int64_t kLongestPauseUs = 60'000'000;

}  // namespace

RemovedFilesSweeper::RemovedFilesSweeper(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine,
                                         int64_t reader_grace_us)
    : committer_(store, ledger, mine),
      reader_grace_us_(reader_grace_us),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void RemovedFilesSweeper::Run(const std::stop_token& stop) {
  const std::chrono::microseconds pause(std::clamp(reader_grace_us_ / 10, kShortestPauseUs, kLongestPauseUs));
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      ending_.wait_for(lock, stop, pause, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const Result<size_t> deleted = committer_.DeleteRemoved(clock::NowUs() - reader_grace_us_);
    if (deleted) continue;
    if (deleted.error().code == Code::kFenced) return;  // its successor does
    log::Warn("removed files are still in their folders: {}", deleted.error().message);
  }
}

}  // namespace datahub::pipeline
