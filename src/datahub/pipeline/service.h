#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/pipeline/pipeline.h"
#include "datahub/storage/store.h"

namespace datahub::pipeline {

// How a pipeline of a service is, at one moment.
struct PipelineState {
  std::string name;
  std::string state;    // "starting", "running", "retrying", "stopped"
  std::string failure;  // why it does not run, or what it last met; empty: nothing
  int64_t failed_at_us = 0;
  uint64_t failures = 0;
  uint64_t bytes_ahead = 0;  // that its sources know to lie ahead
  const RunTotals* totals = nullptr;
};

// Pipelines that go on until they are told to end, each in a thread of its own. One that fails is tried again, with growing
// pauses, and keeps no other from working.
//
// Errors   Fenced and Corruption end all: see failure()
// Threads  any, but Start and Drain one
// Owns     nothing by reference: store and ledger must outlive it
class Service {
 public:
  // Called by a pipeline's thread behind each commit, and where it learns how far it is.
  using Landed = std::function<void()>;
  // Called once when the service ends by itself.
  using Ended = std::function<void()>;

  Service(std::vector<PipelineSpec> specs, storage::Store& store, ledger::Ledger& ledger,
          const ledger::Incarnation& incarnation, const RunOptions& options, Landed landed, Ended ended);
  ~Service();

  void Start();
  // There may be something to read for everybody.
  void Wake();
  // What is there for this source is landed soon. False when no pipeline reads it.
  bool Flush(const std::string& source);
  // Does something with a pipeline between two of its batches, in its thread, and waits for it. Unavailable when it does
  // not run now, NotFound when there is none of this name.
  using Task = std::function<Result<void>(Pipeline& pipeline)>;
  Result<void> Do(const std::string& pipeline, const Task& task);
  // Reads and lands what is there by now and ends; after `grace_us` what is being read is landed and no more.
  void Drain(int64_t grace_us);

  std::vector<PipelineState> States() const;
  // What ended it; nothing while it works or when it was told to.
  std::optional<Error> failure() const;

 private:
  struct One;
  void Run(One& one);
  bool Pause(int64_t us);
  bool RunTask(One& one);

  ledger::Ledger& ledger_;
  const Landed landed_;
  const Ended ended_;
  std::atomic<bool> drain_ = false;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::condition_variable ending_;
  std::condition_variable one_ended_;
  size_t running_ = 0;
  std::optional<Error> failure_;
  std::vector<std::unique_ptr<One>> pipelines_;
};

}  // namespace datahub::pipeline
