#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datahub/intake/log_cursor.h"
#include "datahub/record/buffer_pool.h"
#include "datahub/source/source.h"

namespace datahub::source::http {

// Hands out one source's records from the intake log.
//
// Shard     the log: a position is an offset in its stream, a record's offset where its bytes begin there
// Memory    a frame and a chunk
// Threads   one at a time, but Stop() and BytesAhead()
class LogReader final : public Reader {
 public:
  // From `position` on. `log` must outlive it.
  LogReader(std::string source, intake::Log& log, uint64_t position, const ReaderOptions& options);

  Result<std::shared_ptr<record::Chunk>> Next() override;
  Result<void> Acknowledge(const std::map<std::string, std::string>& positions) override;
  bool HasRead(const std::string& shard, const std::string& position) const override;
  void Stop() override { stop_ = true; }
  std::vector<Notice> TakeNotices() override { return std::exchange(notices_, {}); }
  uint64_t BytesAhead() const override;

  void Post(Notice notice) { notices_.push_back(std::move(notice)); }

 private:
  struct Filling;
  Result<bool> NextEntry(const record::Chunk* chunk);
  // False: the chunk is full, the rest of the entry comes next time.
  bool Take(Filling& filling);
  std::shared_ptr<record::Buffer> TakeBuffer(size_t needed);
  std::shared_ptr<record::Chunk> Finish(Filling filling);

  const std::string source_;
  intake::Log& log_;
  const std::string shard_;
  const ReaderOptions options_;
  record::BufferPool pool_;
  intake::LogCursor cursor_;
  std::optional<intake::EntryCursor> entries_;  // of the frame being read
  bool frame_waits_ = false;                    // it was read and belongs to the next chunk
  intake::Entry entry_;
  std::optional<intake::RecordsOfEntry> records_;  // of the entry being read
  uint64_t read_to_;                               // all before that is this source's was handed out
  std::atomic<uint64_t> handed_to_;                // the position of the last chunk
  std::vector<Notice> notices_;
  std::atomic<bool> stop_ = false;
};

std::string ShardOf(const intake::Log& log);
std::string PositionText(uint64_t offset);
// InvalidInput for what PositionText does not write.
Result<uint64_t> PositionFromText(const std::string& text);

}  // namespace datahub::source::http
