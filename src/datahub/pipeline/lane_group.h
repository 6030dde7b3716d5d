#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/pipeline/lane.h"
#include "datahub/record/chunk.h"

namespace datahub::pipeline {

// The lanes of a pipeline, fed in order and stopped together at a batch's end, so that a batch is always a prefix of what
// was read. One lane works on the caller's thread; with more, each has a thread and they share one bounded queue.
//
//   Begin -> { Feed(chunk) }* -> Close -> all files
//
// Errors   the first error of a lane ends the batch: Feed and Close return it, Drop() forgets the rest. Limit: it would have
//          more files than a commit may
// Threads  one thread calls; lane threads live as long as this
class LaneGroup {
 public:
  LaneGroup(const PipelineSpec& spec, storage::Store& store, const std::string& incarnation, int lanes,
            RunTotals& totals);
  ~LaneGroup();

  void Begin(const std::string& stem);
  Result<void> Feed(std::shared_ptr<const record::Chunk> chunk);
  Result<std::vector<ledger::DataFile>> Close();
  void Drop();

  uint64_t encoded_bytes() const { return encoded_bytes_.load(std::memory_order_relaxed); }
  size_t partitions_open() const { return partitions_open_.load(std::memory_order_relaxed); }
  size_t files() const { return files_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::unique_ptr<Lane> lane;
    uint64_t encoded_bytes = 0;
    size_t partitions_open = 0;
    size_t files = 0;
    uint64_t sealed_batch = 0;
    std::jthread thread;
  };

  void Work(Slot& slot);
  Result<void> Process(Slot& slot, std::shared_ptr<const record::Chunk> chunk);
  Result<void> WaitUntilIdle();

  static constexpr size_t kQueuedPerLane = 2;

  const size_t files_max_;  // of a batch, of all lanes

  std::atomic<uint64_t> encoded_bytes_{0};
  std::atomic<size_t> partitions_open_{0};
  std::atomic<size_t> files_{0};

  std::mutex mutex_;
  std::condition_variable work_;  // something to do, or the end
  std::condition_variable idle_;  // a place in the queue, or nothing left
  std::deque<std::shared_ptr<const record::Chunk>> queue_;
  size_t busy_ = 0;
  uint64_t batch_ = 0;  // counts Begin()
  size_t to_seal_ = 0;  // lanes that have not sealed this batch yet
  bool ending_ = false;
  std::vector<ledger::DataFile> sealed_;
  std::optional<Error> failure_;

  std::vector<Slot> slots_;  // last: their threads end before what they use
};

}  // namespace datahub::pipeline
