#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"

namespace datahub::app {
namespace {

void ReadFlush(const YamlNode& node, const std::string& table, pipeline::FlushLimits& flush, Diagnostics& diagnostics) {
  Fields fields(node, fmt::format("flush of table {}", table), kFlushFields, diagnostics);
  if (const auto bytes = fields.Bytes("bytes")) flush.bytes = *bytes;
  if (const auto rows = fields.Count("rows")) flush.rows = *rows;
  if (const auto age = fields.DurationUs("age")) flush.age_us = *age;
  fields.Finish();
}

void ReadParquet(const YamlNode& node, TableConfig& table, Diagnostics& diagnostics) {
  Fields fields(node, fmt::format("parquet of table {}", table.name), kParquetFields, diagnostics);
  if (const YamlNode* encodings = fields.Take("encodings")) {
    const auto word = Values(diagnostics).Choice(*encodings, "encodings", kEncodings);
    if (word && *word == "delta") table.encodings = lake::parquet::Encodings::kDelta;
  }
  fields.Finish();
}

void ReadPartitionBy(const YamlNode& node, TableConfig& table, Diagnostics& diagnostics) {
  if (node.is_list() && node.items.empty()) return;
  Values values(diagnostics);
  for (const YamlNode* item : values.Texts(node, "partition_by")) {
    Result<lake::PartitionField> field = lake::ParsePartitionField(item->text);
    if (field) {
      table.partition_by.push_back(*std::move(field));
    } else {
      diagnostics.Add(code::kPartitioning, item->place, WithoutVariables(field.error().message, *item),
                      "write a column, day(column), hour(column) or month(column), and `as name` to name the key");
    }
  }
}

}  // namespace

void ReadTable(const YamlEntry& entry, Declarations& declarations, Diagnostics& diagnostics) {
  const size_t before = diagnostics.count();
  Fields fields(entry.value, fmt::format("table {}", entry.key), kTableFields, diagnostics);
  TableConfig table;
  table.name = entry.key;
  if (const YamlNode* node = fields.Take("renamed_from")) {
    if (const auto name = Values(diagnostics).Text(*node, "renamed_from")) {
      table.renamed_from = *name;
      declarations.renamed_tables.emplace(entry.key, node);
    }
  }
  if (const YamlNode* node = fields.Take("partition_by")) {
    ReadPartitionBy(*node, table, diagnostics);
    declarations.partition_by.emplace(entry.key, node);
  }
  if (const YamlNode* node = fields.Take("flush")) ReadFlush(*node, entry.key, table.flush, diagnostics);
  if (const YamlNode* node = fields.Take("parquet")) ReadParquet(*node, table, diagnostics);
  fields.Refuse();
  if (const YamlNode* node = entry.value.Find("notified_by"); node != nullptr && node->is_text()) {
    declarations.notifiers.push_back(node->text);
  }
  fields.Finish();
  if (diagnostics.count() == before) declarations.project.tables.push_back(std::move(table));
}

}  // namespace datahub::app
