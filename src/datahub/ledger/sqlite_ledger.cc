#include "datahub/ledger/sqlite_ledger.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/ledger/commit_json.h"
#include "datahub/ledger/ledger_file.h"

namespace datahub::ledger {

Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path, OpenMode mode, int busy_wait_ms) {
  auto database = DH_TRY(OpenLedgerFile(path, mode, busy_wait_ms));
  LedgerFiles files;
  if (mode == OpenMode::kReadWrite) files = DH_TRY(LedgerFiles::Of(path));
  return std::unique_ptr<Ledger>(new SqliteLedger(std::move(database), mode, std::move(files)));
}

Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path, OpenMode mode) {
  return OpenSqliteLedger(path, mode, kBusyWaitMs);
}

Result<std::string> SqliteLedger::LakeId() {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare("SELECT value FROM meta WHERE key = 'lake_id'"));
  const bool row = DH_TRY(select.Step());
  if (!row)
    return Error{Code::kCorruption, "ledger " + database_->path() + " has no lake id; put a backup in its place"};
  return select.Text(0);
}

Result<void> SqliteLedger::CheckWritable() const {
  if (mode_ == OpenMode::kReadWrite) return {};
  return Error{Code::kInvalidInput, "ledger " + database_->path() + " is open for reading only"};
}

// --- workers

// Not Write(): nobody's incarnation is checked here, the new one fences all.
Result<Worker> SqliteLedger::TakeIncarnation(const std::string& host, int64_t process) {
  DH_TRY(CheckWritable());
  std::lock_guard lock(mutex_);
  CrashPoint("ledger.before_incarnation");
  Transaction transaction = DH_TRY(Transaction::Begin(*database_));
  const auto newest = DH_TRY(Newest());
  const uint64_t random = DH_TRY(RandomBits());
  const uint64_t counter = newest ? newest->incarnation.counter + 1 : 1;
  const Worker worker{Incarnation{counter, random}, host, process, clock::NowUs()};
  Statement insert = DH_TRY(database_->Prepare("INSERT INTO incarnations VALUES (?, ?, ?, ?, ?)"));
  insert.Bind(counter).Bind(fmt::format("{:016x}", random)).Bind(host).Bind(process).Bind(worker.since_us);
  DH_TRY(insert.Run());
  CrashPoint("ledger.in_incarnation");
  DH_TRY(std::move(transaction).Commit());
  DH_TRY(files_.Check());
  CrashPoint("ledger.after_incarnation");
  return worker;
}

Result<std::optional<Worker>> SqliteLedger::CurrentWorker() {
  std::lock_guard lock(mutex_);
  return Newest();
}

Result<void> SqliteLedger::CheckIncarnation(const Incarnation& mine) {
  std::lock_guard lock(mutex_);
  DH_TRY(CheckNewest(mine));
  return files_.Check();
}

Result<std::optional<Worker>> SqliteLedger::Newest() {
  Statement select = DH_TRY(database_->Prepare(
      "SELECT counter, random, host, process, since_us FROM incarnations ORDER BY counter DESC LIMIT 1"));
  const bool row = DH_TRY(select.Step());
  if (!row) return std::optional<Worker>();
  Worker worker;
  worker.incarnation.counter = select.Unsigned(0);
  worker.incarnation.random = std::stoull("0" + select.Text(1), nullptr, 16);
  worker.host = select.Text(2);
  worker.process = select.Int(3);
  worker.since_us = select.Int(4);
  return std::optional<Worker>(std::move(worker));
}

Result<void> SqliteLedger::CheckNewest(const Incarnation& mine) {
  const auto newest = DH_TRY(Newest());
  if (newest && newest->incarnation == mine) return {};
  if (!newest) return Error{Code::kFenced, "this worker's incarnation " + mine.ToString() + " is not in the ledger"};
  return Error{Code::kFenced,
               fmt::format("process {} on {} took this project over at {} (incarnation {}, this one is {}); "
                           "this worker stops",
                           newest->process, newest->host, clock::ToIso(newest->since_us),
                           newest->incarnation.ToString(), mine.ToString())};
}

// --- positions

Result<std::map<std::string, std::string>> SqliteLedger::Positions(const std::string& source,
                                                                   const std::string& target) {
  std::lock_guard lock(mutex_);
  Statement select =
      DH_TRY(database_->Prepare("SELECT shard, position FROM positions WHERE source = ? AND target = ?"));
  select.Bind(source).Bind(target);
  std::map<std::string, std::string> positions;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return positions;
    positions.emplace(select.Text(0), select.Text(1));
  }
}

Result<std::vector<std::pair<PositionKey, std::string>>> SqliteLedger::AllPositions() {
  std::lock_guard lock(mutex_);
  Statement select =
      DH_TRY(database_->Prepare("SELECT source, shard, target, position FROM positions ORDER BY 1, 2, 3"));
  std::vector<std::pair<PositionKey, std::string>> positions;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return positions;
    positions.emplace_back(PositionKey{select.Text(0), select.Text(1), select.Text(2)}, select.Text(3));
  }
}

Result<void> SqliteLedger::RenameSource(const Incarnation& mine, const std::string& from, const std::string& to) {
  if (from == to) return Error{Code::kInvalidInput, "source '" + from + "' cannot be renamed to itself"};
  return Write("rename_source", mine, [&]() -> Result<void> {
    DH_TRY(CheckRename(from, to));
    Statement update = DH_TRY(database_->Prepare("UPDATE positions SET source = ? WHERE source = ?"));
    DH_TRY(update.Bind(to).Bind(from).Run());
    Statement lost = DH_TRY(database_->Prepare("UPDATE lost_moves SET source = ? WHERE source = ?"));
    return lost.Bind(to).Bind(from).Run();
  });
}

Result<void> SqliteLedger::RenameTable(const Incarnation& mine, const std::string& from, const std::string& to) {
  if (from == to) return Error{Code::kInvalidInput, "table '" + from + "' cannot be renamed to itself"};
  return Write("rename_table", mine, [&]() -> Result<void> {
    const auto mine_now = DH_TRY(ReadColumns(from, 1));
    if (mine_now.empty()) return {};  // done already, or never written
    const auto theirs = DH_TRY(ReadColumns(to, 1));
    if (!theirs.empty()) {
      return Error{
          Code::kConflict,
          fmt::format("table '{}' cannot be renamed to '{}', which has rows of its own; take renamed_from out of the "
                      "project, or give the table another name",
                      from, to)};
    }
    DH_TRY(CheckNoIntent("table '" + from + "' cannot be renamed"));
    for (const char* table : {"files", "removed_files", "partitions", "columns", "landed_contracts"}) {
      Statement update =
          DH_TRY(database_->Prepare(fmt::format("UPDATE {} SET table_name = ? WHERE table_name = ?", table)));
      DH_TRY(update.Bind(to).Bind(from).Run());
    }
    return {};
  });
}

Result<void> SqliteLedger::RenamePipeline(const Incarnation& mine, const std::string& from, const std::string& to) {
  if (from == to) return Error{Code::kInvalidInput, "pipeline '" + from + "' cannot be renamed to itself"};
  return Write("rename_pipeline", mine, [&]() -> Result<void> {
    DH_TRY(CheckNoIntent("pipeline '" + from + "' cannot be renamed"));
    Statement both =
        DH_TRY(database_->Prepare("SELECT count(*) FROM positions a JOIN positions b ON b.target = ? AND b.source = "
                                  "a.source AND b.shard = a.shard "
                                  "WHERE a.target = ?"));
    DH_TRY(both.Bind(to).Bind(from).Step());
    if (both.Int(0) > 0) {
      return Error{Code::kConflict,
                   fmt::format("pipeline '{}' cannot be renamed to '{}': both have read the same source; "
                               "take renamed_from out of the project",
                               from, to)};
    }
    for (const char* sql :
         {"UPDATE positions SET target = ? WHERE target = ?", "UPDATE lost_moves SET target = ? WHERE target = ?",
          "UPDATE contract_versions SET pipeline = ? WHERE pipeline = ?"}) {
      Statement update = DH_TRY(database_->Prepare(sql));
      DH_TRY(update.Bind(to).Bind(from).Run());
    }
    return {};
  });
}

Result<void> SqliteLedger::CheckNoIntent(const std::string& what) {
  Statement intent = DH_TRY(database_->Prepare("SELECT id FROM commits WHERE state = 0 LIMIT 1"));
  const bool open = DH_TRY(intent.Step());
  if (!open) return {};
  return Error{Code::kConflict, what + " while intent " + intent.Text(0) + " is open; complete it first"};
}

Result<void> SqliteLedger::ForgetSource(const Incarnation& mine, const std::string& source) {
  return Write("forget_source", mine, [&]() -> Result<void> {
    DH_TRY(CheckNoIntentOf(source, "forgotten"));
    for (const char* sql : {"DELETE FROM positions WHERE source = ?", "DELETE FROM lost_moves WHERE source = ?"}) {
      Statement remove = DH_TRY(database_->Prepare(sql));
      DH_TRY(remove.Bind(source).Run());
    }
    return {};
  });
}

Result<void> SqliteLedger::CheckNoIntentOf(const std::string& source, const std::string& what) {
  Statement intents = DH_TRY(database_->Prepare("SELECT id, record FROM commits WHERE state = 0"));
  while (true) {
    const bool row = DH_TRY(intents.Step());
    if (!row) return {};
    const Commit intent = DH_TRY(RecordFromJson(intents.Text(1)));
    for (const PositionMove& move : intent.moves) {
      if (move.key.source == source) {
        return Error{Code::kConflict, "source '" + source + "' cannot be " + what + " while intent " + intents.Text(0) +
                                          " is open; complete it first"};
      }
    }
  }
}

Result<void> SqliteLedger::CheckRename(const std::string& from, const std::string& to) {
  DH_TRY(CheckNoIntentOf(from, "renamed"));
  Statement both =
      DH_TRY(database_->Prepare("SELECT a.shard FROM positions a JOIN positions b ON b.source = ? AND "
                                "b.shard = a.shard AND b.target = a.target WHERE a.source = ? LIMIT 1"));
  both.Bind(to).Bind(from);
  const bool row = DH_TRY(both.Step());
  if (!row) return {};
  return Error{Code::kConflict,
               fmt::format("source '{}' cannot be renamed to '{}': both have a position for '{}'; take "
                           "renamed_from out of the project, or give the source another name",
                           from, to, both.Text(0))};
}

}  // namespace datahub::ledger
