#include "datahub/query/snapshot.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "datahub/query/statement_text.h"
#include "datahub/query/system_tables.h"
#include "datahub/query/wire.h"

namespace datahub::query {
namespace {

constexpr size_t kTextEntryBytes = 8;  // at least: its length

// Words by which SQL asks for tables that it does not name.
bool AsksForAllTables(std::string_view sql) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "show", "describe", "information_schema", "duckdb_", "pg_", "sqlite_", "pragma_"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return Mentions(sql, word); });
}

// `location` as seen from the folder.
std::string RelativeTo(std::string_view folder, std::string location) {
  if (folder.empty() || !location.starts_with(folder)) return location;
  std::string_view rest = std::string_view(location).substr(folder.size());
  if (!folder.ends_with('/') && !rest.starts_with('/')) return location;
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return std::string(rest);
}

void EncodeTable(const SnapshotTable& table, Encoder& out) {
  out.Text(table.columns.table).Text(record::ToJson(table.columns.schema));
  out.Number(table.columns.partition_keys.size());
  for (const ledger::PartitionKey& key : table.columns.partition_keys) {
    out.Text(key.name).Text(key.transform).Text(key.column);
  }
  out.Number(table.files.size());
  for (const SnapshotFile& file : table.files) {
    out.Text(file.key).Text(file.location == file.key ? std::string_view() : file.location);
    out.Number(file.rows)
        .Number(file.bytes)
        .Text(file.checksum)
        .Text(file.layout)
        .Text(file.damage)
        .Number(file.partition.size());
    for (const auto& [key, value] : file.partition) out.Text(key).Text(value);
  }
}

Result<SnapshotTable> DecodeTable(Decoder& in) {
  SnapshotTable table;
  table.columns.table = in.Text();
  const std::string_view schema = in.Text();
  if (in.whole()) table.columns.schema = DH_TRY(record::FromJson(schema));
  for (uint64_t left = in.Count(3 * kTextEntryBytes); left > 0; --left) {
    ledger::PartitionKey key;
    key.name = in.Text();
    key.transform = in.Text();
    key.column = in.Text();
    table.columns.partition_keys.push_back(std::move(key));
  }
  const uint64_t files = in.Count(8 * kTextEntryBytes);
  table.files.reserve(files);
  for (uint64_t at = 0; at < files && in.whole(); ++at) {
    SnapshotFile file;
    file.key = in.Text();
    file.location = in.Text();
    if (file.location.empty()) file.location = file.key;
    file.rows = in.Number();
    file.bytes = in.Number();
    file.checksum = in.Text();
    file.layout = in.Text();
    file.damage = in.Text();
    for (uint64_t left = in.Count(2 * kTextEntryBytes); left > 0; --left) {
      std::string key(in.Text());
      file.partition.emplace_back(std::move(key), in.Text());
    }
    table.files.push_back(std::move(file));
  }
  return table;
}

}  // namespace

Result<Snapshot> TakeSnapshot(ledger::Ledger* ledger, const storage::Store& store, std::string_view sql,
                              const SnapshotOptions& options) {
  Snapshot snapshot;
  snapshot.database = options.database;
  if (ledger != nullptr) snapshot.table_names = DH_TRY(ledger->Tables());
  const bool all = AsksForAllTables(sql);
  for (const std::string& name : snapshot.table_names) {
    if (!all && !Mentions(sql, name)) continue;
    std::optional<ledger::TableColumns> columns = DH_TRY(ledger->Columns(name));
    if (!columns) continue;
    SnapshotTable table{*std::move(columns), {}};
    std::vector<ledger::DataFile> files = DH_TRY(ledger->Files(name));
    table.files.reserve(files.size());
    for (ledger::DataFile& file : files) {
      std::string location = RelativeTo(options.lake, store.LocationOf({file.key}));
      table.files.push_back({std::move(file.key), std::move(location), std::move(file.partition), file.rows, file.bytes,
                             std::move(file.checksum), std::move(file.layout), std::move(file.damage)});
    }
    snapshot.tables.push_back(std::move(table));
  }
  DH_TRY(ReadSystemTables(sql, ledger, options.commits_max, snapshot));
  return snapshot;
}

std::string Encode(const Snapshot& snapshot) {
  Encoder out;
  out.Text(snapshot.database).Number(snapshot.table_names.size());
  for (const std::string& name : snapshot.table_names) out.Text(name);
  out.Number(snapshot.tables.size());
  for (const SnapshotTable& table : snapshot.tables) EncodeTable(table, out);
  out.Number(snapshot.system.size());
  for (const Snapshot::Rows& rows : snapshot.system) out.Number(rows.table).Text(rows.cells);
  return std::move(out.text);
}

Result<Snapshot> DecodeSnapshot(std::string_view bytes) {
  Decoder in(bytes);
  Snapshot snapshot;
  snapshot.database = in.Text();
  for (uint64_t left = in.Count(kTextEntryBytes); left > 0 && in.whole(); --left) {
    snapshot.table_names.emplace_back(in.Text());
  }
  for (uint64_t left = in.Count(kTextEntryBytes); left > 0 && in.whole(); --left) {
    snapshot.tables.push_back(DH_TRY(DecodeTable(in)));
  }
  for (uint64_t left = in.Count(kTextEntryBytes); left > 0 && in.whole(); --left) {
    const uint64_t table = in.Number();
    snapshot.system.push_back({table, std::string(in.Text())});
  }
  if (in.done()) return snapshot;
  return Error{Code::kInternal, "query: the snapshot is not whole"};
}

}  // namespace datahub::query
