#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::record {

// Bytes that stay where they are until the last row that looks into them is written. `kPadding` readable
// bytes follow. Large ones ask for huge pages: a chunk is written once and read all over.
class Buffer {
 public:
  static constexpr size_t kPadding = 64;

  explicit Buffer(size_t capacity);

  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(char* data) const { std::free(data); }
  };
  std::unique_ptr<char, Free> data_;
  size_t capacity_;
};

struct Span {
  uint32_t begin = 0;
  uint32_t size = 0;
};

// Where a record came from. Positions, never clocks, decide order.
struct Origin {
  std::string source;  // the source's name in the project file
  std::string shard;   // what its offsets are ordered within
  uint64_t offset = 0;
};

// A run of whole records of one shard, in order, as a source hands them out.
//
// Two forms: separated by newlines (`records` empty; blank lines are skipped; the offset of a record is
// `first_offset` plus its byte place in `bytes`), or given one by one (`records`; the offset of record i is
// `first_offset` + i, or `offsets[i]` where given).
struct Chunk {
  std::shared_ptr<Buffer> buffer;  // owns what `bytes` sees; padded
  std::string_view bytes;
  std::vector<Span> records;
  std::vector<uint64_t> offsets;
  std::string source;
  std::string shard;
  uint64_t first_offset = 0;
  int64_t received_at_us = 0;  // microseconds UTC
  uint64_t cut_from = 0;       // not 0: the only record of this chunk was (at least) this long and is cut: reject it
  std::string position_after;  // the shard's position once every record of this chunk is committed; opaque to
                               // all but the source
};

}  // namespace datahub::record
