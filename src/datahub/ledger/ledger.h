#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/commit.h"
#include "datahub/record/table_schema.h"

namespace datahub::ledger {

struct Worker {
  Incarnation incarnation;
  std::string host;
  int64_t process = 0;
  int64_t since_us = 0;  // microseconds UTC
};

// One key of a table's partitions and what it is made from: {"created_at_day", "day", "created_at"}. With the transform
// "identity" the column is in no file, only in the key.
struct PartitionKey {
  std::string name;
  std::string transform;
  std::string column;
  bool operator==(const PartitionKey&) const = default;
};

// A table's columns: they only gain or widen. Lineage columns are not among them.
struct TableColumns {
  std::string table;
  std::string folder;  // below the lake's root, where its files lie
  int version = 0;
  record::TableSchema schema;  // with field ids
  std::vector<PartitionKey> partition_keys;
  bool operator==(const TableColumns&) const = default;
};

// From when on a contract version judges a pipeline's records.
struct ContractVersion {
  std::string contract;
  int version = 0;
  std::string checksum;      // of what judges and shapes rows in it
  std::string after_commit;  // the pipeline's newest commit or intent when it began; "" = from the first record
  int64_t since_us = 0;
};

// A contract version that accepted rows of a table: it never changes any more.
struct LandedContract {
  std::string contract;  // "" = none
  int version = 0;
  std::string checksum;  // that it had then
};

struct PartitionRow {
  std::string table;
  PartitionValues values;
  uint64_t files = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  bool registered = false;
};

// Datahub's own truth: which files are a table now, how far each source is, and who may say so.
//
//   TakeIncarnation -> { WriteIntent -> (storage reveals) -> MarkCommitted }*
//
// Durable  every call that returns success survives power loss
// Fencing  every writing call checks that its incarnation is still the newest; otherwise Fenced and nothing changed
// Errors   Conflict (positions moved: reload, rebuild) · Fenced · DiskFull · Unavailable · CommitUnknown · Corruption (also
//          when the file was removed or replaced while it is open: what was committed since may be lost)
// Threads  any; calls are serialized inside
class Ledger {
 public:
  virtual ~Ledger() = default;

  // The lake's id; made at the ledger's creation. The pipeline compares it with the one the lake carries.
  virtual Result<std::string> LakeId() = 0;

  // Makes a new incarnation, which fences all older ones.
  virtual Result<Worker> TakeIncarnation(const std::string& host, int64_t process) = 0;
  virtual Result<std::optional<Worker>> CurrentWorker() = 0;
  virtual Result<void> CheckIncarnation(const Incarnation& mine) = 0;

  // Records the intent and compares and sets its positions in one transaction. Conflict when a position is not `from`,
  // a removed file is not live, or the target has an open intent. Again with the same record: success. InvalidInput when
  // the record cannot be kept as it is: text that is not UTF-8, a position twice or of another target.
  virtual Result<void> WriteIntent(const Commit& commit) = 0;
  // intent -> committed: files added and removed, partitions marked to register. Again on the same id: success. An intent
  // of a fenced incarnation is committed by its successor, whose incarnation is `mine`.
  virtual Result<void> MarkCommitted(const Incarnation& mine, const CommitId& id) = 0;
  // intent -> abandoned; its positions go back to `from`, the files it wanted removed stay, the names it wanted to add are
  // to be deleted at once (RemovedFiles), its moves are to be read again. Again: success.
  virtual Result<void> Abandon(const Incarnation& mine, const CommitId& id) = 0;
  // What abandoned commits of the target had read and nobody has marked as read again.
  virtual Result<std::vector<LostMove>> LostMoves(const std::string& target) = 0;
  // A commit that read them again names them itself (Commit::settled); this is for what nobody will.
  virtual Result<void> ForgetLostMoves(const Incarnation& mine, const std::vector<LostMove>& moves) = 0;
  virtual Result<std::vector<Commit>> OpenIntents() = 0;
  virtual Result<std::optional<Commit>> FindCommit(const std::string& id) = 0;
  virtual Result<std::vector<Commit>> Commits(size_t newest_max) = 0;
  // Each pipeline's last committed commit.
  virtual Result<std::map<std::string, std::string>> LastCommits() = 0;

  // Position by shard; of open intents too (they are set by the intent).
  virtual Result<std::map<std::string, std::string>> Positions(const std::string& source,
                                                               const std::string& target) = 0;
  virtual Result<std::vector<std::pair<PositionKey, std::string>>> AllPositions() = 0;
  // A source was renamed in the project (`renamed_from`): its positions and lost moves follow. Idempotent. Conflict when `to` has a
  // position of its own for a shard of `from`, or an open intent names `from` (recover first).
  virtual Result<void> RenameSource(const Incarnation& mine, const std::string& from, const std::string& to) = 0;
  // The same of a table: its files, partitions, columns and landed contracts; its folder stays. Conflict when `to` has columns
  // of its own, or while an intent is open.
  virtual Result<void> RenameTable(const Incarnation& mine, const std::string& from, const std::string& to) = 0;
  // The same of a pipeline: its positions, lost moves and contract versions.
  virtual Result<void> RenamePipeline(const Incarnation& mine, const std::string& from, const std::string& to) = 0;
  // Positions and lost moves of the source are gone: it is read anew, or not at all. Conflict while an intent names it.
  virtual Result<void> ForgetSource(const Incarnation& mine, const std::string& source) = 0;

  // The newest columns, or nothing for a table that is not known.
  virtual Result<std::optional<TableColumns>> Columns(const std::string& table) = 0;
  // Adds a version; Conflict unless `columns.version` is the newest + 1 (or is the newest and the same). Field ids are the
  // caller's.
  virtual Result<void> SetColumns(const Incarnation& mine, const TableColumns& columns) = 0;
  // All versions, newest last.
  virtual Result<std::vector<TableColumns>> ColumnVersions(const std::string& table) = 0;
  virtual Result<std::vector<std::string>> Tables() = 0;

  // A contract version judges a pipeline from now on: written before anything is judged by it. The one that does already:
  // success, nothing changes.
  virtual Result<void> SetContractVersion(const Incarnation& mine, const std::string& pipeline,
                                          const std::string& contract, int version, const std::string& checksum) = 0;

  // Newest last.
  virtual Result<std::vector<ContractVersion>> ContractVersions(const std::string& pipeline) = 0;

  // What rows of the table were accepted by, since the commits that landed them.
  virtual Result<std::vector<LandedContract>> LandedContracts(const std::string& table) = 0;

  virtual Result<std::vector<DataFile>> Files(const std::string& table) = 0;  // live ones, by key
  // Says what is wrong with a live file, "" = nothing any more. False when it is not live.
  virtual Result<bool> SetDamage(const Incarnation& mine, const std::string& table, const std::string& key,
                                 const std::string& damage) = 0;
  virtual Result<std::vector<PartitionRow>> Partitions(const std::string& table) = 0;

  // Removed files older than `before_us`, to be deleted from the store; then forgotten.
  virtual Result<std::vector<RemovedFile>> RemovedFiles(int64_t before_us) = 0;
  virtual Result<void> ForgetRemoved(const Incarnation& mine, const std::vector<RemovedFile>& files) = 0;
};

enum class OpenMode { kReadWrite, kReadOnly };

// `path` is a SQLite file (WAL, synchronous=FULL), created with its folder in kReadWrite when absent; NotFound in
// kReadOnly, where every writing call is InvalidInput. InvalidInput for a file that is not a ledger or that a newer program
// made. Readers need the right to write the folder (SQLite's shared index lies beside the file).
Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path, OpenMode mode);

}  // namespace datahub::ledger
