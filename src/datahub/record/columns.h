#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "datahub/record/chunk.h"
#include "datahub/record/table_schema.h"

namespace datahub::record {

// A string in a column: a view into a chunk or an arena that the Columns keep alive.
struct Bytes {
  const char* data = nullptr;
  uint32_t size = 0;

  std::string_view view() const { return {data, size}; }
};

using Int128 = __int128;

// The values of one leaf for a run of rows.
//
//   not repeated  one slot a row in `values` (unused where null) and, if max_definition > 0, one definition
//   level a row repeated      `definition` and `repetition` one entry each a level; `values` one a level too
//   (unused where the level
//                 is below max_definition); row r has the levels [row_begin[r], row_begin[r + 1])
//
// So a value's index is its level's index in both forms. Only the array of the leaf's physical kind is used.
struct LeafColumn {
  Kind kind = Kind::kString;
  int16_t max_definition = 0;
  int16_t max_repetition = 0;

  std::vector<uint8_t> bools;
  std::vector<int32_t> int32s;  // kInt32, kDate
  std::vector<int64_t> int64s;  // kInt64, kTimestamp
  std::vector<double> doubles;
  std::vector<Int128> decimals;
  std::vector<Bytes> bytes;  // kString, kJson, kBytes
  std::vector<int16_t> definition;
  std::vector<int16_t> repetition;
  std::vector<uint32_t> row_begin;  // repeated leaves: rows + 1 entries
};

// Grows in blocks, so that pointers into it stay; for strings that had to be decoded.
class Arena {
 public:
  // `size` writable bytes. Never null.
  char* Allocate(size_t size);
  size_t bytes() const { return bytes_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t bytes_ = 0;
};

// Accepted rows of one contract version, column by column: what a contract gives and the lake takes.
//
// Shape    leaves[i] belongs to LeavesOf(schema)[i]; vectors may be longer than `rows` says (room that is
// reused), never
//          shorter; `rows` counts
// Memory   strings look into `chunk` or `arena`; both live as long as any Columns that holds them
struct Columns {
  size_t rows = 0;
  std::vector<LeafColumn> leaves;
  std::vector<uint64_t> offsets;  // one a row: the record's offset in its shard

  std::shared_ptr<const Chunk> chunk;  // gives source, shard and received-at of all rows too
  std::shared_ptr<Arena> arena;
  int contract_version = 0;
};

}  // namespace datahub::record
