// The part of SqliteLedger that a commit changes: intent, committed, abandoned.
#include <set>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/ledger/commit_json.h"
#include "datahub/ledger/sqlite_commit_row.h"
#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {
namespace {

constexpr size_t kChecksumDigits = 32;

std::string Quoted(const std::string& position) { return position.empty() ? "none" : "'" + position + "'"; }

Error Refused(const Commit& commit, const std::string& why) {
  return Error{Code::kInvalidInput, "intent " + commit.id.ToString() + " cannot be recorded: " + why};
}

// What is kept is read back later instead of what was handed in: both must be the same, so text that JSON would change
// (not UTF-8) is refused here and not found out by a recovery.
Result<void> CheckRecord(const Commit& commit, const std::string& record) {
  std::set<PositionKey> keys;
  for (const PositionMove& move : commit.moves) {
    if (move.key.target != commit.target) {
      return Refused(commit,
                     "it moves a position of target '" + move.key.target + "', its own is '" + commit.target + "'");
    }
    if (!keys.insert(move.key).second) return Refused(commit, "it moves shard '" + move.key.shard + "' twice");
    if (move.to.empty() && move.from.empty()) {
      return Refused(commit, "shard '" + move.key.shard + "' has no position to be forgotten");
    }
  }
  for (const DataFile& file : commit.added) {
    if (file.checksum.size() != kChecksumDigits) return Refused(commit, "file " + file.key + " has no checksum");
  }
  Commit expected = commit;
  expected.state = CommitState::kIntent;
  expected.committed_at_us = 0;
  for (DataFile& file : expected.added) file.commit = commit.id.ToString();
  const auto kept = RecordFromJson(record);
  if (!kept || *kept != expected) {
    return Refused(commit, "a name, shard or position in it is not UTF-8 text, or a partition key is there twice");
  }
  return {};
}

}  // namespace

Result<void> SqliteLedger::WriteIntent(const Commit& commit) {
  const std::string record = RecordToJson(commit);
  DH_TRY(CheckRecord(commit, record));
  return Write("intent", commit.id.incarnation, [&]() -> Result<void> {
    const auto known = DH_TRY(Find(commit.id.ToString()));
    if (known && known->record == record && known->commit.state != CommitState::kAbandoned) return {};
    if (known) {
      return Error{Code::kConflict,
                   "commit " + commit.id.ToString() + " was recorded before and differs or was abandoned"};
    }
    DH_TRY(CheckNoOpenIntent(commit.target));
    for (const PositionMove& move : commit.moves) DH_TRY(MovePosition(move));
    DH_TRY(CheckAdded(commit.added));
    const int64_t number = DH_TRY(InsertIntent(commit, record));
    return ReserveRemoved(commit.removed, number);
  });
}

Result<void> SqliteLedger::CheckNoOpenIntent(const std::string& target) {
  Statement select = DH_TRY(database_->Prepare("SELECT id FROM commits WHERE state = 0 AND target = ?"));
  const bool row = DH_TRY(select.Bind(target).Step());
  if (!row) return {};
  return Error{Code::kConflict,
               "target '" + target + "' has the open intent " + select.Text(0) + "; complete it first"};
}

// Compares and sets. No row is the position "".
Result<void> SqliteLedger::MovePosition(const PositionMove& move) {
  const PositionKey& key = move.key;
  Statement select =
      DH_TRY(database_->Prepare("SELECT position FROM positions WHERE source = ? AND shard = ? AND target = ?"));
  const bool row = DH_TRY(select.Bind(key.source).Bind(key.shard).Bind(key.target).Step());
  const std::string now = row ? select.Text(0) : "";
  if (now != move.from) {
    return Error{
        Code::kConflict,
        fmt::format("the position of source '{}', shard '{}', target '{}' is {}, not {}: somebody else moved it; "
                    "reload positions and read again",
                    key.source, key.shard, key.target, Quoted(now), Quoted(move.from))};
  }
  if (move.to.empty()) {
    Statement remove =
        DH_TRY(database_->Prepare("DELETE FROM positions WHERE source = ? AND shard = ? AND target = ?"));
    return remove.Bind(key.source).Bind(key.shard).Bind(key.target).Run();
  }
  Statement set =
      DH_TRY(database_->Prepare("INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT "
                                "(source, shard, target) DO UPDATE SET position = excluded.position"));
  return set.Bind(key.source).Bind(key.shard).Bind(key.target).Bind(move.to).Run();
}

// A name belongs to one file for ever. One that is live, or that waits to be deleted, would lose or lend its bytes.
Result<void> SqliteLedger::CheckAdded(const std::vector<DataFile>& files) {
  Statement select =
      DH_TRY(database_->Prepare("SELECT 1 FROM files WHERE table_name = ?1 AND key = ?2 UNION ALL "
                                "SELECT 1 FROM removed_files WHERE table_name = ?1 AND key = ?2"));
  for (const DataFile& file : files) {
    const bool row = DH_TRY(select.Bind(file.table).Bind(file.key).Step());
    select.Reset();
    if (row)
      return Error{Code::kConflict, "file " + file.key + " is in the ledger already; names are never used again"};
  }
  return {};
}

// Two targets cannot both remove a file: the first intent has it.
Result<void> SqliteLedger::ReserveRemoved(const std::vector<RemovedFile>& files, int64_t number) {
  Statement update = DH_TRY(
      database_->Prepare("UPDATE files SET leaving_by = ? WHERE table_name = ? AND key = ? AND leaving_by IS NULL"));
  for (const RemovedFile& file : files) {
    DH_TRY(update.Bind(number).Bind(file.table).Bind(file.key).Run());
    if (database_->changes() != 1) {
      return Error{Code::kConflict, "file " + file.key + " of table '" + file.table +
                                        "' is not there to be removed: another commit removed it, or is about to; list "
                                        "the files again"};
    }
  }
  return {};
}

Result<int64_t> SqliteLedger::InsertIntent(const Commit& commit, const std::string& record) {
  Statement insert = DH_TRY(
      database_->Prepare("INSERT INTO commits (id, pipeline, target, state, record, created_at_us, committed_at_us) "
                         "VALUES (?, ?, ?, 0, ?, ?, 0) RETURNING number"));
  insert.Bind(commit.id.ToString()).Bind(commit.id.pipeline).Bind(commit.target).Bind(record);
  const bool row = DH_TRY(insert.Bind(commit.created_at_us).Step());
  if (!row) return Damaged("an intent got no number");
  return insert.Int(0);
}

Result<void> SqliteLedger::MarkCommitted(const Incarnation& mine, const CommitId& id) {
  return Write("commit", mine, [&]() -> Result<void> {
    const auto known = DH_TRY(Find(id.ToString()));
    if (!known) return Error{Code::kNotFound, "commit " + id.ToString() + " has no intent in the ledger"};
    const Commit& commit = known->commit;
    if (commit.state == CommitState::kCommitted) return {};
    if (commit.state == CommitState::kAbandoned) {
      return Error{Code::kConflict, "commit " + id.ToString() + " was abandoned; its records are read again"};
    }
    const int64_t now_us = clock::NowUs();
    DH_TRY(SetState(known->number, CommitState::kCommitted, now_us));
    DH_TRY(RemoveFiles(commit.removed, known->number, now_us));
    DH_TRY(DeleteLost(commit.settled));
    DH_TRY(NoteLandedContract(commit));
    return AddFiles(commit.added, known->number);
  });
}

Result<void> SqliteLedger::Abandon(const Incarnation& mine, const CommitId& id) {
  return Write("abandon", mine, [&]() -> Result<void> {
    const auto known = DH_TRY(Find(id.ToString()));
    if (!known) return Error{Code::kNotFound, "commit " + id.ToString() + " has no intent in the ledger"};
    if (known->commit.state == CommitState::kAbandoned) return {};
    if (known->commit.state == CommitState::kCommitted) {
      return Error{Code::kConflict, "commit " + id.ToString() + " is committed and cannot be abandoned"};
    }
    for (const PositionMove& move : known->commit.moves) {
      auto moved = MovePosition(PositionMove{move.key, move.to, move.from});
      if (!moved && moved.error().code == Code::kConflict) return Damaged(moved.error().message);
      if (!moved) return moved;
    }
    Statement release = DH_TRY(database_->Prepare("UPDATE files SET leaving_by = NULL WHERE leaving_by = ?"));
    DH_TRY(release.Bind(known->number).Run());
    DH_TRY(NoteLost(known->commit, known->number));
    return SetState(known->number, CommitState::kAbandoned, 0);
  });
}

// What may be revealed of it is deleted from a row, behind the check of the incarnation: a worker that was superseded
// while it looked deletes nothing.
Result<void> SqliteLedger::NoteLost(const Commit& commit, int64_t number) {
  Statement file = DH_TRY(database_->Prepare("INSERT INTO removed_files VALUES (?, ?, ?, 0, ?)"));
  for (const DataFile& added : commit.added) {
    DH_TRY(file.Bind(added.table).Bind(added.key).Bind(number).Bind(added.checksum).Run());
  }
  Statement lost = DH_TRY(database_->Prepare("INSERT INTO lost_moves VALUES (?, ?, ?, ?, ?, ?)"));
  for (const PositionMove& move : commit.moves) {
    lost.Bind(number).Bind(move.key.source).Bind(move.key.shard).Bind(move.key.target);
    DH_TRY(lost.Bind(move.from).Bind(move.to).Run());
  }
  return {};
}

Result<std::vector<LostMove>> SqliteLedger::LostMoves(const std::string& target) {
  std::lock_guard lock(mutex_);
  Statement select = DH_TRY(database_->Prepare(
      "SELECT c.id, l.source, l.shard, l.from_position, l.to_position FROM lost_moves l "
      "JOIN commits c ON c.number = l.number WHERE l.target = ? ORDER BY l.number, l.source, l.shard"));
  select.Bind(target);
  std::vector<LostMove> moves;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return moves;
    moves.push_back({select.Text(0), {{select.Text(1), select.Text(2), target}, select.Text(3), select.Text(4)}});
  }
}

Result<void> SqliteLedger::ForgetLostMoves(const Incarnation& mine, const std::vector<LostMove>& moves) {
  return Write("found", mine, [&] { return DeleteLost(moves); });
}

Result<void> SqliteLedger::DeleteLost(const std::vector<LostMove>& moves) {
  Statement remove =
      DH_TRY(database_->Prepare("DELETE FROM lost_moves WHERE number = (SELECT number FROM commits WHERE id = ?) AND "
                                "source = ? AND shard = ?"));
  for (const LostMove& lost : moves) {
    DH_TRY(remove.Bind(lost.commit).Bind(lost.move.key.source).Bind(lost.move.key.shard).Run());
  }
  return {};
}

Result<void> SqliteLedger::SetState(int64_t number, CommitState state, int64_t now_us) {
  Statement update =
      DH_TRY(database_->Prepare("UPDATE commits SET state = ?, committed_at_us = ? WHERE number = ? AND state = 0"));
  DH_TRY(update.Bind(static_cast<int>(state)).Bind(now_us).Bind(number).Run());
  if (database_->changes() != 1) return Damaged("intent " + std::to_string(number) + " changed inside a transaction");
  return {};
}

Result<void> SqliteLedger::AddFiles(const std::vector<DataFile>& files, int64_t number) {
  Statement insert = DH_TRY(database_->Prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '')"));
  Statement partition = DH_TRY(database_->Prepare("INSERT INTO partitions VALUES (?, ?, 0) ON CONFLICT DO NOTHING"));
  for (const DataFile& file : files) {
    const std::string values = ToJson(file.partition);
    insert.Bind(file.table).Bind(file.key).Bind(file.bytes).Bind(file.checksum).Bind(file.rows).Bind(values);
    DH_TRY(insert.Bind(file.schema_version).Bind(file.layout).Bind(file.contract_version).Bind(number).Run());
    DH_TRY(partition.Bind(file.table).Bind(values).Run());
  }
  return {};
}

Result<void> SqliteLedger::RemoveFiles(const std::vector<RemovedFile>& files, int64_t number, int64_t now_us) {
  Statement remove =
      DH_TRY(database_->Prepare("DELETE FROM files WHERE table_name = ? AND key = ? AND leaving_by = ?"));
  Statement note = DH_TRY(database_->Prepare("INSERT INTO removed_files VALUES (?, ?, ?, ?, '')"));
  for (const RemovedFile& file : files) {
    DH_TRY(remove.Bind(file.table).Bind(file.key).Bind(number).Run());
    if (database_->changes() != 1) return Damaged("file " + file.key + " is not there to be removed");
    DH_TRY(note.Bind(file.table).Bind(file.key).Bind(number).Bind(now_us).Run());
  }
  return {};
}

}  // namespace datahub::ledger
