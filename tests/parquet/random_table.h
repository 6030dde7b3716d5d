#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

// Random tables for the Parquet writer's tests: a schema of any shape, rows, the Columns a contract would give for them,
// and the same rows as JSON to compare with what readers say.
namespace datahub::parquet_sample {

using Random = std::mt19937_64;

// How the values of a leaf are drawn.
enum class Draw { kConstant, kFew, kUnique, kSorted, kExtreme, kLong };

struct Shape {
  record::Field field;
  Draw draw = Draw::kUnique;
  double nulls = 0;   // share, where the field is nullable
  int items_max = 4;  // of lists and maps
  std::vector<Shape> children;
};

// A field of random kind, nested up to `depth`.
Shape RandomShape(Random& random, std::string name, int depth, int& next_id);
Shape Scalar(std::string name, record::Kind kind, Draw draw, double nulls, int scale = 0);
record::TableSchema SchemaOf(const std::vector<Shape>& shapes);

struct Rows {
  std::shared_ptr<record::Columns> columns;
  std::vector<std::string> json;  // one object a row, lineage included
};

// `first` is the offset of the first row; offsets grow by about `step`, and sometimes go back.
Rows RandomRows(Random& random, const std::vector<Shape>& shapes, size_t rows, uint64_t first, uint64_t step,
                const std::string& source);

}  // namespace datahub::parquet_sample
