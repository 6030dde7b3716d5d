#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/record/buffer_pool.h"
#include "datahub/source/files/file_visit.h"
#include "datahub/source/files/notice_board.h"
#include "datahub/source/files/roster.h"
#include "datahub/source/files/settings.h"
#include "datahub/source/source.h"

namespace datahub::source::files {

// Reads files matched by patterns, one after another, each to where it ends at that moment.
//
//   look (find files, match them with shards) -> visit what changed -> chunks … -> look again -> null when nothing new
//
// Memory   a chunk, what lies behind its last record, and some hundred bytes for each file ever read
// Threads  one at a time, but Stop() and BytesAhead()
class FilesReader final : public Reader {
 public:
  FilesReader(Settings settings, Roster roster, const ReaderOptions& options);

  Result<std::shared_ptr<record::Chunk>> Next() override;
  Result<void> Acknowledge(const std::map<std::string, std::string>& positions) override;
  bool HasRead(const std::string& shard, const std::string& position) const override {
    return roster_.HasRead(shard, position);
  }
  void Stop() override { stop_ = true; }
  std::vector<Notice> TakeNotices() override { return notices_.Take(); }
  uint64_t BytesAhead() const override { return bytes_ahead_; }

 private:
  struct Waiting {
    Tracked* tracked = nullptr;
    uint64_t bytes = 0;
  };

  Result<std::shared_ptr<record::Chunk>> NextOfQueue();
  void Look();
  bool IsNew(const Sighting& sighting) const;
  void Fail(Error error);
  // Drained: what waits for its end, and what went wrong.
  Result<std::shared_ptr<record::Chunk>> Conclude();
  void CountAhead();

  Settings settings_;
  Roster roster_;
  ReaderOptions options_;
  record::BufferPool pool_;
  NoticeBoard notices_;
  std::vector<Error> errors_;  // since the last time all was read
  std::deque<Waiting> queue_;
  uint64_t queue_bytes_ = 0;
  std::unique_ptr<FileVisit> visit_;
  Tracked* visited_ = nullptr;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> bytes_ahead_ = 0;
};

// The shards of a source's committed positions. Errors name the source and the way on.
Result<Roster> OpenRoster(const SourceSpec& spec, const Settings& settings,
                          const std::map<std::string, std::string>& committed);

}  // namespace datahub::source::files
