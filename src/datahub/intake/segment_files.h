#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/fault.h"
#include "datahub/base/result.h"
#include "datahub/intake/segment.h"
#include "datahub/storage/posix_file.h"

namespace datahub::intake {

// A segment's open file; whoever reads holds it, also after the log has let go of it.
struct Segment {
  storage::PosixFile file;
  SegmentHeader header;
  bool has_keys = false;  // posts with an Idempotency-Key are in it
};

// The files of a log, and who may write them:
//
//   <folder>/log-<n>/00000000000000000001.log …    a row without gaps, the last one is written
//                    spare.tmp                     zeros, to become the next
//
// Each Open renames log-<n> to log-<n+1> before it looks: a process that was taken for dead finds its files moved away
// after its next sync, before it acknowledges anything (Segment::file.IsStillThere).
//
// Durable  a segment is linked, its folder synced, before Activate returns
// Threads  PrepareSpare, WriteZeros and Remove in one thread, Activate in another; the caller keeps the list
class SegmentFiles {
 public:
  struct Opened {
    std::unique_ptr<SegmentFiles> files;
    std::vector<std::shared_ptr<Segment>> segments;  // by offset; the last is to be written on
    std::vector<std::string> key_files;              // names
    uint64_t next_sequence = 1;
    uint64_t end_offset = 0;
    uint32_t next_block = kFirstFrameBlock;
    std::optional<std::string> torn;
  };
  // Makes the log when there is none. Every frame that is there is checked, shown to `frame` and durable afterwards, in a
  // copy of the last segment; what was torn is dropped. Corruption names file and offset.
  static Result<Opened> Open(const std::string& folder, uint64_t segment_bytes, FaultPlan* faults,
                             const std::function<Result<void>(const ScannedFrame&)>& frame);

  // A file of zeros; success when there is one. DiskFull leaves none.
  Result<void> PrepareSpare(uint64_t segment_bytes);
  // Overwriting what was written costs less a sync than writing where room was only reserved, so the spare's zeros are
  // written as long as it waits: a piece each call. False: there is nothing more to do.
  bool WriteZeros();
  // The spare becomes the next segment; may be tried again. NotFound when there is none.
  Result<std::shared_ptr<Segment>> Activate(uint64_t first_sequence, uint64_t base_offset);
  Result<void> Remove(const Segment& segment);
  // Corruption once a sync failed.
  Result<void> CheckHealth() const { return health_.Check(); }
  // A whole file beside the segments: durable with its name. `frame` of Scan is shown every frame of a segment.
  Result<void> WriteFile(const std::string& name, std::string_view bytes);
  Result<std::string> ReadFile(const std::string& name);
  Result<void> RemoveFile(const std::string& name);
  Result<void> Scan(const Segment& segment, const std::function<Result<void>(const ScannedFrame&)>& frame);

  // `error`, or Fenced when it came because another process has the log now.
  Error Explain(Error error) const;

  // Corruption when the sync failed: what is on disk is not known. Any other error: it may hold pieces, WipeFrame them.
  Result<void> WriteFrame(Segment& segment, uint32_t first_block, std::string_view pages);
  Result<void> WipeFrame(Segment& segment, uint32_t first_block, uint32_t blocks);

 private:
  struct Row;  // what lies in the folder
  SegmentFiles(std::string folder, FaultPlan* faults) : folder_(std::move(folder)), faults_(faults) {}

  Result<void> MakeFirst(const std::string& path, uint64_t segment_bytes);
  Result<std::shared_ptr<Segment>> WriteSegment(const std::string& name, std::string_view image);
  Result<void> SyncFolder();
  template <class F>
  auto Call(std::string_view what, F&& call) -> decltype(call());
  Result<void> Rename(const std::string& from, const std::string& to);
  Result<bool> Unlink(const std::string& path);
  Result<void> SyncFrame(Segment& segment);
  std::string Path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  Result<Opened> Recover(const std::function<Result<void>(const ScannedFrame&)>& frame);

  std::string folder_;
  FaultPlan* faults_;
  uint64_t log_id_ = 0;
  storage::SyncHealth health_;
  std::optional<SegmentHeader> ready_;  // a spare has it, and perhaps its name: Activate failed behind that
  std::mutex spare_mutex_;
  std::optional<storage::PosixFile> spare_;  // while its zeros are written
  uint64_t spare_zeros_ = 0;                 // so many are
};

}  // namespace datahub::intake
