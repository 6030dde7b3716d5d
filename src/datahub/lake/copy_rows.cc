#include "datahub/lake/copy_rows.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

namespace datahub::lake {
namespace {

using parquet::RowRange;
using record::Bytes;
using record::Kind;
using record::LeafColumn;

template <class T>
size_t RoomOf(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

size_t RoomOf(const LeafColumn& leaf) {
  return RoomOf(leaf.bools) + RoomOf(leaf.int32s) + RoomOf(leaf.int64s) + RoomOf(leaf.doubles) + RoomOf(leaf.decimals) +
         RoomOf(leaf.bytes) + RoomOf(leaf.definition) + RoomOf(leaf.repetition) + RoomOf(leaf.row_begin);
}

size_t CountOf(std::span<const RowRange> ranges) {
  size_t count = 0;
  for (const RowRange range : ranges) count += range.end - range.begin;
  return count;
}

// Appends, in one go: shuffled rows come as ranges of one.
template <class T>
size_t CopyValues(const std::vector<T>& from, std::span<const RowRange> ranges, std::vector<T>& to) {
  const size_t before = to.size();
  to.resize(before + CountOf(ranges));
  T* out = to.data() + before;
  for (const RowRange range : ranges) out = std::copy(from.data() + range.begin, from.data() + range.end, out);
  return (to.size() - before) * sizeof(T);
}

bool HasValue(const LeafColumn& leaf, uint32_t level) {
  return leaf.max_definition == 0 || leaf.definition[level] == leaf.max_definition;
}

// One allocation for all strings.
size_t CopyStrings(const LeafColumn& from, std::span<const RowRange> levels, record::Arena& arena,
                   std::vector<Bytes>& to) {
  size_t size = 0;
  for (const RowRange range : levels) {
    for (uint32_t level = range.begin; level < range.end; ++level) {
      if (HasValue(from, level)) size += from.bytes[level].size;
    }
  }
  char* place = arena.Allocate(size);
  const size_t before = to.size();
  to.resize(before + CountOf(levels));  // what is unused stays null
  Bytes* out = to.data() + before;
  for (const RowRange range : levels) {
    for (uint32_t level = range.begin; level < range.end; ++level, ++out) {
      if (!HasValue(from, level)) continue;
      *out = {place, from.bytes[level].size};
      if (out->size > 0) std::memcpy(place, from.bytes[level].data, out->size);
      place += out->size;
    }
  }
  return size + (to.size() - before) * sizeof(Bytes);
}

size_t CopyLeafValues(const LeafColumn& from, std::span<const RowRange> levels, record::Arena& arena, LeafColumn& to) {
  switch (from.kind) {
    case Kind::kBool:
      return CopyValues(from.bools, levels, to.bools);
    case Kind::kInt32:
    case Kind::kDate:
      return CopyValues(from.int32s, levels, to.int32s);
    case Kind::kInt64:
    case Kind::kTimestamp:
      return CopyValues(from.int64s, levels, to.int64s);
    case Kind::kDouble:
      return CopyValues(from.doubles, levels, to.doubles);
    case Kind::kDecimal:
      return CopyValues(from.decimals, levels, to.decimals);
    default:
      return CopyStrings(from, levels, arena, to.bytes);
  }
}

size_t CopyLeaf(const LeafColumn& from, std::span<const RowRange> rows, record::Arena& arena, LeafColumn& to) {
  if (from.max_repetition == 0) {
    size_t bytes = CopyLeafValues(from, rows, arena, to);
    if (from.max_definition > 0) bytes += CopyValues(from.definition, rows, to.definition);
    return bytes;
  }
  std::vector<RowRange> levels;  // rows that follow each other have levels that do
  levels.reserve(rows.size());
  const size_t before = to.row_begin.size();
  for (const RowRange range : rows) {
    levels.push_back({from.row_begin[range.begin], from.row_begin[range.end]});
    for (uint32_t row = range.begin; row < range.end; ++row) {
      to.row_begin.push_back(to.row_begin.back() + (from.row_begin[row + 1] - from.row_begin[row]));
    }
  }
  return (to.row_begin.size() - before) * sizeof(uint32_t) + CopyLeafValues(from, levels, arena, to) +
         CopyValues(from.definition, levels, to.definition) + CopyValues(from.repetition, levels, to.repetition);
}

// Only the array that the kind uses.
void Reserve(LeafColumn& leaf, size_t rows) {
  switch (leaf.kind) {
    case Kind::kBool:
      return leaf.bools.reserve(rows);
    case Kind::kInt32:
    case Kind::kDate:
      return leaf.int32s.reserve(rows);
    case Kind::kInt64:
    case Kind::kTimestamp:
      return leaf.int64s.reserve(rows);
    case Kind::kDouble:
      return leaf.doubles.reserve(rows);
    case Kind::kDecimal:
      return leaf.decimals.reserve(rows);
    default:
      return leaf.bytes.reserve(rows);
  }
}

}  // namespace

size_t FootprintOf(const record::Columns& columns) {
  size_t bytes = sizeof(columns) + RoomOf(columns.offsets) + RoomOf(columns.leaves);
  for (const LeafColumn& leaf : columns.leaves) bytes += RoomOf(leaf);
  if (columns.arena) bytes += columns.arena->bytes();
  if (columns.chunk) {
    bytes += sizeof(*columns.chunk) + RoomOf(columns.chunk->records) + RoomOf(columns.chunk->offsets);
    if (columns.chunk->buffer) bytes += columns.chunk->buffer->capacity();
  }
  return bytes;
}

record::Columns MakeEmptyLike(const record::Columns& like, size_t rows) {
  record::Columns columns;
  columns.contract_version = like.contract_version;
  columns.arena = std::make_shared<record::Arena>();
  columns.offsets.reserve(rows);
  columns.leaves.resize(like.leaves.size());
  for (size_t i = 0; i < like.leaves.size(); ++i) {
    LeafColumn& leaf = columns.leaves[i];
    leaf.kind = like.leaves[i].kind;
    leaf.max_definition = like.leaves[i].max_definition;
    leaf.max_repetition = like.leaves[i].max_repetition;
    if (leaf.max_repetition > 0) {
      leaf.row_begin.reserve(rows + 1);
      leaf.row_begin.push_back(0);
      continue;  // how many levels there are is not known yet
    }
    Reserve(leaf, rows);
    if (leaf.max_definition > 0) leaf.definition.reserve(rows);
  }
  const auto lineage = std::make_shared<record::Chunk>();
  lineage->source = like.chunk->source;
  lineage->shard = like.chunk->shard;
  lineage->received_at_us = like.chunk->received_at_us;
  columns.chunk = lineage;
  return columns;
}

size_t CopyRows(const record::Columns& from, std::span<const RowRange> ranges, record::Columns& to) {
  size_t bytes = 0;
  for (size_t i = 0; i < from.leaves.size(); ++i) bytes += CopyLeaf(from.leaves[i], ranges, *to.arena, to.leaves[i]);
  to.rows += CountOf(ranges);
  return bytes + CopyValues(from.offsets, ranges, to.offsets);
}

}  // namespace datahub::lake
