// The part of SqliteLedger that says which files are a table now.
#include <fmt/format.h>

#include "datahub/ledger/commit_json.h"
#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {

Result<std::vector<DataFile>> SqliteLedger::Files(const std::string& table) {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(
      database_->Prepare("SELECT f.key, f.bytes, f.checksum, f.rows, f.partition, f.schema_version, "
                         "f.contract_version, c.id, f.layout, f.damage "
                         "FROM files f JOIN commits c ON c.number = f.added_by WHERE f.table_name = ? ORDER BY f.key"));
  select.Bind(table);
  std::vector<DataFile> files;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return files;
    DataFile file;
    file.table = table;
    file.key = select.Text(0);
    file.bytes = select.Unsigned(1);
    file.checksum = select.Text(2);
    file.rows = select.Unsigned(3);
    file.partition = DH_TRY(PartitionFromJson(select.Text(4)));
    file.schema_version = static_cast<int>(select.Int(5));
    file.contract_version = static_cast<int>(select.Int(6));
    file.commit = select.Text(7);
    file.layout = select.Text(8);
    file.damage = select.Text(9);
    files.push_back(std::move(file));
  }
}

// No step of a commit: what it says can be found out again.
Result<bool> SqliteLedger::SetDamage(const Incarnation& mine, const std::string& table, const std::string& key,
                                     const std::string& damage) {
  DH_TRY(CheckWritable());
  std::lock_guard lock(mutex_);
  Transaction transaction = DH_TRY(Transaction::Begin(*database_));
  DH_TRY(CheckNewest(mine));
  Statement update = DH_TRY(database_->Prepare("UPDATE files SET damage = ? WHERE table_name = ? AND key = ?"));
  DH_TRY(update.Bind(damage).Bind(table).Bind(key).Run());
  const bool live = database_->changes() == 1;
  DH_TRY(std::move(transaction).Commit());
  return live;
}

Result<std::vector<PartitionRow>> SqliteLedger::Partitions(const std::string& table) {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare(
      "SELECT p.partition, p.registered, count(f.key), coalesce(sum(f.rows), 0), coalesce(sum(f.bytes), 0) "
      "FROM partitions p LEFT JOIN files f ON f.table_name = p.table_name AND f.partition = p.partition "
      "WHERE p.table_name = ? GROUP BY p.partition ORDER BY p.partition"));
  select.Bind(table);
  std::vector<PartitionRow> partitions;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return partitions;
    PartitionRow partition;
    partition.table = table;
    partition.values = DH_TRY(PartitionFromJson(select.Text(0)));
    partition.registered = select.Int(1) != 0;
    partition.files = select.Unsigned(2);
    partition.rows = select.Unsigned(3);
    partition.bytes = select.Unsigned(4);
    partitions.push_back(std::move(partition));
  }
}

Result<std::vector<RemovedFile>> SqliteLedger::RemovedFiles(int64_t before_us) {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare(
      "SELECT table_name, key, checksum FROM removed_files WHERE removed_at_us < ? ORDER BY table_name, key"));
  select.Bind(before_us);
  std::vector<RemovedFile> files;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return files;
    files.push_back({select.Text(0), select.Text(1), select.Text(2)});
  }
}

Result<void> SqliteLedger::ForgetRemoved(const Incarnation& mine, const std::vector<RemovedFile>& files) {
  return Write("forget", mine, [&]() -> Result<void> {
    Statement remove = DH_TRY(database_->Prepare("DELETE FROM removed_files WHERE table_name = ? AND key = ?"));
    for (const RemovedFile& file : files) DH_TRY(remove.Bind(file.table).Bind(file.key).Run());
    return {};
  });
}

}  // namespace datahub::ledger
