#include "datahub/contract/row_builder.h"

#include <algorithm>

#include "datahub/base/result.h"

namespace datahub::contract {
namespace {

using record::Kind;
using record::LeafColumn;

constexpr size_t kRowsMin = 256;
constexpr size_t kLevelsMin = 256;
// Room doubles, and rows before may have left a part's: what is refused at this is more than a row may have.
constexpr size_t kRoomBytesMax = 3 * RowBuilder::kRowLevelsBytesMax;

// Calls `use` with the vector in which a leaf of this kind keeps its values.
template <class Column, class Use>
auto WithValues(Column& column, const Use& use) {
  switch (column.kind) {
    case Kind::kBool:
      return use(column.bools);
    case Kind::kInt32:
    case Kind::kDate:
      return use(column.int32s);
    case Kind::kInt64:
    case Kind::kTimestamp:
      return use(column.int64s);
    case Kind::kDouble:
      return use(column.doubles);
    case Kind::kDecimal:
      return use(column.decimals);
    default:
      return use(column.bytes);
  }
}

// What a level takes, or a row of a leaf that does not repeat.
size_t LevelBytes(Kind kind, bool repeats) {
  LeafColumn column;
  column.kind = kind;
  const size_t value = WithValues(column, [](auto& values) { return sizeof(values[0]); });
  return value + sizeof(int16_t) + (repeats ? sizeof(int16_t) : 0);
}

template <class T>
size_t RoomOf(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

}  // namespace

RowBuilder::RowBuilder(const std::vector<record::Leaf>& leaves, size_t bytes_max)
    : leaves_(leaves), bytes_max_(bytes_max), sinks_(leaves.size()) {
  size_t row_bytes = sizeof(uint64_t);
  for (uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    const bool repeats = leaves_[leaf].max_repetition > 0;
    if (repeats) repeated_.push_back(leaf);
    row_bytes += repeats ? sizeof(uint32_t) : LevelBytes(leaves_[leaf].kind, false);
  }
  rows_max_ = std::clamp<size_t>(bytes_max_ / row_bytes, 1, kRowsMax);
}

size_t RowBuilder::BytesOf(const record::Columns& columns) {
  size_t bytes = RoomOf(columns.offsets);
  for (const LeafColumn& leaf : columns.leaves) {
    bytes += RoomOf(leaf.definition) + RoomOf(leaf.repetition) + RoomOf(leaf.row_begin);
    bytes += WithValues(leaf, [](const auto& values) { return RoomOf(values); });
  }
  return bytes;
}

std::shared_ptr<record::Columns> RowBuilder::NewColumns() const {
  auto columns = std::make_shared<record::Columns>();
  columns->leaves.resize(leaves_.size());
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    LeafColumn& column = columns->leaves[leaf];
    column.kind = leaves_[leaf].kind;
    column.max_definition = leaves_[leaf].max_definition;
    column.max_repetition = leaves_[leaf].max_repetition;
    if (column.max_repetition > 0) column.row_begin.assign(kRowsMin, 0);
  }
  return columns;
}

bool RowBuilder::Fits(const record::Columns& columns) const {
  if (columns.leaves.size() != leaves_.size()) return false;
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    const LeafColumn& column = columns.leaves[leaf];
    if (column.kind != leaves_[leaf].kind || column.max_definition != leaves_[leaf].max_definition ||
        column.max_repetition != leaves_[leaf].max_repetition) {
      return false;
    }
    if (column.max_repetition > 0 && column.row_begin.empty()) return false;
  }
  return true;
}

void RowBuilder::Attach(record::Columns& columns) {
  DH_ASSERT(columns_ == nullptr);
  columns_ = &columns;
  row_ = 0;
  levels_bytes_ = 0;
  overflowed_ = false;
  for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    Sink& sink = sinks_[leaf];
    sink = Sink{};
    sink.column = &columns.leaves[leaf];
    sink.repeats = sink.column->max_repetition > 0;
    if (sink.repeats) {
      sink.row_begin = sink.column->row_begin.data();
      sink.row_begin_size = sink.column->row_begin.size();
      sink.row_begin[0] = 0;
    }
    Point(sink);
    if (sink.repeats) levels_bytes_ += sink.capacity * LevelBytes(sink.column->kind, true);
  }
  offsets_ = columns.offsets.data();
  Reserve(0);
}

void RowBuilder::Detach() {
  if (columns_ == nullptr) return;
  BeginRow();
  columns_->rows = row_;
  columns_ = nullptr;
}

void RowBuilder::Point(Sink& sink) {
  LeafColumn& column = *sink.column;
  sink.values = WithValues(column, [](auto& values) { return static_cast<void*>(values.data()); });
  sink.definition = column.definition.data();
  sink.repetition = column.repetition.data();
  if (column.max_repetition > 0) sink.capacity = static_cast<uint32_t>(column.repetition.size());
}

void RowBuilder::Reserve(size_t rows) {
  const size_t wanted = row_ + rows;
  if (wanted <= columns_->offsets.size()) return;
  const size_t more = std::max(columns_->offsets.size() * 2, kRowsMin);
  const size_t room = std::max(wanted, std::min(more, rows_max_));
  columns_->offsets.resize(room);
  offsets_ = columns_->offsets.data();
  for (Sink& sink : sinks_) {
    if (sink.repeats) continue;
    WithValues(*sink.column, [room](auto& values) { values.resize(room); });
    sink.column->definition.resize(room);
    Point(sink);
  }
}

// Where a row has too many, it begins again, over what it has put: there is no look at a limit per value.
void RowBuilder::GrowLevels(Sink& sink) {
  LeafColumn& column = *sink.column;
  const size_t begin = sink.row_begin[row_];
  size_t room = std::max(column.repetition.size() * 2, kLevelsMin);
  const size_t level_bytes = LevelBytes(column.kind, true);
  if (levels_bytes_ + (room - sink.capacity) * level_bytes > kRoomBytesMax) {
    overflowed_ = true;
    if (begin < sink.count) {
      sink.count = static_cast<uint32_t>(begin);
      return;
    }
    room = column.repetition.size() + 1;
  }
  levels_bytes_ += (room - sink.capacity) * level_bytes;
  WithValues(column, [room](auto& values) { values.resize(room); });
  column.definition.resize(room);
  column.repetition.resize(room);
  Point(sink);
}

size_t RowBuilder::RowLevelsBytes() const {
  size_t bytes = 0;
  for (const uint32_t leaf : repeated_) {
    const Sink& sink = sinks_[leaf];
    bytes += (sink.count - sink.row_begin[row_]) * LevelBytes(sink.column->kind, true);
  }
  return bytes;
}

void RowBuilder::GrowRowBegin(Sink& sink) {
  sink.column->row_begin.resize(sink.row_begin_size * 2);
  sink.row_begin = sink.column->row_begin.data();
  sink.row_begin_size = sink.column->row_begin.size();
}

char* RowBuilder::Allocate(size_t size) {
  if (!columns_->arena) columns_->arena = std::make_shared<record::Arena>();
  return columns_->arena->Allocate(size);
}

}  // namespace datahub::contract
