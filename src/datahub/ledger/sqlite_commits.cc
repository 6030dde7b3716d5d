// The part of SqliteLedger that reads commits back.
#include "datahub/ledger/commit_json.h"
#include "datahub/ledger/sqlite_commit_row.h"
#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {
namespace {

constexpr int64_t kAllRows = -1;

}  // namespace

Result<std::optional<SqliteLedger::Stored>> SqliteLedger::Find(const std::string& id) {
  Statement select =
      DH_TRY(database_->Prepare("SELECT number, state, committed_at_us, record FROM commits WHERE id = ?"));
  const bool row = DH_TRY(select.Bind(id).Step());
  if (!row) return std::optional<Stored>();
  Stored stored;
  stored.number = select.Int(0);
  stored.record = select.Text(3);
  stored.commit = DH_TRY(RecordFromJson(stored.record));
  stored.commit.state = static_cast<CommitState>(select.Int(1));
  stored.commit.committed_at_us = select.Int(2);
  return std::optional<Stored>(std::move(stored));
}

Result<std::optional<Commit>> SqliteLedger::FindCommit(const std::string& id) {
  std::lock_guard lock(mutex_);
  auto stored = DH_TRY(Find(id));
  if (!stored) return std::optional<Commit>();
  return std::optional<Commit>(std::move(stored->commit));
}

Result<std::vector<Commit>> SqliteLedger::OpenIntents() {
  std::lock_guard lock(mutex_);
  Statement select =
      DH_TRY(database_->Prepare("SELECT state, committed_at_us, record FROM commits WHERE state = 0 ORDER BY number"));
  return ReadCommits(select);
}

Result<std::vector<Commit>> SqliteLedger::Commits(size_t newest_max) {
  std::lock_guard lock(mutex_);
  Statement select =
      DH_TRY(database_->Prepare("SELECT state, committed_at_us, record FROM commits ORDER BY number DESC LIMIT ?"));
  const bool all = newest_max > static_cast<size_t>(INT64_MAX);
  select.Bind(all ? kAllRows : static_cast<int64_t>(newest_max));
  return ReadCommits(select);
}

Result<std::map<std::string, std::string>> SqliteLedger::LastCommits() {
  std::lock_guard lock(mutex_);
  Statement select =
      DH_TRY(database_->Prepare("SELECT pipeline, id FROM commits WHERE state = 1 AND number IN "
                                "(SELECT max(number) FROM commits WHERE state = 1 GROUP BY pipeline)"));
  std::map<std::string, std::string> commits;
  while (true) {
    const bool row = DH_TRY(select.Step());
    if (!row) return commits;
    commits.emplace(select.Text(0), select.Text(1));
  }
}

Result<std::vector<Commit>> SqliteLedger::ReadCommits(Statement& statement) {
  std::vector<Commit> commits;
  while (true) {
    const bool row = DH_TRY(statement.Step());
    if (!row) return commits;
    Commit commit = DH_TRY(RecordFromJson(statement.Text(2)));
    commit.state = static_cast<CommitState>(statement.Int(0));
    commit.committed_at_us = statement.Int(1);
    commits.push_back(std::move(commit));
  }
}

Error SqliteLedger::Damaged(const std::string& what) const {
  return Error{Code::kCorruption, "ledger " + database_->path() + ": " + what +
                                      "; keep the file and look into it, or put a backup in its place"};
}

}  // namespace datahub::ledger
