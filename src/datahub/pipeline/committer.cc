#include "datahub/pipeline/committer.h"

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/base/crash_point.h"
#include "datahub/base/log.h"

namespace datahub::pipeline {
namespace {

// A call that may pass by itself is repeated this often before its error stands.
constexpr int kAttemptsMax = 5;

bool MayPass(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kTimeout || error.code == Code::kCommitUnknown;
}

// Rubbish that cannot be removed now keeps nobody from working: it is tried again at the next start. Whether it worked.
Result<bool> WarnIfPassable(const Result<void>& removed, std::string_view what) {
  if (removed) return true;
  if (removed.error().code == Code::kCorruption || removed.error().code == Code::kFenced) return removed.error();
  log::Warn("{} could not be removed, the next start tries again: {}", what, removed.error().message);
  return false;
}

Result<Hash128> ParseChecksum(const std::string& hex) {
  Hash128 hash;
  if (hex.size() != 32) return Error{Code::kCorruption, "checksum '" + hex + "' in the ledger is not 32 digits"};
  hash.high = std::stoull(hex.substr(0, 16), nullptr, 16);
  hash.low = std::stoull(hex.substr(16), nullptr, 16);
  return hash;
}

// The incarnation in an unseen_owner().
Result<ledger::Incarnation> IncarnationOf(const std::string& owner) {
  const size_t part = owner.find('-', owner.find('-') + 1);
  return ledger::ParseIncarnation(owner.substr(0, part));
}

Result<std::vector<storage::UnseenObject>> ObjectsOf(const ledger::Commit& commit) {
  std::vector<storage::UnseenObject> objects;
  objects.reserve(commit.added.size());
  for (const ledger::DataFile& file : commit.added) {
    const Hash128 checksum = DH_TRY(ParseChecksum(file.checksum));
    objects.push_back({storage::ObjectKey{file.key}, file.unseen, file.bytes, checksum});
  }
  return objects;
}

}  // namespace

Committer::Committer(storage::Store& store, ledger::Ledger& ledger, ledger::Incarnation mine, int part)
    : store_(store),
      ledger_(ledger),
      mine_(mine),
      unseen_owner_(part == 0 ? mine.ToString() : fmt::format("{}-{}", mine.ToString(), part)) {}

Result<void> Committer::Commit(const ledger::Commit& commit) {
  auto intent = RecordIntent(commit);
  if (!intent && intent.error().code != Code::kCommitUnknown) {
    (void)DiscardUnseen();  // no intent stands, so nobody will ever reveal these files
    return intent;
  }
  ++intents_standing_;
  DH_TRY(std::move(intent));
  CrashPoint("commit.after_intent");
  DH_TRY(Reveal(commit));
  CrashPoint("commit.after_reveal");
  DH_TRY(MarkCommitted(commit.id));
  --intents_standing_;
  // Says to a later start that the ledger knew it; without it the ledger could be older and nobody would see it.
  const std::string& pipeline = commit.id.pipeline;
  const Result<void> noted = store_.Note(unseen_owner_, pipeline, commit.id.ToString().substr(pipeline.size() + 1));
  if (!noted && noted.error().code == Code::kCorruption) return noted;
  CrashPoint("commit.after_commit");
  return {};
}

// After a lost reply the ledger itself is asked whether the intent is there.
Result<void> Committer::RecordIntent(const ledger::Commit& commit) {
  DH_TRY(store_.SyncUnseen(unseen_owner_));
  CrashPoint("commit.before_intent");
  Error last;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    auto written = ledger_.WriteIntent(commit);
    if (written || !MayPass(written.error())) {
      // A repeated call may find its own first one.
      if (written || attempt == 0) return written;
    }
    if (!written) last = written.error();
    auto found = ledger_.FindCommit(commit.id.ToString());
    if (found && *found) return {};
    if (found && !MayPass(last)) return last;
    if (!found)
      last = Error{Code::kCommitUnknown,
                   "whether intent " + commit.id.ToString() + " was recorded is unknown: " + found.error().message};
  }
  return last;
}

Result<void> Committer::Reveal(const ledger::Commit& commit) {
  const std::vector<storage::UnseenObject> objects = DH_TRY(ObjectsOf(commit));
  Error last;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    auto revealed = store_.Reveal(objects);
    if (revealed || !MayPass(revealed.error())) return revealed;
    last = revealed.error();
  }
  return last;
}

// Repeating is safe: the ledger takes a commit that is committed already as success.
Result<void> Committer::MarkCommitted(const ledger::CommitId& id) {
  Error last;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    auto marked = ledger_.MarkCommitted(mine_, id);
    if (marked || !MayPass(marked.error())) return marked;
    last = marked.error();
  }
  return last;
}

Result<Committer::Recovery> Committer::Recover(int64_t reader_grace_us) {
  Recovery recovery;
  const std::vector<ledger::Commit> intents = DH_TRY(ledger_.OpenIntents());
  for (const ledger::Commit& intent : intents) {
    DH_TRY(Complete(intent, recovery));
  }
  CrashPoint("recover.before_cleaning");
  // Older ones are fenced. A newer one is a successor's: this worker is fenced itself and does not know it yet.
  const std::vector<std::string> incarnations = DH_TRY(store_.UnseenIncarnations());
  for (const std::string& name : incarnations) {
    const auto incarnation = IncarnationOf(name);
    if (!incarnation || incarnation->counter >= mine_.counter) continue;
    DH_TRY(WarnIfPassable(store_.RemoveUnseen(name), "what a worker of before left unseen"));
  }
  DH_TRY(DeleteRemoved(clock::NowUs() - reader_grace_us));
  return recovery;
}

Result<void> Committer::Complete(const ledger::Commit& intent, Recovery& recovery) {
  CrashPoint("recover.before_reveal");
  auto revealed = Reveal(intent);
  if (revealed) {
    CrashPoint("recover.after_reveal");
    DH_TRY(MarkCommitted(intent.id));
    recovery.completed.push_back(intent);
    return {};
  }
  if (revealed.error().code != Code::kNotFound) return revealed.error();
  log::Warn("{}: {}; the commit is abandoned and its records are read again", intent.id.ToString(),
            revealed.error().message);
  CrashPoint("recover.before_abandon");
  DH_TRY(ledger_.Abandon(mine_, intent.id));
  recovery.abandoned.push_back(intent);
  return {};
}

Result<void> Committer::Settle(const std::string& target) {
  Recovery recovery;
  const std::vector<ledger::Commit> intents = DH_TRY(ledger_.OpenIntents());
  for (const ledger::Commit& intent : intents) {
    if (intent.target == target) DH_TRY(Complete(intent, recovery));
  }
  intents_standing_ = 0;
  return DiscardUnseen();
}

Result<void> Committer::DiscardUnseen() {
  if (intents_standing_ > 0) return {};
  return store_.RemoveUnseen(unseen_owner_);
}

Result<size_t> Committer::DeleteRemoved(int64_t before_us) {
  const std::vector<ledger::RemovedFile> files = DH_TRY(ledger_.RemovedFiles(before_us));
  if (files.empty()) return size_t(0);
  std::vector<ledger::RemovedFile> deleted;
  for (const ledger::RemovedFile& file : files) {
    const bool gone = DH_TRY(WarnIfPassable(DeleteOne(file), "a file that no table has any more"));
    if (gone) deleted.push_back(file);
  }
  CrashPoint("removed.before_forget");
  if (!deleted.empty()) DH_TRY(ledger_.ForgetRemoved(mine_, deleted));
  return deleted.size();
}

Result<void> Committer::DeleteOne(const ledger::RemovedFile& file) {
  const storage::ObjectKey key{file.key};
  if (!file.checksum.empty()) {  // nothing is deleted on a guess: only what is exactly what we wrote
    const auto facts = DH_TRY(store_.Look(key));
    if (!facts || facts->checksum.ToHex() != file.checksum) return {};
  }
  return store_.Remove(key);
}

}  // namespace datahub::pipeline
