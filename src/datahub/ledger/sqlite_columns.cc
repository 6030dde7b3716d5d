// The part of SqliteLedger that says what tables and contracts look like.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/ledger/commit_json.h"
#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {

Result<std::optional<TableColumns>> SqliteLedger::Columns(const std::string& table) {
  std::lock_guard lock(mutex_);
  auto versions = DH_TRY(ReadColumns(table, 1));
  if (versions.empty()) return std::optional<TableColumns>();
  return std::optional<TableColumns>(std::move(versions.front()));
}

Result<std::vector<TableColumns>> SqliteLedger::ColumnVersions(const std::string& table) {
  std::lock_guard lock(mutex_);
  auto versions = DH_TRY(ReadColumns(table, -1));
  std::reverse(versions.begin(), versions.end());
  return versions;
}

// Newest first; -1 = all.
Result<std::vector<TableColumns>> SqliteLedger::ReadColumns(const std::string& table, int newest_max) {
  Statement select =
      DH_TRY(database_->Prepare("SELECT version, schema, partition_keys, folder FROM columns WHERE table_name = ? "
                                "ORDER BY version DESC LIMIT ?"));
  select.Bind(table).Bind(newest_max);
  std::vector<TableColumns> versions;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return versions;
    TableColumns columns;
    columns.table = table;
    columns.version = static_cast<int>(select.Int(0));
    auto schema = record::FromJson(select.Text(1));
    if (!schema) {
      return Error{Code::kCorruption,
                   fmt::format("ledger {}: the columns of table '{}', version {}, cannot be read: {}",
                               database_->path(), table, columns.version, schema.error().message)};
    }
    columns.schema = *std::move(schema);
    columns.partition_keys = DH_TRY(PartitionKeysFromJson(select.Text(2)));
    columns.folder = select.Text(3);
    versions.push_back(std::move(columns));
  }
}

Result<void> SqliteLedger::SetColumns(const Incarnation& mine, const TableColumns& columns) {
  return Write("columns", mine, [&]() -> Result<void> {
    const auto known = DH_TRY(ReadColumns(columns.table, 1));
    if (!known.empty() && known.front() == columns) return {};
    const int next = known.empty() ? 1 : known.front().version + 1;
    if (columns.version != next) {
      return Error{Code::kConflict,
                   fmt::format("columns of table '{}' are at version {}, so version {} cannot follow; read "
                               "them again",
                               columns.table, next - 1, columns.version)};
    }
    Statement insert = DH_TRY(database_->Prepare("INSERT INTO columns VALUES (?, ?, ?, ?, ?)"));
    insert.Bind(columns.table).Bind(columns.version).Bind(columns.folder).Bind(record::ToJson(columns.schema));
    return insert.Bind(ToJson(columns.partition_keys)).Run();
  });
}

Result<std::vector<std::string>> SqliteLedger::Tables() {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare("SELECT DISTINCT table_name FROM columns ORDER BY 1"));
  std::vector<std::string> tables;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return tables;
    tables.push_back(select.Text(0));
  }
}

Result<std::vector<ContractVersion>> SqliteLedger::ContractVersions(const std::string& pipeline) {
  std::lock_guard lock(mutex_);
  return ReadContractVersions(pipeline);
}

Result<std::vector<ContractVersion>> SqliteLedger::ReadContractVersions(const std::string& pipeline) {
  Statement select =
      DH_TRY(database_->Prepare("SELECT contract, version, checksum, after_commit, since_us FROM "
                                "contract_versions WHERE pipeline = ? ORDER BY number"));
  select.Bind(pipeline);
  std::vector<ContractVersion> versions;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return versions;
    versions.push_back(
        {select.Text(0), static_cast<int>(select.Int(1)), select.Text(2), select.Text(3), select.Int(4)});
  }
}

Result<void> SqliteLedger::SetContractVersion(const Incarnation& mine, const std::string& pipeline,
                                              const std::string& contract, int version, const std::string& checksum) {
  return Write("contract", mine, [&]() -> Result<void> {
    const auto known = DH_TRY(ReadContractVersions(pipeline));
    if (!known.empty() && known.back().contract == contract && known.back().version == version &&
        known.back().checksum == checksum) {
      return {};
    }
    Statement newest =
        DH_TRY(database_->Prepare("SELECT id FROM commits WHERE pipeline = ? ORDER BY number DESC LIMIT 1"));
    const bool row = DH_TRY(newest.Bind(pipeline).Step());
    const std::string after = row ? newest.Text(0) : "";
    Statement insert =
        DH_TRY(database_->Prepare("INSERT INTO contract_versions (pipeline, contract, version, checksum, "
                                  "after_commit, since_us) VALUES (?, ?, ?, ?, ?, ?)"));
    insert.Bind(pipeline).Bind(contract).Bind(version).Bind(checksum).Bind(after).Bind(clock::NowUs());
    return insert.Run();
  });
}

Result<std::vector<LandedContract>> SqliteLedger::LandedContracts(const std::string& table) {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare(
      "SELECT contract, version, checksum FROM landed_contracts WHERE table_name = ? ORDER BY contract, version"));
  select.Bind(table);
  std::vector<LandedContract> landed;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return landed;
    landed.push_back({select.Text(0), static_cast<int>(select.Int(1)), select.Text(2)});
  }
}

// With the commit that lands the rows. The contract is the pipeline's newest: nothing is judged by it before it is noted, and
// nothing by another one while it is. The first checksum stays.
Result<void> SqliteLedger::NoteLandedContract(const Commit& commit) {
  const auto judged = DH_TRY(ReadContractVersions(commit.id.pipeline));
  if (judged.empty()) return {};
  const ContractVersion& by = judged.back();
  std::set<std::string_view> tables;
  for (const DataFile& file : commit.added) {
    if (file.rows > 0 && file.contract_version == by.version) tables.insert(file.table);
  }
  Statement insert = DH_TRY(database_->Prepare("INSERT OR IGNORE INTO landed_contracts VALUES (?, ?, ?, ?)"));
  for (const std::string_view table : tables) {
    DH_TRY(insert.Bind(std::string(table)).Bind(by.contract).Bind(by.version).Bind(by.checksum).Run());
  }
  return {};
}

}  // namespace datahub::ledger
