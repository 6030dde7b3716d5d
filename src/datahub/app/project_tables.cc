#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"

namespace datahub::app {
namespace {

constexpr uint64_t kFlushBytesMax = uint64_t(1) << 40;
constexpr uint64_t kFlushRowsMax = 1'000'000'000;
constexpr int64_t kFlushAgeMinUs = 1'000;
constexpr int64_t kFlushAgeMaxUs = int64_t(30) * 86'400 * 1'000'000;

void ReadFlush(const YamlNode& node, const std::string& table, pipeline::FlushLimits& flush, Diagnostics& diagnostics) {
  Fields fields(node, fmt::format("flush of table {}", table), diagnostics);
  Values values(diagnostics);
  if (const YamlNode* bytes = fields.Take("bytes")) {
    if (const auto value = values.Bytes(*bytes, "bytes", 1, kFlushBytesMax)) flush.bytes = *value;
  }
  if (const YamlNode* rows = fields.Take("rows")) {
    if (const auto value = values.Count(*rows, "rows", 1, kFlushRowsMax)) flush.rows = *value;
  }
  if (const YamlNode* age = fields.Take("age")) {
    if (const auto value = values.DurationUs(*age, "age", kFlushAgeMinUs, kFlushAgeMaxUs)) flush.age_us = *value;
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
  Fields fields(entry.value, fmt::format("table {}", entry.key), diagnostics);
  TableConfig table;
  table.name = entry.key;
  if (const YamlNode* node = fields.Take("partition_by")) {
    ReadPartitionBy(*node, table, diagnostics);
    declarations.partition_by.emplace(entry.key, node);
  }
  if (const YamlNode* node = fields.Take("flush")) ReadFlush(*node, entry.key, table.flush, diagnostics);
  fields.Refuse("external", "external tables are");
  fields.Refuse("partition_keys", "partition_keys (of external tables) are");
  fields.Refuse("notified_by", "notified_by (of external tables) is");
  if (const YamlNode* node = entry.value.Find("notified_by"); node != nullptr && node->is_text()) {
    declarations.notifiers.push_back(node->text);
  }
  fields.Finish();
  if (diagnostics.count() == before) declarations.project.tables.push_back(std::move(table));
}

}  // namespace datahub::app
