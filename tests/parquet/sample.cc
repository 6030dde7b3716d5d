// parquet_sample DIR [SEED [delta]]: writes Parquet files of many shapes, <name>.parquet, and beside each <name>.ndjson with the
// rows that readers must find. read_back.py runs it and compares.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "datahub/lake/parquet/file_writer.h"
#include "random_table.h"

namespace {

using namespace datahub;                  // NOLINT(google-build-using-namespace)
using namespace datahub::parquet_sample;  // NOLINT(google-build-using-namespace)
using lake::parquet::FileOptions;
using lake::parquet::FileWriter;
using lake::parquet::RowRange;
using lake::parquet::Selection;
using record::Kind;

void Must(const Result<void>& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().ToString());
  std::exit(1);
}

struct Case {
  std::string name;
  std::vector<Shape> shapes;
  size_t row_groups = 1;
  size_t batches = 3;  // Columns in a row group
  size_t rows = 500;   // in each
  FileOptions options = {};
  bool picked = false;  // single rows and short ranges, not all
  uint64_t first_offset = 0;
  uint64_t step = 230;
};

// All rows, or an ascending choice of them.
std::vector<RowRange> Choose(Random& random, size_t rows, bool picked) {
  const auto end = static_cast<uint32_t>(rows);
  if (!picked) return {{0, end}};
  std::vector<RowRange> ranges;
  for (uint32_t row = 0; row < end;) {
    const auto size = static_cast<uint32_t>(random() % 4 == 0 ? random() % 200 : 1);
    ranges.push_back({row, std::min(row + size, end)});
    row += size + static_cast<uint32_t>(random() % 5);
  }
  return ranges;
}

void Write(const std::string& folder, const Case& of, Random& random, lake::parquet::Scratch& scratch,
           lake::parquet::Encodings encodings) {
  std::ofstream file(folder + "/" + of.name + ".parquet", std::ios::binary);
  std::ofstream expected(folder + "/" + of.name + ".ndjson", std::ios::binary);
  lake::parquet::FileSchema schema;
  schema.schema = SchemaOf(of.shapes);
  schema.stored.assign(of.shapes.size(), true);
  const auto sink = [&](std::string_view bytes) -> Result<void> {
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return {};
  };
  FileOptions options = of.options;
  options.encodings = encodings;
  FileWriter writer(schema, options, sink, &scratch);
  uint64_t offset = of.first_offset;
  for (size_t group = 0; group < of.row_groups; ++group) {
    std::vector<Rows> rows;
    std::vector<std::vector<RowRange>> ranges;
    std::vector<Selection> selections;
    for (size_t batch = 0; batch < of.batches; ++batch) {
      rows.push_back(RandomRows(random, of.shapes, of.rows, offset, of.step, fmt::format("source-{}", group)));
      ranges.push_back(Choose(random, of.rows, of.picked));
      offset += of.step * of.rows;
    }
    for (size_t batch = 0; batch < of.batches; ++batch) {
      selections.push_back({rows[batch].columns.get(), ranges[batch]});
      for (const RowRange range : ranges[batch]) {
        for (uint32_t row = range.begin; row < range.end; ++row) expected << rows[batch].json[row] << '\n';
      }
    }
    Must(writer.WriteRowGroup(selections));
  }
  Must(writer.Finish());
}

// Every kind with every way to draw values, nullable and not.
std::vector<Shape> EveryScalar(double nulls) {
  std::vector<Shape> shapes;
  for (int kind = 0; kind <= static_cast<int>(Kind::kDecimal); ++kind) {
    for (int draw = 0; draw < 6; ++draw) {
      shapes.push_back(Scalar(fmt::format("k{}_{}", kind, draw), static_cast<Kind>(kind), static_cast<Draw>(draw),
                              nulls, kind == static_cast<int>(Kind::kDecimal) ? draw : 0));
    }
  }
  return shapes;
}

std::vector<Case> Cases(Random& random) {
  const auto options = [](size_t page_bytes, int level = 1) { return FileOptions{level, page_bytes}; };
  std::vector<Case> cases;
  cases.push_back({.name = "flat", .shapes = EveryScalar(0), .options = options(1 << 20)});
  cases.push_back({.name = "flat_nulls", .shapes = EveryScalar(0.2), .row_groups = 3, .options = options(1 << 20, 3)});
  cases.push_back(
      {.name = "flat_pages", .shapes = EveryScalar(0.1), .row_groups = 2, .rows = 4000, .options = options(4096)});
  cases.push_back(
      {.name = "flat_picked", .shapes = EveryScalar(0.1), .rows = 3000, .options = options(8192), .picked = true});
  cases.push_back({.name = "all_null", .shapes = EveryScalar(1), .options = options(1 << 20)});
  cases.push_back({.name = "one_row", .shapes = EveryScalar(0), .batches = 1, .rows = 1, .options = options(1 << 20)});
  cases.push_back({.name = "lineage_only", .shapes = {}, .batches = 20, .rows = 3000, .options = options(16384)});
  cases.push_back({.name = "offsets_high",
                   .shapes = {},
                   .rows = 3000,
                   .options = options(1 << 20),
                   .first_offset = 18'446'744'073'000'000'000ull,
                   .step = 7});
  cases.push_back(
      {.name = "many_rows",
       .shapes = {Scalar("few", Kind::kString, Draw::kFew, 0), Scalar("unique", Kind::kString, Draw::kUnique, 0.5),
                  Scalar("sorted", Kind::kTimestamp, Draw::kSorted, 0), Scalar("flag", Kind::kBool, Draw::kFew, 0)},
       .batches = 40,
       .rows = 8192,
       .options = options(1 << 20)});
  cases.push_back({.name = "growing_dictionary",
                   .shapes = {Scalar("sorted", Kind::kString, Draw::kSorted, 0),
                              Scalar("number", Kind::kInt64, Draw::kSorted, 0.1)},
                   .batches = 30,
                   .rows = 8192,
                   .options = options(16384)});
  for (int i = 0; i < 24; ++i) {
    Case nested{.name = fmt::format("nested_{:02}", i), .shapes = {}, .row_groups = 1 + random() % 2};
    nested.rows = 1 + random() % 700;
    nested.options.page_bytes = 512u << random() % 12;
    nested.picked = random() % 2 == 0;
    int next_id = 0;
    const size_t fields = 1 + random() % 4;
    for (size_t f = 0; f < fields; ++f) nested.shapes.push_back(RandomShape(random, fmt::format("c{}", f), 3, next_id));
    cases.push_back(std::move(nested));
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: parquet_sample DIR [SEED [delta]]\n");
    return 2;
  }
  Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  lake::parquet::Scratch scratch;  // one for all, as in a table with many partitions
  const bool delta = argc > 3 && std::string_view(argv[3]) == "delta";
  const auto encodings = delta ? lake::parquet::Encodings::kDelta : lake::parquet::Encodings::kPlain;
  for (const Case& of : Cases(random)) Write(argv[1], of, random, scratch, encodings);
  return 0;
}
