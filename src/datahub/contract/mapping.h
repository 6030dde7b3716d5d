#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/contract/mapping_place.h"
#include "datahub/contract/schema.h"
#include "datahub/record/table_schema.h"

namespace datahub::contract {

inline constexpr size_t kColumnsMax = 10'000;  // leaves of one contract
inline constexpr size_t kNestingMax = 64;      // structs, lists and maps within each other
inline constexpr size_t kNameBytesMax = 255;   // Glue's limit on a column's name
inline constexpr const char* kExtraColumn = "dh_extra";
inline constexpr const char* kWholeColumn = "event";

// One place of an event and the column it becomes. Levels as record::Leaf has them.
struct ColumnNode {
  std::string key;  // the member's key in the event; "" for the root, elements, map values and dh_extra
  record::Kind kind = record::Kind::kJson;
  int scale = 0;
  bool is_extra = false;  // dh_extra: the members of its struct that have no column, as one JSON object
  Place place;
  int16_t definition = 0;  // the level of a value that is there and not null; one less: null or absent
  int16_t repetition = 0;  // the level of a second element (lists, maps), else that of the place
  bool repeated = false;   // lies within a list or map
  uint32_t leaf_begin = 0;
  uint32_t leaf_end = 0;
  std::vector<ColumnNode> children;  // struct: fields; list: the element; map: the value (its key is leaf_begin)

  std::unordered_map<std::string_view, uint32_t> child_index;  // struct: by key

  const ColumnNode* extra() const { return !children.empty() && children.back().is_extra ? &children.back() : nullptr; }
};

// How events of a schema become columns.
struct Mapping {
  record::TableSchema columns;
  std::vector<record::Leaf> leaves;
  ColumnNode root;  // a struct whose fields are the columns, or the one column `event`
};

// Where an error about what stands at `begin` of the subschema is shown: there, or at the contract's reference to the document
// that it is of.
uint32_t OffsetOf(const Schema& schema, uint32_t begin);

// Why Hive, Athena or Spark could not hold a column of this name; empty when they can.
std::string NameFault(std::string_view name);

// Null when there is any error; all of them at once.
std::unique_ptr<const Mapping> MapColumns(const Schema& root, bool strict, std::vector<CompileError>* errors);

}  // namespace datahub::contract
