#include "datahub/lake/test_rows.h"

#include <cstring>

namespace datahub::lake {
namespace {

using record::Kind;
using record::LeafColumn;

const char* const kNowhere = reinterpret_cast<const char*>(uintptr_t{1});

record::Field Named(std::string name, Kind kind, std::vector<record::Field> children = {}) {
  record::Field field;
  field.name = std::move(name);
  field.kind = kind;
  field.children = std::move(children);
  return field;
}

// Hands out room in the chunk's buffer.
class Text {
 public:
  explicit Text(record::Chunk& chunk) : chunk_(chunk) {}

  record::Bytes Add(const std::string& text) {
    char* place = chunk_.buffer->data() + used_;
    std::memcpy(place, text.data(), text.size());
    used_ += text.size();
    return {place, static_cast<uint32_t>(text.size())};
  }

 private:
  record::Chunk& chunk_;
  size_t used_ = 0;
};

template <class T, class Values, class Make>
void AddFlat(LeafColumn& leaf, Values& values, const std::optional<T>& value, Make make) {
  leaf.definition.push_back(value ? 1 : 0);
  values.push_back(value ? make(*value) : make(T()));
}

void AddTags(LeafColumn& leaf, const TestRow& row, Text& text) {
  if (!row.tags || row.tags->empty()) {
    leaf.definition.push_back(row.tags ? 1 : 0);
    leaf.repetition.push_back(0);
    leaf.bytes.push_back({kNowhere, 77});
  } else {
    for (size_t i = 0; i < row.tags->size(); ++i) {
      const std::optional<std::string>& tag = (*row.tags)[i];
      leaf.definition.push_back(tag ? 3 : 2);
      leaf.repetition.push_back(i == 0 ? 0 : 1);
      leaf.bytes.push_back(tag ? text.Add(*tag) : record::Bytes{kNowhere, 77});
    }
  }
  leaf.row_begin.push_back(static_cast<uint32_t>(leaf.definition.size()));
}

size_t TextBytes(const std::vector<TestRow>& rows) {
  size_t size = 0;
  for (const TestRow& row : rows) {
    if (row.country) size += row.country->size();
    if (!row.tags) continue;
    for (const auto& tag : *row.tags) size += tag ? tag->size() : 0;
  }
  return size;
}

}  // namespace

record::TableSchema TestSchema() {
  return {{Named("created_at", Kind::kTimestamp), Named("country", Kind::kString), Named("amount", Kind::kInt64),
           Named("day", Kind::kDate), Named("paid", Kind::kBool),
           Named("tags", Kind::kList, {Named("element", Kind::kString)})}};
}

std::shared_ptr<record::Columns> ColumnsOf(const std::vector<TestRow>& rows, int64_t received_at_us,
                                           const std::string& shard) {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(TextBytes(rows));
  chunk->source = "source";
  chunk->shard = shard;
  chunk->received_at_us = received_at_us;
  auto columns = std::make_shared<record::Columns>();
  for (const record::Leaf& leaf : record::LeavesOf(TestSchema())) {
    LeafColumn& column = columns->leaves.emplace_back();
    column.kind = leaf.kind;
    column.max_definition = leaf.max_definition;
    column.max_repetition = leaf.max_repetition;
    if (leaf.max_repetition > 0) column.row_begin.push_back(0);
  }
  Text text(*chunk);
  std::vector<LeafColumn>& leaves = columns->leaves;
  for (const TestRow& row : rows) {
    AddFlat(leaves[0], leaves[0].int64s, row.created_at, [](int64_t value) { return value; });
    leaves[1].definition.push_back(row.country ? 1 : 0);
    leaves[1].bytes.push_back(row.country ? text.Add(*row.country) : record::Bytes{kNowhere, 77});
    AddFlat(leaves[2], leaves[2].int64s, row.amount, [](int64_t value) { return value; });
    AddFlat(leaves[3], leaves[3].int32s, row.day, [](int32_t value) { return value; });
    AddFlat(leaves[4], leaves[4].bools, row.paid, [](bool value) { return uint8_t{value}; });
    AddTags(leaves[5], row, text);
    columns->offsets.push_back(row.offset);
  }
  columns->rows = rows.size();
  columns->chunk = chunk;
  columns->contract_version = 1;
  // Room that is reused lies behind the rows; nobody may read it.
  leaves[1].bytes.push_back({kNowhere, 77});
  leaves[2].int64s.push_back(-1);
  columns->offsets.push_back(uint64_t(-1));
  return columns;
}

TestRow RowAt(const record::Columns& columns, uint32_t row) {
  const std::vector<LeafColumn>& leaves = columns.leaves;
  const auto there = [&](size_t leaf) { return leaves[leaf].definition[row] == 1; };
  TestRow read;
  read.offset = columns.offsets[row];
  if (there(0)) read.created_at = leaves[0].int64s[row];
  if (there(1)) read.country = leaves[1].bytes[row].view();
  if (there(2)) read.amount = leaves[2].int64s[row];
  if (there(3)) read.day = leaves[3].int32s[row];
  if (there(4)) read.paid = leaves[4].bools[row] != 0;
  const LeafColumn& tags = leaves[5];
  const uint32_t begin = tags.row_begin[row];
  if (tags.definition[begin] > 0) read.tags.emplace();
  for (uint32_t level = begin; level < tags.row_begin[row + 1]; ++level) {
    if (tags.repetition[level] != (level == begin ? 0 : 1)) return {};  // levels are torn
    if (tags.definition[level] == 2) read.tags->emplace_back(std::nullopt);
    if (tags.definition[level] == 3) read.tags->emplace_back(tags.bytes[level].view());
  }
  return read;
}

std::vector<TestRow> RowsOf(std::span<const parquet::Selection> selections) {
  std::vector<TestRow> rows;
  for (const parquet::Selection& selection : selections) {
    for (const parquet::RowRange range : selection.ranges) {
      for (uint32_t row = range.begin; row < range.end; ++row) rows.push_back(RowAt(*selection.columns, row));
    }
  }
  return rows;
}

}  // namespace datahub::lake
