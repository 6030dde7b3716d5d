#include "datahub/query/column_type.h"

#include <fmt/format.h>

#include "datahub/query/handle.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

using record::Field;
using record::Kind;

std::string StructType(const Field& field) {
  std::string type = "STRUCT(";
  for (const Field& child : field.children) {
    if (&child != field.children.data()) type += ", ";
    type += QuotedName(child.name) + " " + TypeOf(child);
  }
  return type + ")";
}

bool IsStruct(duckdb_logical_type type, const Field& field) {
  if (duckdb_struct_type_child_count(type) != field.children.size()) return false;
  for (size_t i = 0; i < field.children.size(); ++i) {
    char* name = duckdb_struct_type_child_name(type, i);
    const bool same_name = field.children[i].name == name;
    duckdb_free(name);
    if (!same_name || !IsType(LogicalType(duckdb_struct_type_child_type(type, i)).get(), field.children[i]))
      return false;
  }
  return true;
}

duckdb_type TypeIdOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return DUCKDB_TYPE_BOOLEAN;
    case Kind::kInt32:
      return DUCKDB_TYPE_INTEGER;
    case Kind::kInt64:
      return DUCKDB_TYPE_BIGINT;
    case Kind::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case Kind::kString:
      return DUCKDB_TYPE_VARCHAR;
    case Kind::kJson:
      return DUCKDB_TYPE_VARCHAR;
    case Kind::kBytes:
      return DUCKDB_TYPE_BLOB;
    case Kind::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case Kind::kDate:
      return DUCKDB_TYPE_DATE;
    case Kind::kDecimal:
      return DUCKDB_TYPE_DECIMAL;
    case Kind::kStruct:
      return DUCKDB_TYPE_STRUCT;
    case Kind::kList:
      return DUCKDB_TYPE_LIST;
    case Kind::kMap:
      return DUCKDB_TYPE_MAP;
  }
  return DUCKDB_TYPE_INVALID;
}

}  // namespace

Kind KeyKind(std::string_view transform) { return transform == "day" ? Kind::kDate : Kind::kString; }

std::string TypeOf(const Field& field) {
  switch (field.kind) {
    case Kind::kBool:
      return "BOOLEAN";
    case Kind::kInt32:
      return "INTEGER";
    case Kind::kInt64:
      return "BIGINT";
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kString:
      return "VARCHAR";
    case Kind::kJson:
      return "VARCHAR";
    case Kind::kBytes:
      return "BLOB";
    case Kind::kTimestamp:
      return "TIMESTAMP WITH TIME ZONE";
    case Kind::kDate:
      return "DATE";
    case Kind::kDecimal:
      return fmt::format("DECIMAL(38, {})", field.scale);
    case Kind::kStruct:
      return StructType(field);
    case Kind::kList:
      return TypeOf(field.children[0]) + "[]";
    case Kind::kMap:
      return fmt::format("MAP({}, {})", TypeOf(field.children[0]), TypeOf(field.children[1]));
  }
  return "VARCHAR";
}

bool IsType(duckdb_logical_type type, const Field& field) {
  if (duckdb_get_type_id(type) != TypeIdOf(field.kind)) return false;
  switch (field.kind) {
    case Kind::kDecimal:
      return duckdb_decimal_width(type) == 38 && duckdb_decimal_scale(type) == field.scale;
    case Kind::kStruct:
      return IsStruct(type, field);
    case Kind::kList:
      return IsType(LogicalType(duckdb_list_type_child_type(type)).get(), field.children[0]);
    case Kind::kMap:
      return IsType(LogicalType(duckdb_map_type_key_type(type)).get(), field.children[0]) &&
             IsType(LogicalType(duckdb_map_type_value_type(type)).get(), field.children[1]);
    default:
      return true;
  }
}

const std::vector<Field>& LineageFields() {
  static const std::vector<Field> kFields = [] {
    std::vector<Field> fields(5);
    fields[0].name = "dh_received_at";
    fields[0].kind = Kind::kTimestamp;
    fields[1].name = "dh_source";
    fields[2].name = "dh_shard";
    fields[3].name = "dh_offset";
    fields[4].name = "dh_contract_version";
    fields[4].kind = Kind::kInt32;
    return fields;
  }();
  return kFields;
}

}  // namespace datahub::query
