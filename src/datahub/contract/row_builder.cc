#include "datahub/contract/row_builder.h"

#include <algorithm>

#include "datahub/base/result.h"

namespace datahub::contract {
namespace {

using record::Kind;
using record::LeafColumn;

constexpr size_t kRowsMin = 256;
constexpr size_t kLevelsMin = 1024;

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

}  // namespace

RowBuilder::RowBuilder(const std::vector<record::Leaf>& leaves) : leaves_(leaves), sinks_(leaves.size()) {
  for (uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) {
    if (leaves_[leaf].max_repetition > 0) repeated_.push_back(leaf);
  }
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
  const size_t room = std::max({wanted, columns_->offsets.size() * 2, kRowsMin});
  columns_->offsets.resize(room);
  offsets_ = columns_->offsets.data();
  for (Sink& sink : sinks_) {
    if (sink.repeats) continue;
    WithValues(*sink.column, [room](auto& values) { values.resize(room); });
    sink.column->definition.resize(room);
    Point(sink);
  }
}

void RowBuilder::GrowLevels(Sink& sink) {
  LeafColumn& column = *sink.column;
  const size_t room = std::max(column.repetition.size() * 2, kLevelsMin);
  DH_ASSERT(room <= UINT32_MAX);
  WithValues(column, [room](auto& values) { values.resize(room); });
  column.definition.resize(room);
  column.repetition.resize(room);
  Point(sink);
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
