// Verbs that tell what tables are there and what they are made of.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/workspace.h"
#include "datahub/base/clock.h"

namespace datahub::app {
namespace {

std::string PartitionText(const ledger::PartitionValues& values) {
  std::string text;
  for (const auto& [key, value] : values) text += (text.empty() ? "" : "/") + key + "=" + value;
  return text;
}

struct TableSums {
  uint64_t files = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t file_bytes_min = 0;
  uint64_t file_bytes_max = 0;
};

TableSums SumsOf(const std::vector<ledger::DataFile>& files) {
  TableSums sums;
  for (const ledger::DataFile& file : files) {
    sums.file_bytes_min = sums.files == 0 ? file.bytes : std::min(sums.file_bytes_min, file.bytes);
    sums.file_bytes_max = std::max(sums.file_bytes_max, file.bytes);
    ++sums.files;
    sums.rows += file.rows;
    sums.bytes += file.bytes;
  }
  return sums;
}

// Tables of the ledger; none before the first run.
Result<std::vector<std::string>> TablesOf(const Workspace& workspace) {
  if (!workspace.ledger) return std::vector<std::string>();
  return workspace.ledger->Tables();
}

Result<void> CheckTable(const Workspace& workspace, const std::string& table) {
  const std::vector<std::string> tables = DH_TRY(TablesOf(workspace));
  if (std::find(tables.begin(), tables.end(), table) != tables.end()) return {};
  if (tables.empty()) return Error{Code::kNotFound, "there is no table yet; `datahub run` makes them"};
  std::string names;
  for (const std::string& name : tables) names += (names.empty() ? "" : ", ") + name;
  return Error{Code::kNotFound, fmt::format("there is no table '{}'; there are: {}", table, names)};
}

Result<Listing> ListTables(const Workspace& workspace) {
  Listing listing({"table", "rows", "files", "bytes", "partitions", "columns"});
  const std::vector<std::string> tables = DH_TRY(TablesOf(workspace));
  for (const std::string& table : tables) {
    const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
    const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
    const auto columns = DH_TRY(workspace.ledger->Columns(table));
    const TableSums sums = SumsOf(files);
    listing.Add({table, sums.rows, sums.files, sums.bytes, static_cast<uint64_t>(partitions.size()),
                 static_cast<uint64_t>(columns ? columns->schema.fields.size() : 0)});
  }
  return listing;
}

Result<Listing> ShowTable(const Workspace& workspace, const std::string& table) {
  DH_TRY(CheckTable(workspace, table));
  const auto columns = DH_TRY(workspace.ledger->Columns(table));
  Listing listing({"column", "type", "from", "description"});
  if (!columns) return listing;
  const auto key_of = [&](const record::Field& field) {
    return std::ranges::find_if(columns->partition_keys, [&](const ledger::PartitionKey& key) {
      return key.transform == "identity" && key.column == field.name;
    });
  };
  for (const record::Field& field : columns->schema.fields) {
    const auto key = key_of(field);
    listing.Add({field.name, record::ToString(field),
                 key == columns->partition_keys.end() ? "contract" : "partition key " + key->name, field.description});
  }
  for (const ledger::PartitionKey& key : columns->partition_keys) {
    if (key.transform == "identity") continue;
    listing.Add({key.name, std::string("string"), std::string("partition key"),
                 fmt::format("{}({})", key.transform, key.column)});
  }
  static constexpr const char* kLineage[][3] = {
      {"dh_received_at", "timestamp", "when the record was read"},
      {"dh_source", "string", "the source it came from"},
      {"dh_shard", "string", "what its offset is ordered within"},
      {"dh_offset", "string", "its place in the shard, 20 digits"},
      {"dh_contract_version", "int32", "the contract version that judged it"}};
  for (const auto& [name, type, description] : kLineage) {
    listing.Add({std::string(name), std::string(type), std::string("lineage"), std::string(description)});
  }
  return listing;
}

Result<Listing> TableFiles(const Workspace& workspace, const std::string& table) {
  DH_TRY(CheckTable(workspace, table));
  const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
  Listing listing({"key", "rows", "bytes", "partition", "commit", "checksum"});
  for (const ledger::DataFile& file : files) {
    listing.Add({file.key, file.rows, file.bytes, PartitionText(file.partition), file.commit, file.checksum});
  }
  return listing;
}

Result<Listing> TablePartitions(const Workspace& workspace, const std::string& table) {
  DH_TRY(CheckTable(workspace, table));
  const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
  Listing listing({"partition", "rows", "files", "bytes"});
  for (const ledger::PartitionRow& row : partitions) {
    listing.Add({PartitionText(row.values), row.rows, row.files, row.bytes});
  }
  return listing;
}

Result<Listing> TableStats(const Workspace& workspace, const std::string& table) {
  DH_TRY(CheckTable(workspace, table));
  const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
  const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
  const TableSums sums = SumsOf(files);
  Listing listing(
      {"table", "rows", "files", "partitions", "bytes", "bytes_per_row", "file_bytes_min", "file_bytes_max"});
  const double per_row = sums.rows == 0 ? 0 : static_cast<double>(sums.bytes) / static_cast<double>(sums.rows);
  listing.Add({table, sums.rows, sums.files, static_cast<uint64_t>(partitions.size()), sums.bytes, per_row,
               sums.file_bytes_min, sums.file_bytes_max});
  return listing;
}

template <class F>
int Print(const Globals& globals, F&& make, const std::string& empty_note) {
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  const Result<Listing> listing = make(*workspace);
  if (!listing) return Fail(listing.error());
  listing->Print(globals.json, empty_note);
  return kOk;
}

}  // namespace

int ListCommand(const Globals& globals) {
  return Print(globals, ListTables, "no tables yet; `datahub run` makes them");
}

int ShowCommand(const Globals& globals, const std::string& table) {
  return Print(
      globals, [&](const Workspace& workspace) { return ShowTable(workspace, table); }, "");
}

int TableFilesCommand(const Globals& globals, const std::string& table) {
  return Print(
      globals, [&](const Workspace& workspace) { return TableFiles(workspace, table); }, "no files");
}

int TablePartitionsCommand(const Globals& globals, const std::string& table) {
  return Print(
      globals, [&](const Workspace& workspace) { return TablePartitions(workspace, table); }, "no partitions");
}

int TableStatsCommand(const Globals& globals, const std::string& table) {
  return Print(
      globals, [&](const Workspace& workspace) { return TableStats(workspace, table); }, "");
}

}  // namespace datahub::app
