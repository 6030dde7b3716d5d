// Storage and ledger on a disk that forgets: what they promised is there, and each of their syncs is needed for it.
#include <gtest/gtest.h>

#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"
#include "killed_run.h"

namespace forgetful {
namespace {

using datahub::Result;
using datahub::storage::ObjectKey;
using datahub::storage::UnseenObject;

constexpr char kIncarnation[] = "000001-00000000000000aa";
constexpr char kKey[] = "sales/users/day=1/f.parquet";
constexpr char kBytes[] = "the bytes of a file";

template <class T>
T Must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return *std::move(result);
  }
  std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
  std::abort();
}

UnseenObject WriteUnseen(datahub::storage::Store& store) {
  auto writer = Must(store.CreateUnseen(kIncarnation, ObjectKey{kKey}));
  Must(writer->Append(kBytes));
  UnseenObject object = Must(std::move(*writer).Finish());
  Must(store.SyncUnseen(kIncarnation));
  return object;
}

void StoreUnseen(const std::string& root) {
  auto store = Must(datahub::storage::OpenLocalStore(root + "/lake"));
  (void)WriteUnseen(*store);
}

void StoreReveal(const std::string& root) {
  auto store = Must(datahub::storage::OpenLocalStore(root + "/lake"));
  const UnseenObject object = WriteUnseen(*store);
  Must(store->Reveal({&object, 1}));
}

void StoreRemove(const std::string& root) {
  auto store = Must(datahub::storage::OpenLocalStore(root + "/lake"));
  const UnseenObject object = WriteUnseen(*store);
  Must(store->Reveal({&object, 1}));
  Must(store->Remove(ObjectKey{kKey}));
}

// The first process dies with all renames done and no folder synced; the second finds everything "already there".
void StoreRecover(const std::string& root) {
  auto store = Must(datahub::storage::OpenLocalStore(root + "/lake"));
  const UnseenObject object{ObjectKey{kKey}, std::string(".unseen/") + kIncarnation + "/1-f.parquet",
                            sizeof(kBytes) - 1, datahub::HashBytes(kBytes)};
  Must(store->Reveal({&object, 1}));
}

// Stays open: a close would write everything to the database file once more.
void LedgerIncarnation(const std::string& root) {
  static auto ledger =
      Must(datahub::ledger::OpenSqliteLedger(root + "/state/ledger.db", datahub::ledger::OpenMode::kReadWrite));
  Acknowledge(static_cast<int>(Must(ledger->TakeIncarnation("host", 1)).incarnation.counter));
}

// Acknowledges when the call that met the failed sync is Corruption, and so is whatever is tried after it.
void ExpectStopped(datahub::storage::Store& store, const datahub::Error& error) {
  const UnseenObject object{ObjectKey{kKey}, std::string(".unseen/") + kIncarnation + "/1-f.parquet", 0, {}};
  const bool stopped = error.code == datahub::Code::kCorruption && !store.CreateUnseen(kIncarnation, ObjectKey{kKey}) &&
                       !store.SyncUnseen(kIncarnation) && !store.Reveal({&object, 1}) && !store.Remove(ObjectKey{kKey});
  Acknowledge(stopped ? 1 : 0);
}

void StoreMeetsFailedSync(const std::string& root) {
  auto store = Must(datahub::storage::OpenLocalStore(root + "/lake"));
  auto writer = Must(store->CreateUnseen(kIncarnation, ObjectKey{kKey}));
  auto object = std::move(*writer).Finish();
  if (!object) return ExpectStopped(*store, object.error());
  if (auto synced = store->SyncUnseen(kIncarnation); !synced) return ExpectStopped(*store, synced.error());
  if (auto revealed = store->Reveal({&*object, 1}); !revealed) return ExpectStopped(*store, revealed.error());
}

void LedgerMeetsFailedSync(const std::string& root) {
  auto ledger = datahub::ledger::OpenSqliteLedger(root + "/state/ledger.db", datahub::ledger::OpenMode::kReadWrite);
  if (!ledger) return Acknowledge(ledger.error().code == datahub::Code::kCorruption ? 1 : 0);
  auto worker = (*ledger)->TakeIncarnation("host", 1);
  if (!worker) {
    const bool stopped = worker.error().code == datahub::Code::kCommitUnknown && !(*ledger)->LakeId() &&
                         !(*ledger)->TakeIncarnation("host", 1);
    return Acknowledge(stopped ? 2 : 0);
  }
  Acknowledge(3);
}

const Registration registrations[] = {
    {"store_unseen", StoreUnseen},
    {"store_reveal", StoreReveal},
    {"store_remove", StoreRemove},
    {"store_recover", StoreRecover},
    {"ledger_incarnation", LedgerIncarnation},
    {"store_failed_sync", StoreMeetsFailedSync},
    {"ledger_failed_sync", LedgerMeetsFailedSync},
};

bool UnseenIsThere(const ForgetfulDisk& disk) {
  return disk.Read("lake/.unseen/000001-00000000000000aa/1-f.parquet") == kBytes;
}
bool RevealedIsThere(const ForgetfulDisk& disk) { return disk.Read("lake/" + std::string(kKey)) == kBytes; }

TEST(Durability, WhatTheStorePromisedIsThere) {
  ForgetfulDisk unseen;
  unseen.RunAndForget("store_unseen");
  EXPECT_TRUE(UnseenIsThere(unseen)) << unseen.Names();
  ForgetfulDisk revealed;
  revealed.RunAndForget("store_reveal");
  EXPECT_TRUE(RevealedIsThere(revealed)) << revealed.Names();
  EXPECT_FALSE(UnseenIsThere(revealed)) << revealed.Names();
  ForgetfulDisk removed;
  removed.RunAndForget("store_remove");
  EXPECT_FALSE(RevealedIsThere(removed)) << removed.Names();
}

// Without any single one of them something that was promised is lost.
TEST(Durability, EachSyncOfAnUnseenObjectIsNeeded) {
  for (const char* place : {".", "lake", "lake/.unseen", "lake/.unseen/*", "lake/.unseen/*/*"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.RunAndForget("store_unseen");
    EXPECT_FALSE(UnseenIsThere(disk)) << place << ": " << disk.Names();
  }
}

TEST(Durability, EachSyncOfAnRevealIsNeeded) {
  for (const char* place : {"lake", "lake/sales", "lake/sales/users", "lake/sales/users/*"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.RunAndForget("store_reveal");
    EXPECT_FALSE(RevealedIsThere(disk)) << place << ": " << disk.Names();
  }
}

TEST(Durability, TheSyncOfARemovalIsNeeded) {
  ForgetfulDisk disk;
  disk.RunAndForget("store_reveal");
  disk.Set("FORGETFUL_IGNORE_SYNC", "lake/sales/users/*");
  disk.RunAndForget("store_remove");
  // Its own reveal found the file there and said so.
  EXPECT_TRUE(RevealedIsThere(disk)) << disk.Names();
}

// A kill loses nothing, so the second process sees all names; only its repeated syncs make them last.
TEST(Durability, RecoverySyncsWhatItFindsRevealed) {
  for (const bool recover : {false, true}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", "lake/[s]*");
    disk.Set("DATAHUB_CRASH_AT", "reveal.before_folder_sync:1");
    disk.Run("store_reveal");
    EXPECT_TRUE(RevealedIsThere(disk));
    disk.Set("FORGETFUL_IGNORE_SYNC", "");
    disk.Set("DATAHUB_CRASH_AT", "none:1");
    if (recover) disk.Run("store_recover");
    disk.Forget();
    EXPECT_EQ(RevealedIsThere(disk), recover) << disk.Names();
  }
}

TEST(Durability, ALedgersTransactionsLast) {
  ForgetfulDisk disk;
  for (int life = 1; life <= 3; ++life) EXPECT_EQ(disk.RunAndForget("ledger_incarnation"), life);
}

TEST(Durability, EachSyncOfALedgerIsNeeded) {
  for (const char* place : {".", "state", "state/ledger.db-wal"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_IGNORE_SYNC", place);
    disk.RunAndForget("ledger_incarnation");
    disk.Set("FORGETFUL_IGNORE_SYNC", "");
    EXPECT_EQ(disk.RunAndForget("ledger_incarnation"), 1) << place << ": the first one was forgotten";
  }
}

// The kernel may call the next sync a success although the bytes are gone: the process must not go on.
TEST(Durability, AFailedSyncStopsTheStore) {
  for (const char* place :
       {"lake/.unseen/*/*", "lake/.unseen/*", "lake/.unseen", "lake", "lake/sales", "lake/sales/users/*"}) {
    ForgetfulDisk disk;
    disk.Set("FORGETFUL_FAIL_SYNC", std::string("1:") + place);
    EXPECT_EQ(disk.RunAndForget("store_failed_sync"), 1) << place;
  }
}

// SQLite passes over a folder that cannot be synced; we do not. A WAL that cannot be synced leaves the outcome unknown, and the ledger
// stopped.
TEST(Durability, AFailedSyncStopsTheLedger) {
  ForgetfulDisk disk;
  disk.Set("FORGETFUL_FAIL_SYNC", "0:state");
  EXPECT_EQ(disk.RunAndForget("ledger_failed_sync"), 1);
  disk.Set("FORGETFUL_FAIL_SYNC", "");
  EXPECT_EQ(disk.RunAndForget("ledger_failed_sync"), 3);
  disk.Set("FORGETFUL_FAIL_SYNC", "1:state/ledger.db-wal");
  EXPECT_EQ(disk.RunAndForget("ledger_failed_sync"), 2);
}

}  // namespace
}  // namespace forgetful
