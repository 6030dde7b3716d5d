#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "datahub/base/crash_point.h"
#include "datahub/ledger/ledger.h"
#include "datahub/ledger/ledger_file.h"
#include "datahub/ledger/sqlite.h"

namespace datahub::ledger {

// How long a call waits for another process's transaction before it is Unavailable.
inline constexpr int kBusyWaitMs = 5000;

Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path, OpenMode mode, int busy_wait_ms);

// The ledger in one SQLite file. Every writing call is one BEGIN IMMEDIATE transaction that checks the incarnation first.
// Split by subject: sqlite_ledger.cc (workers, positions), sqlite_intents.cc (what a commit changes), sqlite_commits.cc
// (commits read back), sqlite_columns.cc (tables' columns, contract versions), sqlite_files.cc (what is a table now).
class SqliteLedger final : public Ledger {
 public:
  // `files`: of one that is open for writing.
  SqliteLedger(std::unique_ptr<Database> database, OpenMode mode, LedgerFiles files)
      : database_(std::move(database)), mode_(mode), files_(std::move(files)) {}

  Result<std::string> LakeId() override;
  Result<Worker> TakeIncarnation(const std::string& host, int64_t process) override;
  Result<std::optional<Worker>> CurrentWorker() override;
  Result<void> CheckIncarnation(const Incarnation& mine) override;

  Result<void> WriteIntent(const Commit& commit) override;
  Result<void> MarkCommitted(const Incarnation& mine, const CommitId& id) override;
  Result<void> Abandon(const Incarnation& mine, const CommitId& id) override;
  Result<std::vector<LostMove>> LostMoves(const std::string& target) override;
  Result<void> ForgetLostMoves(const Incarnation& mine, const std::vector<LostMove>& moves) override;
  Result<std::vector<Commit>> OpenIntents() override;
  Result<std::optional<Commit>> FindCommit(const std::string& id) override;
  Result<std::vector<Commit>> Commits(size_t newest_max) override;
  Result<std::map<std::string, std::string>> LastCommits() override;

  Result<std::map<std::string, std::string>> Positions(const std::string& source, const std::string& target) override;
  Result<std::vector<std::pair<PositionKey, std::string>>> AllPositions() override;
  Result<void> RenameSource(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> RenameTable(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> RenamePipeline(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> ForgetSource(const Incarnation& mine, const std::string& source) override;

  Result<std::optional<TableColumns>> Columns(const std::string& table) override;
  Result<void> SetColumns(const Incarnation& mine, const TableColumns& columns) override;
  Result<std::vector<TableColumns>> ColumnVersions(const std::string& table) override;
  Result<std::vector<std::string>> Tables() override;
  Result<void> SetContractVersion(const Incarnation& mine, const std::string& pipeline, const std::string& contract,
                                  int version, const std::string& checksum) override;
  Result<std::vector<ContractVersion>> ContractVersions(const std::string& pipeline) override;
  Result<std::vector<LandedContract>> LandedContracts(const std::string& table) override;
  Result<bool> SetDamage(const Incarnation& mine, const std::string& table, const std::string& key,
                         const std::string& damage) override;

  Result<std::vector<DataFile>> Files(const std::string& table) override;
  Result<std::vector<PartitionRow>> Partitions(const std::string& table) override;
  Result<std::vector<RemovedFile>> RemovedFiles(int64_t before_us) override;
  Result<void> ForgetRemoved(const Incarnation& mine, const std::vector<RemovedFile>& files) override;

 private:
  // Runs `change` inside a write transaction of the incarnation; crash points before_/in_/after_<step>.
  template <class F>
  Result<void> Write(const std::string& step, const Incarnation& mine, F&& change);
  Result<void> CheckWritable() const;

  // All below need the lock.
  Result<std::optional<Worker>> Newest();
  Result<void> CheckNewest(const Incarnation& mine);
  struct Stored;  // a commit's row
  Result<std::optional<Stored>> Find(const std::string& id);
  Result<std::vector<Commit>> ReadCommits(Statement& statement);
  Result<void> CheckNoOpenIntent(const std::string& target);
  Result<void> MovePosition(const PositionMove& move);
  Result<void> CheckAdded(const std::vector<DataFile>& files);
  Result<void> ReserveRemoved(const std::vector<RemovedFile>& files, int64_t number);
  Result<int64_t> InsertIntent(const Commit& commit, const std::string& record);
  Result<void> DeleteLost(const std::vector<LostMove>& moves);
  Result<void> NoteLost(const Commit& commit, int64_t number);
  Result<void> SetState(int64_t number, CommitState state, int64_t now_us);
  Result<void> AddFiles(const std::vector<DataFile>& files, int64_t number);
  Result<void> RemoveFiles(const std::vector<RemovedFile>& files, int64_t number, int64_t now_us);
  Result<std::vector<TableColumns>> ReadColumns(const std::string& table, int newest_max);
  Result<std::vector<ContractVersion>> ReadContractVersions(const std::string& pipeline);
  Result<void> CheckNoIntent(const std::string& what);
  Result<void> NoteLandedContract(const Commit& commit);
  Result<void> CheckNoIntentOf(const std::string& source, const std::string& what);
  Result<void> CheckRename(const std::string& from, const std::string& to);

  Error Damaged(const std::string& what) const;

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  const OpenMode mode_;
  const LedgerFiles files_;
};

template <class F>
Result<void> SqliteLedger::Write(const std::string& step, const Incarnation& mine, F&& change) {
  DH_TRY(CheckWritable());
  std::lock_guard lock(mutex_);
  CrashPoint("ledger.before_" + step);
  Transaction transaction = DH_TRY(Transaction::Begin(*database_));
  DH_TRY(CheckNewest(mine));
  DH_TRY(change());
  CrashPoint("ledger.in_" + step);
  DH_TRY(std::move(transaction).Commit());
  DH_TRY(files_.Check());
  CrashPoint("ledger.after_" + step);
  return {};
}

}  // namespace datahub::ledger
