#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "datahub/base/fault.h"
#include "datahub/base/result.h"
#include "datahub/intake/frame.h"
#include "datahub/intake/key_table.h"
#include "datahub/intake/post.h"
#include "datahub/intake/segment_files.h"

namespace datahub::intake {

struct LogOptions {
  uint64_t segment_bytes = 64u << 20;
  uint64_t log_bytes_max = uint64_t(4) << 30;           // of entries that not every reader is done with
  int64_t age_us_max = int64_t(72) * 3600 * 1'000'000;  // of the oldest of them
  size_t keys_max = 10'000'000;                         // Idempotency-Keys kept
  uint64_t key_seconds = 24 * 3600;                     // for so long
  int64_t retry_us = 250'000;                           // how often what the disk refuses is tried again
  std::function<void()> ended;                          // called once, when failure() is set
  FaultPlan* faults = nullptr;                          // tests make calls fail
};

// One post under way; its owner keeps it until it is handed back.
struct Ticket {
  Ticket* next = nullptr;
  std::optional<Hash128> repeats;   // its key was posted before with the same body: nothing of it is written again
  Result<uint64_t> end_offset = 0;  // where the log's stream stands behind the post: readers past it have seen it
};

// What a process looks at while the log works.
struct LogTotals {
  std::atomic<uint64_t> posts{0};
  std::atomic<uint64_t> bytes{0};  // of entries
  std::atomic<uint64_t> frames{0};
  std::atomic<uint64_t> syncs_us{0};  // time in writing and syncing frames
};

// Pushed records become durable here before they are acknowledged.
//
//   Append -> frame being filled -> { write, sync } -> completed(tickets)
//
// All posts that wait while one frame is written share the next: one write and one sync. One frame is in flight.
//
// Durable  a ticket without error is on disk; after a power loss it is read again
// Memory   the frame in flight and the one being filled, each less than a segment
// Limits   log_bytes_max, age_us_max: Append returns Limit until readers have gone on
// Keys     a post whose Idempotency-Key was posted to the source before is answered like the first and not taken again;
//          AlreadyExists when the body was another. Keys outlive their posts, in files of their own
// Errors   Limit · DiskFull, Unavailable (see trouble(): it goes on by itself when the disk does) · InvalidInput (the post
//          is larger than a segment) · Fenced, Corruption (a sync failed): nothing more is accepted, the process is to
//          end (see failure()) · ShuttingDown
// Threads  any; `completed` is called by the log's thread
class Log {
 public:
  using Completed = std::function<void(Ticket* first)>;  // linked by Ticket::next

  // Recovers `folder` and begins to write. Every entry that is there is shown to `entry`, if any, before it returns.
  static Result<std::unique_ptr<Log>> Open(const std::string& folder, const LogOptions& options, Completed completed,
                                           const std::function<void(const Entry&)>& entry = {});
  ~Log();

  // Success: `ticket` comes back through `completed`. Otherwise it does not, and nothing was taken.
  Result<void> Append(const Post& post, Ticket& ticket);
  // What was taken is completed; later Appends are refused.
  void Stop();

  uint64_t id() const { return id_; }
  // Everything before this offset is durable.
  uint64_t durable_end() const { return durable_end_.load(std::memory_order_acquire); }
  uint64_t begin_offset() const;
  // Until there is more than `beyond`, or Stop(), or the time has passed; whether there is more.
  bool WaitFor(uint64_t beyond, int64_t timeout_us) const;
  // The segment whose entries hold `offset` (or the last). NotFound when readers were done with it and it is gone.
  Result<std::shared_ptr<const Segment>> SegmentOf(uint64_t offset) const;

  // Entries behind the slowest reader's position are forgotten, a segment at a time. Until a name has released something
  // its position is the log's beginning. Register before posts come.
  void Register(const std::string& reader, uint64_t position);
  void Release(const std::string& reader, uint64_t position);

  // What the reader released last; 0 when it never did.
  uint64_t released(std::string_view reader) const;

  const LogTotals& totals() const { return totals_; }
  uint64_t waiting_bytes() const;  // not released by the slowest reader

  // Why nothing more is ever accepted by this process.
  std::optional<Error> failure() const;
  // That, or what the disk refuses and is tried again until it works: writing, making room, removing what all have read.
  std::optional<Error> trouble() const;

 private:
  Log(const LogOptions& options, Completed completed) : options_(options), completed_(std::move(completed)) {}

  void WriteFrames();
  Result<void> WriteFrame(FrameBuilder& frame, uint64_t* end_offset);
  Result<void> NextSegment();
  Result<void> Repair();
  void FailLocked(Error error);
  void NoteLocked(const Result<void>& tried, std::string_view what, std::optional<Error>& trouble);
  Result<bool> LookUpKeyLocked(const Post& post, Ticket& ticket);
  void SettleKeysLocked(const std::vector<std::pair<Hash128, uint64_t>>& keys, uint64_t begin, bool durable);
  void SettleRepeatsLocked(Ticket* tickets);
  Result<void> LoadKeys(const std::vector<std::string>& files);
  Result<void> KeepKeys(const Segment& segment);
  void KeepSegments();
  bool MayForgetLocked() const;
  Result<void> Forget();
  uint64_t SlowestLocked() const;
  Result<void> CheckRoomLocked(size_t bytes);

  const LogOptions options_;
  const Completed completed_;
  std::unique_ptr<SegmentFiles> files_;
  uint64_t id_ = 0;
  LogTotals totals_;

  // The writing thread's.
  uint64_t next_sequence_ = 1;
  uint32_t next_block_ = kFirstFrameBlock;
  FrameBuilder writing_;
  uint32_t torn_blocks_ = 0;               // behind next_block_: a write failed, what they hold is not known
  bool segment_due_ = false;               // the next one could not be begun
  std::atomic<uint64_t> blocks_left_ = 0;  // in the segment being written

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable keeper_;
  std::condition_variable spare_ready_;
  mutable std::condition_variable durable_;
  std::atomic<uint64_t> durable_end_ = 0;
  FrameBuilder filling_;
  std::vector<std::pair<Hash128, uint64_t>> filling_keys_;  // and where in the frame their posts end
  KeyTable keys_;
  Ticket* first_waiting_ = nullptr;
  Ticket* last_waiting_ = nullptr;
  std::optional<Error> failure_;         // nothing more is accepted
  std::optional<Error> write_trouble_;   // until Repair() works
  std::optional<Error> spare_trouble_;   // until a spare could be made
  std::optional<Error> forget_trouble_;  // until the oldest segment could be removed
  bool spare_wanted_ = true;
  bool stopping_ = false;
  bool writer_done_ = false;
  std::deque<std::shared_ptr<Segment>> segments_;
  std::map<std::string, uint64_t, std::less<>> readers_;
  struct Mark {
    uint64_t offset;
    int64_t at_us;
  };
  std::deque<Mark> marks_;  // when the stream passed an offset, about one a second

  // The keeper's.
  std::string key_file_;  // the newest, which grows
  std::vector<PostedKey> key_file_keys_;
  std::vector<std::pair<std::string, uint64_t>> key_files_;  // older ones, and when their newest key was posted

  std::jthread keeper_thread_;
  std::jthread writer_thread_;
};

}  // namespace datahub::intake
