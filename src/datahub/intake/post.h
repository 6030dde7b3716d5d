#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"
#include "datahub/intake/frame.h"

namespace datahub::intake {

// How an entry's body holds its records.
enum class Form : uint8_t {
  kLines = 1,  // one a line; blank lines are none
  kOne = 2,    // the body is one record, with whatever line ends it has
  kList = 3,   // each with its length before it
};

// What one request brought: one entry of the log, all of it or nothing.
struct Post {
  std::string_view source;
  Form form = Form::kLines;
  std::string_view body;                        // kLines, kOne
  std::span<const std::string_view> list = {};  // kList
  std::string_view key = {};                    // Idempotency-Key; empty: none
  Hash128 digest = {};                          // of the request's body, with a key
};

inline constexpr size_t kSourceBytesMax = 255;
inline constexpr size_t kKeyBytesMax = 255;

// Bytes the post takes in the log.
size_t EntryBytes(const Post& post);
void AppendEntry(const Post& post, FrameBuilder& frame);

// A post as it is read back; views into the frame's entries.
struct Entry {
  std::string_view source;
  Form form = Form::kLines;
  std::string_view body;
  std::string_view key;
  Hash128 digest;
  uint64_t body_offset = 0;  // in the log's stream
  uint64_t end_offset = 0;
};

// The entries of one frame, in order.
class EntryCursor {
 public:
  EntryCursor(std::string_view entries, uint64_t stream_offset) : entries_(entries), stream_offset_(stream_offset) {}

  // False at the end. Corruption for what no log writes: the frame was good, so a program was wrong.
  Result<bool> Next(Entry* entry);

 private:
  std::string_view entries_;
  uint64_t stream_offset_;
  size_t at_ = 0;
};

// The records of an entry, in order, each with its place in the body. False at the end.
class RecordsOfEntry {
 public:
  explicit RecordsOfEntry(const Entry& entry) : form_(entry.form), body_(entry.body) {}
  bool Next(std::string_view* record, size_t* place);
  size_t behind() const { return at_; }  // where the next one begins, about: nothing of the last is at or behind it

 private:
  Form form_;
  std::string_view body_;
  size_t at_ = 0;
};

}  // namespace datahub::intake
