#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "datahub/record/chunk.h"

namespace datahub::contract {

// One record's bytes as they came (a line without its end) and its offset in the shard.
struct RawRecord {
  const char* data = nullptr;
  uint32_t size = 0;
  uint64_t offset = 0;

  std::string_view view() const { return {data, size}; }
};

// The records of a chunk, one after the other, in either of its forms.
class RecordCursor {
 public:
  explicit RecordCursor(const record::Chunk& chunk) : chunk_(chunk) {}

  // False at the end. Lines of white space alone are passed over.
  bool Next(RawRecord* record);

 private:
  bool NextLine(RawRecord* record);

  const record::Chunk& chunk_;
  size_t at_ = 0;  // a byte, or an index into records
};

}  // namespace datahub::contract
