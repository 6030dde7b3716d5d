#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::record {

// What a column can be. A timestamp is microseconds UTC, a date days since 1970, a decimal has 38
// digits.
enum class Kind : uint8_t {
  kBool,
  kInt32,
  kInt64,
  kDouble,
  kString,
  kJson,  // JSON text; a string to most readers
  kBytes,
  kTimestamp,  // int64
  kDate,       // int32
  kDecimal,    // unscaled 128 bits, `scale` digits behind the point
  kStruct,     // children: the fields
  kList,       // one child: the element
  kMap,        // two children: key (string), value
};

constexpr bool IsNested(Kind kind) { return kind >= Kind::kStruct; }

std::string_view KindName(Kind kind);  // "int64"

struct Field {
  std::string name;
  Kind kind = Kind::kString;
  int scale = 0;         // kDecimal
  bool nullable = true;  // only lineage columns, map keys and repeated internals are not
  int id = 0;            // field id, stable over versions of the table; 0 = not given yet
  std::string description;
  std::vector<Field> children;

  bool operator==(const Field&) const = default;
};

// Columns of a table, in order.
struct TableSchema {
  std::vector<Field> fields;

  bool operator==(const TableSchema&) const = default;
};

// Columns that every table has behind those of its contract: where a row came from.
std::vector<Field> LineageFields();

// One leaf of the tree: what is stored. Levels as in Dremel (Parquet's): a nullable field and each list or
// map add one to the definition level; a list or map adds one to the repetition level. A nullable list of
// nullable elements has max definition 3: 0 null list, 1 empty list, 2 null element, 3 value.
struct Leaf {
  std::vector<std::string> path;  // Parquet's path: a list is name.list.element, a map name.key_value.key|value
  Kind kind = Kind::kString;
  int scale = 0;
  int16_t max_definition = 0;
  int16_t max_repetition = 0;
};

// Leaves in depth-first order: the order of Columns::leaves and of Parquet's column chunks.
std::vector<Leaf> LeavesOf(const TableSchema& schema);

// The field's type: "struct<a: int64, b: list<string>>", for messages and tests.
std::string ToString(const Field& field);

// One JSON text and back: how the ledger keeps a table's columns.
std::string ToJson(const TableSchema& schema);
Result<TableSchema> FromJson(std::string_view json);  // InvalidInput, naming what is wrong

}  // namespace datahub::record
