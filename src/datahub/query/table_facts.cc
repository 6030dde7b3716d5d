#include "datahub/query/table_facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/query/column_type.h"
#include "datahub/query/query_error.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
FileSums SumsOf(const std::vector<ledger::DataFile>& files) {
  FileSums sums;
  for (const ledger::DataFile& file : files) {
    sums.file_bytes_min = sums.files == 0 ? file.bytes : std::min(sums.file_bytes_min, file.bytes);
    sums.file_bytes_max = std::max(sums.file_bytes_max, file.bytes);
    ++sums.files;
    sums.rows += file.rows;
    sums.bytes += file.bytes;
  }
  return sums;
}

std::string PartitionText(const ledger::PartitionValues& values) {
  std::string text;
  for (const auto& [key, value] : values) text += (text.empty() ? "" : "/") + key + "=" + value;
  return text;
}

std::vector<ColumnFact> ColumnFactsOf(const ledger::TableColumns& columns) {
  std::vector<ColumnFact> facts;
  const auto key_of = [&](const record::Field& field) {
    return std::ranges::find_if(columns.partition_keys, [&](const ledger::PartitionKey& key) {
      return key.transform == "identity" && key.column == field.name;
    });
  };
  for (const record::Field& field : columns.schema.fields) {
    const auto key = key_of(field);
    facts.push_back({field.name, record::ToString(field),
                     key == columns.partition_keys.end() ? "contract" : "partition key " + key->name,
                     field.description});
  }
  for (const ledger::PartitionKey& key : columns.partition_keys) {
    if (key.transform == "identity") continue;
    facts.push_back({key.name, std::string(record::KindName(KeyKind(key.transform))), "partition key",
                     fmt::format("{}({})", key.transform, key.column)});
  }
  for (const record::Field& field : record::LineageFields()) {
    facts.push_back({field.name, record::ToString(field), "lineage", field.description});
  }
  return facts;
}

Result<void> CheckTable(ledger::Ledger* ledger, std::string_view table) {
  std::vector<std::string> tables;
  if (ledger != nullptr) tables = DH_TRY(ledger->Tables());
  if (std::ranges::find(tables, table) != tables.end()) return {};
  if (tables.empty()) return Error{Code::kNotFound, "there is no table yet; `datahub run` makes them"};
  const std::string nearest = NearestName(table, tables);
  return Error{Code::kNotFound, fmt::format("there is no table '{}'; {}there are: {}", table,
                                            nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest),
                                            fmt::join(tables, ", "))};
}

std::string QuarantineReasonsSql(std::string_view quarantine_table) {
  return fmt::format(
      "SELECT reasons[1].keyword AS keyword, reasons[1].instance AS field, count(*) AS records, "
      "any_value(reasons[1].message) AS example FROM {} GROUP BY 1, 2 ORDER BY records DESC, keyword, field",
      QuotedName(quarantine_table));
}

}  // namespace datahub::query
