#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "datahub/contract/record_cursor.h"
#include "datahub/contract/text_index.h"
#include "datahub/record/chunk.h"

namespace datahub::contract {

// Records that lie together, with their tokens; or one record alone without: its text is broken or too large, and only
// the exact way can read it.
struct RecordWindow {
  std::span<const RawRecord> records;
  const char* base = nullptr;        // the first record's first byte: what tokens count from
  const uint32_t* tokens = nullptr;  // null: one record, not indexed
  bool has_escapes = false;          // a backslash is in it

  // The first token of `record`, at or behind `at`; null where something that is not white space lies before it, as of a
  // string that began in an earlier record.
  const uint32_t* FirstToken(const RawRecord& record, const uint32_t* at) const;
  // Of the window's bytes, where `record` ends.
  uint32_t EndOf(const RawRecord& record) const { return static_cast<uint32_t>(record.data - base) + record.size; }
};

// Cuts a chunk into windows and finds their tokens.
//
//   chunk -> Begin -> { Next -> RecordWindow }
//
// Memory   an index of 64 KiB of text, or of one record up to kIndexedBytesMax; reused
// Threads  one thread at a time
class RecordWindows {
 public:
  // Larger records are not indexed: the index takes 4 bytes a token. A tree of values takes 36 times as much.
  static constexpr size_t kIndexedBytesMax = 32 * 1024 * 1024;

  // `chunk` must outlive the windows.
  void Begin(const record::Chunk& chunk);
  // At most `records_max`, at least one; false at the end. What the window shows is valid until the next call.
  bool Next(RecordWindow* window, size_t records_max = size_t(-1));
  // Of a chunk that is done with, however large.
  void Free() { index_.Free(); }

 private:
  bool Fill();
  size_t Count(size_t bytes_max, size_t records_max) const;
  bool Index(size_t count, RecordWindow* window);

  TextIndex index_;
  std::optional<RecordCursor> cursor_;
  std::vector<RawRecord> pending_;  // read from the cursor, not given out yet: [begin_, end)
  size_t begin_ = 0;
  size_t given_ = 0;  // of these, what the last Next() gave
  size_t window_bytes_ = 0;
  bool cursor_done_ = false;
};

}  // namespace datahub::contract
