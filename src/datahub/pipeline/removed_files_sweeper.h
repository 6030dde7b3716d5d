#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

#include "datahub/pipeline/committer.h"

namespace datahub::pipeline {

// While a server runs, deletes the files that commits removed once their readers' time (`reader_grace_us`) has passed: until
// then whoever reads by folder sees them beside what replaced them. A start does the same (Committer::Recover).
//
// Errors   what cannot be deleted is warned of, stays noted, and is tried again
// Threads  one of its own; ends with the object
// Owns     nothing by reference: store and ledger must outlive it
class RemovedFilesSweeper {
 public:
  RemovedFilesSweeper(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine,
                      int64_t reader_grace_us);

 private:
  void Run(const std::stop_token& stop);

  Committer committer_;
  const int64_t reader_grace_us_;
  std::mutex mutex_;
  std::condition_variable_any ending_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace datahub::pipeline
