#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::pipeline {

// Readers that opened a file before its removal was committed may finish with it for this long.
inline constexpr int64_t kReaderGraceUs = 600'000'000;

// Takes one closed batch over the line: intent, reveal, commit.
//
//   unseen files + moves -> WriteIntent -> Reveal -> MarkCommitted
//
// Durable  when Commit() returns success the batch is in the table for good
// Unknown  a call whose outcome is unknown (timeout, lost reply) is looked up before anything is done about it
// Order    once an intent stands that this process did not commit, nothing unseen is discarded any more: the next Recover()
//          needs it
// Errors   Conflict: positions moved, the batch's unseen files are gone, reload and rebuild · Fenced: stop at once ·
//          CommitUnknown, Unavailable, DiskFull after an intent: the intent stands, the next Recover() completes it
// Threads  one thread at a time
// Owns     nothing: `store` and `ledger` must outlive it
class Committer {
 public:
  // `part`: committers that work at the same time have different ones, so that none discards what another writes.
  Committer(storage::Store& store, ledger::Ledger& ledger, ledger::Incarnation mine, int part = 0);

  // What a start or take-over does before anything is read: completes every open intent, abandons those that cannot be,
  // removes what fenced incarnations left unseen, deletes removed files whose readers are gone.
  struct Recovery {
    std::vector<ledger::Commit> completed;
    std::vector<ledger::Commit> abandoned;  // what they had read is read again: Ledger::LostMoves
  };
  // A removed file is deleted once `reader_grace_us` has passed since its removal.
  Result<Recovery> Recover(int64_t reader_grace_us = kReaderGraceUs);

  // After an error behind an intent: completes or abandons what stands of this target, so that a new batch can be made.
  Result<void> Settle(const std::string& target);

  // `commit.added` are unseen and synced. On Conflict and on errors before the intent they are discarded.
  Result<void> Commit(const ledger::Commit& commit);

  // Drops what this committer's batches wrote unseen and did not intend; nothing while an intent stands.
  Result<void> DiscardUnseen();
  // Deletes files removed by commits before `before_us`; how many. What cannot be deleted is warned of and stays noted.
  Result<size_t> DeleteRemoved(int64_t before_us);

  const ledger::Incarnation& incarnation() const { return mine_; }
  // Under which its batches write unseen (storage::Store::CreateUnseen).
  const std::string& unseen_owner() const { return unseen_owner_; }

 private:
  Result<void> Complete(const ledger::Commit& intent, Recovery& recovery);
  Result<void> RecordIntent(const ledger::Commit& commit);
  Result<void> Reveal(const ledger::Commit& commit);
  Result<void> MarkCommitted(const ledger::CommitId& id);
  Result<void> DeleteOne(const ledger::RemovedFile& file);

  storage::Store& store_;
  ledger::Ledger& ledger_;
  const ledger::Incarnation mine_;
  const std::string unseen_owner_;
  size_t intents_standing_ = 0;  // of this process, not committed; or maybe recorded
};

}  // namespace datahub::pipeline
