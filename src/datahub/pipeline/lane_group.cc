#include "datahub/pipeline/lane_group.h"

#include <utility>

#include <fmt/format.h>

namespace datahub::pipeline {

LaneGroup::LaneGroup(const PipelineSpec& spec, storage::Store& store, const std::string& incarnation, int lanes,
                     RunTotals& totals)
    : files_max_(spec.table.files_max), slots_(static_cast<size_t>(lanes)) {
  for (Slot& slot : slots_) slot.lane = std::make_unique<Lane>(spec, store, incarnation, totals);
  if (slots_.size() == 1) return;
  for (Slot& slot : slots_) slot.thread = std::jthread([this, &slot] { Work(slot); });
}

LaneGroup::~LaneGroup() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_all();
}

void LaneGroup::Begin(const std::string& stem) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].lane->Begin(stem + "-" + std::to_string(i));
    slots_[i].encoded_bytes = 0;
    slots_[i].partitions_open = 0;
    slots_[i].files = 0;
  }
  encoded_bytes_ = 0;
  partitions_open_ = 0;
  files_ = 0;
  failure_.reset();
  sealed_.clear();
  ++batch_;
}

Result<void> LaneGroup::Feed(std::shared_ptr<const record::Chunk> chunk) {
  if (slots_.size() == 1) return Process(slots_[0], std::move(chunk));
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return failure_ || queue_.size() < kQueuedPerLane * slots_.size(); });
  if (failure_) return *failure_;
  queue_.push_back(std::move(chunk));
  work_.notify_one();
  return {};
}

Result<std::vector<ledger::DataFile>> LaneGroup::Close() {
  if (slots_.size() == 1) return slots_[0].lane->Seal();
  DH_TRY(WaitUntilIdle());
  {
    const std::lock_guard lock(mutex_);
    to_seal_ = slots_.size();
  }
  work_.notify_all();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return to_seal_ == 0 && busy_ == 0; });
  if (failure_) return *failure_;
  return std::move(sealed_);
}

void LaneGroup::Drop() {
  if (slots_.size() > 1) (void)WaitUntilIdle();
  for (Slot& slot : slots_) slot.lane->Drop();
}

Result<void> LaneGroup::WaitUntilIdle() {
  std::unique_lock lock(mutex_);
  if (failure_) queue_.clear();
  idle_.wait(lock, [&] { return busy_ == 0 && (queue_.empty() || failure_); });
  if (!failure_) return {};
  queue_.clear();
  return *failure_;
}

Result<void> LaneGroup::Process(Slot& slot, std::shared_ptr<const record::Chunk> chunk) {
  auto processed = slot.lane->Process(std::move(chunk));
  const uint64_t encoded = slot.lane->encoded_bytes();
  const size_t partitions = slot.lane->partitions_open();
  encoded_bytes_ += encoded - slot.encoded_bytes;
  partitions_open_ += partitions - slot.partitions_open;
  slot.encoded_bytes = encoded;
  slot.partitions_open = partitions;
  const size_t files = slot.lane->files();
  files_ += files - slot.files;
  slot.files = files;
  if (processed && this->files() > files_max_) {
    return Error{Code::kLimit,
                 fmt::format("a batch of more than {} files: partition by something coarser, or land fewer "
                             "records at a time",
                             files_max_)};
  }
  return processed;
}

// A lane seals once a batch, and only after every lane is idle.
void LaneGroup::Work(Slot& slot) {
  for (;;) {
    std::unique_lock lock(mutex_);
    // A writer that failed is spent: what is still queued is for nobody.
    const auto has_chunk = [&] { return !queue_.empty() && !failure_; };
    work_.wait(lock, [&] { return ending_ || has_chunk() || (to_seal_ > 0 && slot.sealed_batch != batch_); });
    if (ending_) return;
    ++busy_;
    if (has_chunk()) {
      std::shared_ptr<const record::Chunk> chunk = std::move(queue_.front());
      queue_.pop_front();
      idle_.notify_all();
      lock.unlock();
      auto processed = Process(slot, std::move(chunk));
      lock.lock();
      if (!processed && !failure_) failure_ = processed.error();
    } else {
      slot.sealed_batch = batch_;
      --to_seal_;
      lock.unlock();
      auto files = slot.lane->Seal();
      lock.lock();
      if (!files && !failure_) failure_ = files.error();
      if (files) sealed_.insert(sealed_.end(), files->begin(), files->end());
    }
    --busy_;
    idle_.notify_all();
  }
}

}  // namespace datahub::pipeline
