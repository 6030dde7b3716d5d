// The writer's own promises. That other readers find what was written is tests/parquet/read_back.py.

#include "datahub/lake/parquet/file_writer.h"

#include <gtest/gtest.h>

#include <cstring>

namespace datahub::lake::parquet {
namespace {

using record::Field;
using record::Kind;

Field Column(std::string name, Kind kind) {
  Field field;
  field.name = std::move(name);
  field.kind = kind;
  return field;
}

FileSchema SchemaOf(std::vector<Field> fields) {
  FileSchema schema;
  schema.stored.assign(fields.size(), true);
  schema.schema.fields = std::move(fields);
  return schema;
}

// Rows of string columns, all defined: text(column, row).
template <class Text>
std::unique_ptr<record::Columns> Strings(const FileSchema& schema, size_t rows, Text text) {
  auto columns = std::make_unique<record::Columns>();
  columns->rows = rows;
  columns->arena = std::make_shared<record::Arena>();
  auto chunk = std::make_shared<record::Chunk>();
  chunk->source = "source";
  chunk->shard = "shard";
  columns->chunk = chunk;
  for (size_t c = 0; c < schema.schema.fields.size(); ++c) {
    record::LeafColumn leaf;
    leaf.max_definition = 1;
    leaf.definition.assign(rows, 1);
    for (size_t row = 0; row < rows; ++row) {
      const std::string value = text(c, row);
      char* bytes = columns->arena->Allocate(value.size());
      std::memcpy(bytes, value.data(), value.size());
      leaf.bytes.push_back({bytes, static_cast<uint32_t>(value.size())});
    }
    columns->leaves.push_back(std::move(leaf));
  }
  for (size_t row = 0; row < rows; ++row) columns->offsets.push_back(row * 230);
  return columns;
}

struct Written {
  std::string bytes;
  std::vector<size_t> pieces;

  FileWriter::Sink sink() {
    return [this](std::string_view piece) -> Result<void> {
      bytes += piece;
      pieces.push_back(piece.size());
      return {};
    };
  }
};

std::string Write(const FileSchema& schema, const record::Columns& columns, Scratch* scratch = nullptr) {
  Written written;
  FileWriter writer(schema, {}, written.sink(), scratch);
  const RowRange all[] = {{0, static_cast<uint32_t>(columns.rows)}};
  const Selection selection[] = {{&columns, all}};
  EXPECT_TRUE(writer.WriteRowGroup(selection));
  EXPECT_TRUE(writer.Finish());
  EXPECT_EQ(writer.rows(), columns.rows);
  EXPECT_EQ(writer.bytes(), written.bytes.size());
  return written.bytes;
}

// Something that zstd cannot make smaller than half.
std::string Noise(size_t row) {
  std::string text;
  uint64_t state = row * 0x9E3779B97F4A7C15ull + 1;
  for (int i = 0; i < 32; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    text += static_cast<char>('!' + (state >> 33) % 90);
  }
  return text;
}

TEST(FileWriter, FileHasMagicAtBothEndsAndTheFootersLength) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString)});
  const std::string file = Write(schema, *Strings(schema, 10, [](size_t, size_t row) { return Noise(row); }));
  uint32_t footer;
  std::memcpy(&footer, file.data() + file.size() - 8, 4);
  EXPECT_EQ(file.substr(0, 4) + file.substr(file.size() - 4), "PAR1PAR1");
  EXPECT_LT(footer, file.size());
  EXPECT_NE(file.find("datahub version"), std::string::npos);
}

TEST(FileWriter, ConstantColumnsAndLineageCostNextToNothing) {
  const FileSchema one = SchemaOf({Column("noise", Kind::kString)});
  const FileSchema two = SchemaOf({Column("noise", Kind::kString), Column("constant", Kind::kString)});
  const auto text = [](size_t column, size_t row) { return column == 0 ? Noise(row) : std::string("the same"); };
  const size_t rows = 50'000;
  const size_t with_one = Write(one, *Strings(one, rows, text)).size();
  const size_t with_two = Write(two, *Strings(two, rows, text)).size();
  EXPECT_LT(with_two - with_one, 600u);  // chunk, page index and footer entry
  // 6.5 of 8 bits of each byte, two bytes for the length, three for the offset
  EXPECT_LT(with_one, rows * 32 * 90 / 100 + rows * 5);
}

TEST(FileWriter, FewDistinctStringsAreADictionary) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString)});
  const size_t rows = 50'000;
  const size_t few =
      Write(schema, *Strings(schema, rows, [](size_t, size_t row) { return Noise(row * row % 61); })).size();
  EXPECT_LT(few, rows * 3);
}

// A scratch that was used for other files before changes nothing.
TEST(FileWriter, SharedScratchGivesTheSameBytes) {
  Scratch scratch;
  const FileSchema schema = SchemaOf({Column("a", Kind::kString), Column("b", Kind::kJson)});
  for (const size_t rows : {9000u, 1u, 300u}) {
    for (const size_t distinct : {1u, 40u, 100'000u}) {
      const auto columns = Strings(schema, rows, [&](size_t c, size_t row) { return Noise((row + c) % distinct); });
      EXPECT_EQ(Write(schema, *columns, &scratch), Write(schema, *columns));
    }
  }
}

// A flat leaf after a repeated one, by the same encoder: nothing of the first one's levels is left.
TEST(FileWriter, FlatAfterRepeatedIsFlat) {
  Field list = Column("list", Kind::kList);
  list.children = {Column("element", Kind::kString)};
  const FileSchema flat = SchemaOf({Column("flat", Kind::kString)});
  const FileSchema both = SchemaOf({list});
  const size_t rows = 40;
  auto lists = Strings(both, rows, [](size_t, size_t row) { return Noise(row); });
  record::LeafColumn& leaf = lists->leaves[0];
  leaf.max_definition = 3;
  leaf.max_repetition = 1;
  leaf.definition.assign(rows, 3);
  leaf.repetition.assign(rows, 0);
  for (uint32_t row = 0; row <= rows; ++row) leaf.row_begin.push_back(row);
  const auto texts = Strings(flat, 2000, [](size_t, size_t row) { return Noise(row); });
  Scratch scratch;
  Write(both, *lists, &scratch);
  EXPECT_EQ(Write(flat, *texts, &scratch), Write(flat, *texts));
}

TEST(FileWriter, PiecesAreLarge) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString)});
  const auto columns = Strings(schema, 60'000, [](size_t, size_t row) { return Noise(row); });
  Written written;
  FileWriter writer(schema, {}, written.sink());
  const RowRange all[] = {{0, 60'000}};
  const Selection selection[] = {{columns.get(), all}};
  ASSERT_TRUE(writer.WriteRowGroup(selection));
  size_t small = 0;
  for (const size_t piece : written.pieces) small += piece < 64 * 1024;
  EXPECT_GE(written.pieces.size(), 3u);
  EXPECT_LE(small, 2u);  // what was before the first large one, and the end of the row group
}

TEST(FileWriter, RefusesRowGroupsWithoutRows) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString)});
  const auto columns = Strings(schema, 5, [](size_t, size_t) { return std::string("x"); });
  Written written;
  FileWriter writer(schema, {}, written.sink());
  EXPECT_FALSE(writer.WriteRowGroup({}));
  const RowRange none[] = {{3, 3}};
  const Selection selection[] = {{columns.get(), none}};
  EXPECT_FALSE(writer.WriteRowGroup(selection));
  EXPECT_TRUE(writer.Finish());  // nothing was written: an empty file is a whole file
}

TEST(FileWriter, RefusesColumnsOfAnotherShape) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString), Column("b", Kind::kString)});
  const auto columns =
      Strings(SchemaOf({Column("a", Kind::kString)}), 5, [](size_t, size_t) { return std::string("x"); });
  Written written;
  FileWriter writer(schema, {}, written.sink());
  const RowRange all[] = {{0, 5}};
  const Selection selection[] = {{columns.get(), all}};
  EXPECT_FALSE(writer.WriteRowGroup(selection));
  const RowRange beyond[] = {{0, 6}};
  const Selection too_far[] = {{columns.get(), beyond}};
  EXPECT_FALSE(writer.WriteRowGroup(too_far));
}

TEST(FileWriter, RefusesStructsWithoutFields) {
  const FileSchema schema = SchemaOf({Column("empty", Kind::kStruct)});
  Written written;
  FileWriter writer(schema, {}, written.sink());
  const Result<void> finished = writer.Finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::kInvalidInput);
  EXPECT_NE(finished.error().message.find("`empty`"), std::string::npos);
}

// A sink that fails at its N-th piece: its error comes out, and the file is never finished.
TEST(FileWriter, AFailedSinkSpendsTheWriter) {
  const FileSchema schema = SchemaOf({Column("a", Kind::kString)});
  const auto columns = Strings(schema, 60'000, [](size_t, size_t row) { return Noise(row); });
  const RowRange all[] = {{0, 60'000}};
  const Selection selection[] = {{columns.get(), all}};
  Scratch scratch;
  for (size_t fail_at = 0;; ++fail_at) {
    size_t pieces = 0;
    FileWriter writer(
        schema, {},
        [&](std::string_view) -> Result<void> {
          if (pieces++ == fail_at) return Error{Code::kDiskFull, "no space"};
          return {};
        },
        &scratch);
    const Result<void> written = writer.WriteRowGroup(selection);
    const Result<void> finished = writer.Finish();
    if (written && finished) break;
    EXPECT_FALSE(finished);
    EXPECT_EQ((written ? finished : written).error().code, Code::kDiskFull);
    EXPECT_FALSE(writer.Finish());
  }
  EXPECT_EQ(Write(schema, *columns, &scratch), Write(schema, *columns));  // the scratch is clean
}

}  // namespace
}  // namespace datahub::lake::parquet
