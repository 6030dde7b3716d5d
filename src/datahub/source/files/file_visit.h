#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "datahub/base/result.h"
#include "datahub/record/buffer_pool.h"
#include "datahub/record/chunk.h"
#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/cutter.h"
#include "datahub/source/files/identity.h"
#include "datahub/source/files/notice_board.h"
#include "datahub/source/files/roster.h"
#include "datahub/source/files/settings.h"

namespace datahub::source::files {

// What visits share; what it refers to outlives them.
struct Surroundings {
  const Settings& settings;
  const ReaderOptions& options;
  record::BufferPool& pool;
  Roster& roster;
  NoticeBoard& notices;
  const std::atomic<bool>& stop;
};

// One file, opened, known again, and read from its position to where it ends now.
//
//   Tracked -> Open (is it still the file? does it still say what was read?) -> { Next -> Chunk }* -> null
//
// The last chunk may hold no records: it records a new path, that the file was emptied, or that a
// compressed one was read to its end.
// Keeps the file's Tracked up to date: its position behind each chunk, at the end what was seen and what is waited for.
// Errors   ShuttingDown · what the system said when it reads, after all that could be read was handed out
// Threads  one at a time
class FileVisit {
 public:
  // Null when there is nothing to read: a notice says why when it is not simply the end.
  static Result<std::unique_ptr<FileVisit>> Open(Tracked& tracked, const Surroundings& around);

  // Null at the end.
  Result<std::shared_ptr<record::Chunk>> Next();
  // Stored bytes not yet read.
  uint64_t BytesAhead() const { return stream_ ? stat_.size - std::min(stat_.size, stream_->stored_bytes()) : 0; }

 private:
  FileVisit(Tracked& tracked, const Surroundings& around, Looked looked, const Stat& stat);

  Result<bool> Start();
  // What the file is known by once it was read up to `at`.
  Head HeadAt(uint64_t at) const;
  Result<bool> CheckStored();
  bool ChangedInPlace() const;
  Result<bool> Resume(PrefixHasher* hasher);
  Result<std::optional<StoredPlace>> Stored() const;
  Result<void> MovePosition();
  std::shared_ptr<record::Chunk> NewChunk() const;
  Result<std::shared_ptr<record::Chunk>> LastChunk();
  void Finish();
  std::optional<Notice> Waiting() const;
  Notice Say(std::string kind, std::string message) const {
    return {tracked_.shard, std::move(kind), std::move(message)};
  }
  // Says what keeps the file from being read; not again until it changes.
  void Refuse(std::string kind, std::string message);
  void MarkSeen();

  Tracked& tracked_;
  const Surroundings around_;
  Looked looked_;
  Stat stat_;
  bool complete_ = false;
  bool refused_ = false;
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<Cutter> cutter_;  // null: there is nothing to read, only a new path to be recorded
};

}  // namespace datahub::source::files
