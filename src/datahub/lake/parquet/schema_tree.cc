#include "datahub/lake/parquet/schema_tree.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace datahub::lake::parquet {
namespace {

using record::Field;
using record::Kind;

constexpr int kLevelMax = 127;

Annotation AnnotationOf(Kind kind) {
  switch (kind) {
    case Kind::kString:
    case Kind::kJson:
      return Annotation::kString;
    case Kind::kTimestamp:
      return Annotation::kTimestampMicros;
    case Kind::kDate:
      return Annotation::kDate;
    case Kind::kDecimal:
      return Annotation::kDecimal;
    case Kind::kList:
      return Annotation::kList;
    case Kind::kMap:
      return Annotation::kMap;
    default:
      return Annotation::kNone;
  }
}

Repetition RepetitionOf(const Field& field) { return field.nullable ? Repetition::kOptional : Repetition::kRequired; }

Error Malformed(const Field& field, std::string_view why) {
  return {Code::kInvalidInput, fmt::format("column `{}` cannot be stored in Parquet: {}", field.name, why)};
}

Result<void> AppendField(const Field& field, const std::string& name, std::vector<SchemaElement>& out) {
  SchemaElement element{.name = name,
                        .type = {},
                        .annotation = AnnotationOf(field.kind),
                        .repetition = RepetitionOf(field),
                        .scale = field.scale,
                        .children = 0,
                        .field_id = field.id};
  if (!IsNested(field.kind)) {
    element.type = PhysicalTypeOf(field.kind);
    out.push_back(std::move(element));
    return {};
  }
  if (field.kind == Kind::kStruct) {
    if (field.children.empty()) return Malformed(field, "a struct needs a field; make it a JSON column");
    element.children = static_cast<int>(field.children.size());
    out.push_back(std::move(element));
    for (const Field& child : field.children) DH_TRY(AppendField(child, child.name, out));
    return {};
  }
  const bool list = field.kind == Kind::kList;
  if (field.children.size() != (list ? 1u : 2u)) {
    return Malformed(field, list ? "a list has one child, its element" : "a map has two children, key and value");
  }
  SchemaElement repeated;
  repeated.name = list ? "list" : "key_value";
  repeated.repetition = Repetition::kRepeated;
  repeated.children = list ? 1 : 2;
  element.children = 1;
  out.push_back(std::move(element));
  out.push_back(std::move(repeated));
  if (list) return AppendField(field.children[0], "element", out);
  if (field.children[0].nullable) return Malformed(field, "keys of a map must not be nullable");
  DH_TRY(AppendField(field.children[0], "key", out));
  return AppendField(field.children[1], "value", out);
}

size_t CountLeaves(const Field& field) {
  if (!IsNested(field.kind)) return 1;
  size_t leaves = 0;
  for (const Field& child : field.children) leaves += CountLeaves(child);
  return leaves;
}

constexpr Lineage kLineage[] = {Lineage::kReceivedAt, Lineage::kSource, Lineage::kShard, Lineage::kOffset,
                                Lineage::kContractVersion};

}  // namespace

PhysicalType PhysicalTypeOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return PhysicalType::kBoolean;
    case Kind::kInt32:
    case Kind::kDate:
      return PhysicalType::kInt32;
    case Kind::kInt64:
    case Kind::kTimestamp:
      return PhysicalType::kInt64;
    case Kind::kDouble:
      return PhysicalType::kDouble;
    case Kind::kDecimal:
      return PhysicalType::kFixed16;
    default:
      return PhysicalType::kByteArray;
  }
}

const LineageColumn& LineageColumnOf(Lineage column) {
  static const std::array<LineageColumn, kLineageColumns> columns = {{
      {"dh_received_at", PhysicalType::kInt64, Annotation::kTimestampMicros},
      {"dh_source", PhysicalType::kByteArray, Annotation::kString},
      {"dh_shard", PhysicalType::kByteArray, Annotation::kString},
      {"dh_offset", PhysicalType::kByteArray, Annotation::kString},
      {"dh_contract_version", PhysicalType::kInt32, Annotation::kNone},
  }};
  return columns[static_cast<size_t>(column)];
}

Result<SchemaTree> MakeSchemaTree(const FileSchema& schema) {
  SchemaTree tree;
  const std::vector<record::Leaf> leaves = LeavesOf(schema.schema);
  const std::vector<Field>& fields = schema.schema.fields;
  if (schema.stored.size() != fields.size()) {
    return Error{Code::kInternal, fmt::format("Parquet file schema: {} fields, but {} flags that say which are stored",
                                              fields.size(), schema.stored.size())};
  }
  tree.columns = leaves.size();
  tree.elements.push_back({.name = "schema",
                           .type = {},
                           .annotation = Annotation::kNone,
                           .repetition = Repetition::kRequired,
                           .scale = 0,
                           .children = static_cast<int>(kLineageColumns),
                           .field_id = 0});
  size_t leaf = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t end = leaf + CountLeaves(fields[i]);
    if (!schema.stored[i]) {
      leaf = end;
      continue;
    }
    DH_TRY(AppendField(fields[i], fields[i].name, tree.elements));
    ++tree.elements[0].children;
    for (; leaf < end; ++leaf) {
      const record::Leaf& of = leaves[leaf];
      if (of.max_definition > kLevelMax) return Malformed(fields[i], "it is nested too deeply; make it a JSON column");
      tree.leaves.push_back({leaf, of.kind, PhysicalTypeOf(of.kind), of.path, of.max_definition, of.max_repetition});
    }
  }
  for (Lineage lineage : kLineage) {
    const LineageColumn& column = LineageColumnOf(lineage);
    SchemaElement element;
    element.name = column.name;
    element.type = column.type;
    element.annotation = column.annotation;
    tree.elements.push_back(std::move(element));
  }
  return tree;
}

}  // namespace datahub::lake::parquet
