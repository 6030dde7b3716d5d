#include "datahub/ledger/sqlite_ledger.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/ledger/crash_points.h"
#include "datahub/ledger/faulty_ledger.h"
#include "datahub/ledger/sqlite.h"

namespace datahub::ledger {
namespace {

namespace fs = std::filesystem;

class SqliteLedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "datahub-ledger-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/state/ledger.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Ledger> Open(OpenMode mode = OpenMode::kReadWrite, int busy_wait_ms = 100) {
    auto ledger = OpenSqliteLedger(path_, mode, busy_wait_ms);
    EXPECT_TRUE(ledger) << ledger.error().ToString();
    return *std::move(ledger);
  }

  static Commit MakeCommit(const Worker& worker, uint64_t sequence, const std::string& from, const std::string& to) {
    Commit commit;
    commit.id = CommitId{"users", worker.incarnation, sequence};
    commit.target = "users";
    commit.moves = {{{"inbox", "a.ndjson", "users"}, from, to}};
    for (const char* day : {"2026-01-01", "2026-01-02"}) {
      DataFile file;
      file.table = "users";
      file.key = std::string("sales/users/day=") + day + "/" + commit.id.ToString() + ".parquet";
      file.unseen = ".unseen/" + worker.incarnation.ToString() + "/1-x";
      file.bytes = 1000;
      file.rows = 10;
      file.checksum = std::string(32, 'a');
      file.partition = {{"day", day}, {"city", "S%C3%A3o \"Paulo\""}};
      file.schema_version = 1;
      file.contract_version = 3;
      commit.added.push_back(file);
    }
    commit.records = commit.accepted = 20;
    commit.created_at_us = 1;
    return commit;
  }

  std::string Position(Ledger& ledger) { return (*ledger.Positions("inbox", "users"))["a.ndjson"]; }

  void Sql(const char* sql) {
    auto database = *Database::Open(path_, Database::Access::kReadWriteCreate, 100);
    auto done = database->Execute(sql);
    ASSERT_TRUE(done) << done.error().ToString();
  }

  // Runs `work` in a process of its own that ends by SIGKILL when it calls what it is given.
  template <class F>
  void InKilledProcess(F&& work) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      work([] { ::kill(::getpid(), SIGKILL); });
      ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

  // 0 when an intent of that size is refused on a full disk, changes nothing, and passes when there is room.
  int FullDisk(size_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto ledger = Open();
    const Worker worker = *ledger->TakeIncarnation("host", 1);
    Commit large = MakeCommit(worker, 1, Position(*ledger), std::string(bytes, 'x'));
    const size_t intents = ledger->Commits(10)->size();
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{256 << 10, limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto refused = ledger->WriteIntent(large);
    if (refused || refused.error().code != Code::kDiskFull) return 1;
    if (Position(*ledger) != large.moves[0].from || ledger->Commits(10)->size() != intents) return 2;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!ledger->WriteIntent(large)) return 3;
    return ledger->MarkCommitted(worker.incarnation, large.id) ? 0 : 4;
  }

  std::string folder_;
  std::string path_;
};

#define ASSERT_OK(expression)                                 \
  do {                                                        \
    const auto dh_outcome = (expression);                     \
    ASSERT_TRUE(dh_outcome) << dh_outcome.error().ToString(); \
  } while (false)

Code CodeOf(const Result<void>& result) { return result ? Code::kInternal : result.error().code; }

TEST_F(SqliteLedgerTest, IntentMovesPositionsAndCommitAddsFiles) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 42);
  const Commit commit = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  EXPECT_EQ(Position(*ledger), "100");
  EXPECT_TRUE(ledger->Files("users")->empty());
  ASSERT_EQ(ledger->OpenIntents()->size(), 1u);

  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, commit.id));
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, commit.id));
  EXPECT_TRUE(ledger->OpenIntents()->empty());
  const auto files = *ledger->Files("users");
  ASSERT_EQ(files.size(), 2u);
  DataFile expected = commit.added[0];
  expected.unseen.clear();
  expected.commit = commit.id.ToString();
  EXPECT_EQ(files[0], expected);
  const auto partitions = *ledger->Partitions("users");
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[1].values, commit.added[1].partition);
  EXPECT_EQ(partitions[1].files, 1u);
  EXPECT_EQ(partitions[1].rows, 10u);
  EXPECT_FALSE(partitions[1].registered);

  const auto found = *ledger->FindCommit(commit.id.ToString());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, CommitState::kCommitted);
  EXPECT_GT(found->committed_at_us, 0);
  EXPECT_EQ(found->moves, commit.moves);
  EXPECT_EQ(found->accepted, 20u);
  EXPECT_FALSE(*ledger->FindCommit("users-none"));
}

TEST_F(SqliteLedgerTest, EverythingIsThereAfterReopening) {
  std::string lake;
  Commit commit;
  {
    auto ledger = Open();
    lake = *ledger->LakeId();
    EXPECT_EQ(lake.size(), 32u);
    commit = MakeCommit(*ledger->TakeIncarnation("host", 1), 1, "", "100");
    ASSERT_OK(ledger->WriteIntent(commit));
  }
  auto ledger = Open();
  EXPECT_EQ(*ledger->LakeId(), lake);
  const Worker successor = *ledger->TakeIncarnation("host", 2);
  EXPECT_EQ(successor.incarnation.counter, 2u);
  ASSERT_EQ(ledger->OpenIntents()->size(), 1u);
  EXPECT_EQ(ledger->OpenIntents()->front().id, commit.id);
  ASSERT_OK(ledger->MarkCommitted(successor.incarnation, commit.id));
  EXPECT_EQ(ledger->Files("users")->size(), 2u);
  EXPECT_EQ(ledger->Commits(10)->size(), 1u);
  EXPECT_EQ((**ledger->CurrentWorker()).process, 2);
}

// Two connections to one file stand for two processes: the older can do nothing, each call of it.
TEST_F(SqliteLedgerTest, ANewIncarnationFencesTheOld) {
  auto old_ledger = Open();
  const Worker old_worker = *old_ledger->TakeIncarnation("host", 1);
  const Commit open = MakeCommit(old_worker, 1, "", "100");
  ASSERT_OK(old_ledger->WriteIntent(open));
  ASSERT_OK(old_ledger->CheckIncarnation(old_worker.incarnation));

  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("other", 2);
  const Incarnation& mine = old_worker.incarnation;
  EXPECT_EQ(CodeOf(old_ledger->CheckIncarnation(mine)), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->WriteIntent(MakeCommit(old_worker, 2, "100", "200"))), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->MarkCommitted(mine, open.id)), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->Abandon(mine, open.id)), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->RenameSource(mine, "inbox", "box")), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->SetColumns(mine, TableColumns{"users", "sales/users", 1, {}, {}})), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->SetContractVersion(mine, "users", "user", 1, "x")), Code::kFenced);
  EXPECT_EQ(CodeOf(old_ledger->ForgetRemoved(mine, {})), Code::kFenced);
  EXPECT_EQ(Position(*ledger), "100");
  EXPECT_EQ(ledger->OpenIntents()->size(), 1u);
  EXPECT_TRUE(ledger->Tables()->empty());
  EXPECT_TRUE(ledger->ContractVersions("users")->empty());
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, open.id));
  // Committed or not, a fenced worker learns that it is fenced.
  EXPECT_EQ(CodeOf(old_ledger->MarkCommitted(mine, open.id)), Code::kFenced);
  const auto message = old_ledger->CheckIncarnation(mine).error().message;
  EXPECT_NE(message.find("process 2 on other"), std::string::npos) << message;
}

// A ledger put back from a backup has the same counters, but not the same random bits.
TEST_F(SqliteLedgerTest, ARestoredLedgerFencesWorkersOfItsFuture) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Sql("DELETE FROM incarnations");
  EXPECT_EQ(CodeOf(ledger->CheckIncarnation(worker.incarnation)), Code::kFenced);
  const Worker again = *ledger->TakeIncarnation("host", 1);
  EXPECT_EQ(again.incarnation.counter, worker.incarnation.counter);
  EXPECT_EQ(CodeOf(ledger->CheckIncarnation(worker.incarnation)), Code::kFenced);
}

TEST_F(SqliteLedgerTest, MovedPositionsAreAConflictAndChangeNothing) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Commit first = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(first));
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, first.id));

  Commit late = MakeCommit(worker, 2, "", "50");
  late.moves.insert(late.moves.begin(), {{"inbox", "b.ndjson", "users"}, "", "7"});
  EXPECT_EQ(CodeOf(ledger->WriteIntent(late)), Code::kConflict);
  EXPECT_EQ(Position(*ledger), "100");
  EXPECT_EQ(ledger->AllPositions()->size(), 1u) << "the move before the conflict is rolled back";
  EXPECT_FALSE(*ledger->FindCommit(late.id.ToString()));
}

TEST_F(SqliteLedgerTest, OneOpenIntentATarget) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  ASSERT_OK(ledger->WriteIntent(MakeCommit(worker, 1, "", "100")));
  auto second = ledger->WriteIntent(MakeCommit(worker, 2, "100", "200"));
  EXPECT_EQ(CodeOf(second), Code::kConflict);
  EXPECT_NE(second.error().message.find("open intent"), std::string::npos);
  Commit other = MakeCommit(worker, 3, "", "100");
  other.target = other.moves[0].key.target = "orders";
  EXPECT_TRUE(ledger->WriteIntent(other));
}

TEST_F(SqliteLedgerTest, AnIntentIsRepeatedOnlyAsItWas) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Commit commit = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  ASSERT_OK(ledger->WriteIntent(commit));
  Commit other = commit;
  other.added[0].bytes = 999;
  EXPECT_EQ(CodeOf(ledger->WriteIntent(other)), Code::kConflict);
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, commit.id));
  ASSERT_OK(ledger->WriteIntent(commit));
  EXPECT_EQ((*ledger->FindCommit(commit.id.ToString()))->state, CommitState::kCommitted);
}

TEST_F(SqliteLedgerTest, AbandonedGivesPositionsBack) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Commit commit = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  ASSERT_OK(ledger->Abandon(worker.incarnation, commit.id));
  ASSERT_OK(ledger->Abandon(worker.incarnation, commit.id));
  EXPECT_TRUE(ledger->AllPositions()->empty());
  EXPECT_TRUE(ledger->Files("users")->empty());
  EXPECT_EQ(CodeOf(ledger->MarkCommitted(worker.incarnation, commit.id)), Code::kConflict);
  EXPECT_EQ(CodeOf(ledger->WriteIntent(commit)), Code::kConflict) << "its name is spent";

  Commit next = MakeCommit(worker, 2, "", "100");
  ASSERT_OK(ledger->WriteIntent(next));
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, next.id));
  EXPECT_EQ(CodeOf(ledger->Abandon(worker.incarnation, next.id)), Code::kConflict);
  EXPECT_EQ(Position(*ledger), "100");
  EXPECT_EQ(CodeOf(ledger->MarkCommitted(worker.incarnation, CommitId{"none", {}, 1})), Code::kNotFound);
  EXPECT_EQ(CodeOf(ledger->Abandon(worker.incarnation, CommitId{"none", {}, 1})), Code::kNotFound);
}

TEST_F(SqliteLedgerTest, RemovedFilesLeaveOnceAndAreRememberedUntilDeleted) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  const Incarnation& mine = worker.incarnation;
  Commit first = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(first));
  ASSERT_OK(ledger->MarkCommitted(mine, first.id));

  const RemovedFile gone{"users", first.added[0].key};
  Commit swap;
  swap.id = CommitId{"users", mine, 2};
  swap.target = "users";
  swap.removed = {gone};
  Commit rival = swap;
  rival.id.sequence = 3;
  rival.target = "compaction";
  ASSERT_OK(ledger->WriteIntent(swap));
  EXPECT_EQ(ledger->Files("users")->size(), 2u) << "live until the commit";
  EXPECT_EQ(CodeOf(ledger->WriteIntent(rival)), Code::kConflict) << "promised to the first";
  ASSERT_OK(ledger->Abandon(mine, swap.id));
  ASSERT_OK(ledger->WriteIntent(rival));
  ASSERT_OK(ledger->MarkCommitted(mine, rival.id));
  ASSERT_OK(ledger->MarkCommitted(mine, rival.id));
  EXPECT_EQ(ledger->Files("users")->size(), 1u);
  EXPECT_EQ(ledger->Partitions("users")->front().files, 0u);

  EXPECT_TRUE(ledger->RemovedFiles(0)->empty());
  EXPECT_EQ(*ledger->RemovedFiles(INT64_MAX), std::vector<RemovedFile>{gone});
  Commit again = swap;
  again.id.sequence = 4;
  EXPECT_EQ(CodeOf(ledger->WriteIntent(again)), Code::kConflict);
  Commit reuse = MakeCommit(worker, 5, "100", "200");
  reuse.added[0].key = gone.key;
  EXPECT_EQ(CodeOf(ledger->WriteIntent(reuse)), Code::kConflict) << "its bytes are about to be deleted";
  ASSERT_OK(ledger->ForgetRemoved(mine, {gone}));
  ASSERT_OK(ledger->ForgetRemoved(mine, {gone}));
  EXPECT_TRUE(ledger->RemovedFiles(INT64_MAX)->empty());
}

TEST_F(SqliteLedgerTest, WhatCannotBeKeptAsItIsIsRefused) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Commit not_utf8 = MakeCommit(worker, 1, "", "100");
  not_utf8.moves[0].key.shard = "caf\xe9.ndjson";
  EXPECT_EQ(CodeOf(ledger->WriteIntent(not_utf8)), Code::kInvalidInput);
  Commit twice = MakeCommit(worker, 1, "", "100");
  twice.moves.push_back(twice.moves[0]);
  EXPECT_EQ(CodeOf(ledger->WriteIntent(twice)), Code::kInvalidInput);
  Commit foreign = MakeCommit(worker, 1, "", "100");
  foreign.moves[0].key.target = "orders";
  EXPECT_EQ(CodeOf(ledger->WriteIntent(foreign)), Code::kInvalidInput);
  Commit bare = MakeCommit(worker, 1, "", "100");
  bare.added[0].checksum.clear();
  EXPECT_EQ(CodeOf(ledger->WriteIntent(bare)), Code::kInvalidInput);
  EXPECT_TRUE(ledger->AllPositions()->empty());
}

TEST_F(SqliteLedgerTest, RenamedSourcesKeepTheirPositions) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  Commit commit = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  EXPECT_EQ(CodeOf(ledger->RenameSource(worker.incarnation, "inbox", "box")), Code::kConflict) << "an intent names it";
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, commit.id));
  ASSERT_OK(ledger->RenameSource(worker.incarnation, "inbox", "box"));
  ASSERT_OK(ledger->RenameSource(worker.incarnation, "inbox", "box"));
  EXPECT_TRUE(ledger->Positions("inbox", "users")->empty());
  EXPECT_EQ(ledger->Positions("box", "users")->at("a.ndjson"), "100");

  Commit other = MakeCommit(worker, 2, "", "5");
  ASSERT_OK(ledger->WriteIntent(other));
  ASSERT_OK(ledger->MarkCommitted(worker.incarnation, other.id));
  EXPECT_EQ(CodeOf(ledger->RenameSource(worker.incarnation, "inbox", "box")), Code::kConflict) << "both have a.ndjson";
  EXPECT_EQ(ledger->Positions("box", "users")->at("a.ndjson"), "100");
}

TEST_F(SqliteLedgerTest, ColumnsHaveVersions) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  record::Field name;
  name.name = "name";
  name.id = 1;
  record::Field price;
  price.name = "price";
  price.kind = record::Kind::kDecimal;
  price.scale = 2;
  price.id = 2;
  const std::vector<PartitionKey> keys = {{"at_day", "day", "at"}, {"city", "identity", "city"}};
  const TableColumns first{"users", "sales/users", 1, {{name}}, keys};
  const TableColumns second{"users", "sales/users", 2, {{name, price}}, keys};
  EXPECT_FALSE(*ledger->Columns("users"));
  EXPECT_EQ(CodeOf(ledger->SetColumns(worker.incarnation, second)), Code::kConflict);
  ASSERT_OK(ledger->SetColumns(worker.incarnation, first));
  ASSERT_OK(ledger->SetColumns(worker.incarnation, first));
  ASSERT_OK(ledger->SetColumns(worker.incarnation, second));
  EXPECT_EQ(CodeOf(ledger->SetColumns(worker.incarnation, first)), Code::kConflict);
  EXPECT_EQ(**ledger->Columns("users"), second);
  EXPECT_EQ(*ledger->ColumnVersions("users"), (std::vector<TableColumns>{first, second}));
  EXPECT_EQ(*ledger->Tables(), std::vector<std::string>{"users"});
}

TEST_F(SqliteLedgerTest, ContractVersionsSayFromWhereTheyApply) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  ASSERT_OK(ledger->SetContractVersion(worker.incarnation, "users", "user", 1, "aa"));
  ASSERT_OK(ledger->SetContractVersion(worker.incarnation, "users", "user", 1, "aa"));
  const Commit commit = MakeCommit(worker, 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  ASSERT_OK(ledger->SetContractVersion(worker.incarnation, "users", "user", 2, "bb"));
  const auto versions = *ledger->ContractVersions("users");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].after_commit, "");
  EXPECT_EQ(versions[1].version, 2);
  EXPECT_EQ(versions[1].after_commit, commit.id.ToString());
}

TEST_F(SqliteLedgerTest, ReadersNeedAnExistingLedgerAndCannotWrite) {
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadOnly).error().code, Code::kNotFound);
  fs::create_directories(fs::path(path_).parent_path());
  std::ofstream(path_).close();
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadOnly).error().code, Code::kNotFound) << "empty file";

  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  auto reader = Open(OpenMode::kReadOnly);
  ASSERT_OK(ledger->WriteIntent(MakeCommit(worker, 1, "", "100")));
  EXPECT_EQ(Position(*reader), "100") << "sees what a running writer commits";
  EXPECT_EQ(CodeOf(reader->WriteIntent(MakeCommit(worker, 2, "100", "200"))), Code::kInvalidInput);
  EXPECT_EQ(reader->TakeIncarnation("host", 1).error().code, Code::kInvalidInput);
  EXPECT_EQ(*reader->LakeId(), *ledger->LakeId());
  ledger.reset();
  EXPECT_EQ(Position(*reader), "100");
  reader.reset();
  EXPECT_EQ(Position(*Open(OpenMode::kReadOnly)), "100") << "after a clean close";
}

TEST_F(SqliteLedgerTest, ReadersWorkAfterAKill) {
  InKilledProcess([&](auto&& die) {
    auto ledger = Open();
    const Worker worker = *ledger->TakeIncarnation("host", 1);
    (void)ledger->WriteIntent(MakeCommit(worker, 1, "", "100"));
    die();
  });
  EXPECT_GT(fs::file_size(path_ + "-wal"), 0u);
  EXPECT_EQ(Position(*Open(OpenMode::kReadOnly)), "100");
  auto ledger = Open();
  EXPECT_EQ(Position(*ledger), "100");
  EXPECT_EQ(ledger->OpenIntents()->size(), 1u);
}

TEST_F(SqliteLedgerTest, ALockedLedgerIsUnavailable) {
  auto ledger = Open(OpenMode::kReadWrite, 1);
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  auto other = *Database::Open(path_, Database::Access::kReadWriteCreate, 1);
  {
    auto transaction = *Transaction::Begin(*other);
    auto written = ledger->WriteIntent(MakeCommit(worker, 1, "", "100"));
    EXPECT_EQ(CodeOf(written), Code::kUnavailable);
    EXPECT_NE(written.error().message.find("another process"), std::string::npos);
    EXPECT_TRUE(ledger->AllPositions()->empty()) << "reading goes on";
  }
  EXPECT_TRUE(ledger->WriteIntent(MakeCommit(worker, 1, "", "100")));
}

TEST_F(SqliteLedgerTest, WhatIsNotALedgerIsRefused) {
  fs::create_directories(fs::path(path_).parent_path());
  std::ofstream(path_) << "this is not a database, but it is long enough to be looked at as one, is it not? "
                       << std::string(200, 'x');
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadWrite).error().code, Code::kCorruption);
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadOnly).error().code, Code::kCorruption);
  fs::remove(path_);
  Sql("CREATE TABLE somebody_elses (x)");
  const auto before = fs::file_size(path_);
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadWrite).error().code, Code::kInvalidInput);
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadOnly).error().code, Code::kInvalidInput);
  EXPECT_EQ(fs::file_size(path_), before);
  fs::remove(path_);
  Open();
  for (const auto& [version, whose] : {std::pair("1", "an older datahub"), std::pair("3", "a newer datahub")}) {
    Sql(fmt::format("UPDATE meta SET value = '{}' WHERE key = 'schema_version'", version).c_str());
    for (const OpenMode mode : {OpenMode::kReadWrite, OpenMode::kReadOnly}) {
      auto other = OpenSqliteLedger(path_, mode);
      EXPECT_EQ(other.error().code, Code::kInvalidInput);
      EXPECT_NE(other.error().message.find(whose), std::string::npos) << other.error().message;
    }
  }
  Sql("DROP TABLE meta");
  EXPECT_EQ(OpenSqliteLedger(path_, OpenMode::kReadWrite).error().code, Code::kCorruption);
}

// One of them makes it, all others find it whole: also who only reads.
TEST_F(SqliteLedgerTest, IsMadeOnceByManyAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string path = fmt::format("{}-{}", path_, round);
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::set<std::string> lakes;
    std::vector<std::string> problems;
    std::atomic<bool> go = false;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&, i] {
        while (!go) std::this_thread::yield();
        for (;;) {
          auto ledger = OpenSqliteLedger(path, i % 3 == 0 ? OpenMode::kReadOnly : OpenMode::kReadWrite);
          if (!ledger && ledger.error().code == Code::kNotFound && i % 3 == 0) continue;
          std::lock_guard lock(mutex);
          if (!ledger) problems.push_back(ledger.error().message);
          if (ledger) lakes.insert((*ledger)->LakeId().value());
          return;
        }
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(lakes.size(), 1u);
    EXPECT_EQ(problems, std::vector<std::string>());
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
      EXPECT_EQ(entry.path().string().find("making"), std::string::npos) << entry.path();
    }
  }
}

// What is committed into a file that nobody will find again is not committed.
TEST_F(SqliteLedgerTest, NoticesThatItsFilesAreGone) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    for (const bool replaced : {false, true}) {
      const std::string path = fmt::format("{}-gone{}{}", path_, suffix, replaced);
      auto ledger = OpenSqliteLedger(path, OpenMode::kReadWrite).value();
      const Incarnation mine = ledger->TakeIncarnation("host", 1)->incarnation;
      ASSERT_TRUE(ledger->ForgetSource(mine, "s"));
      fs::rename(path + suffix, path + "-kept");
      if (replaced) fs::copy_file(path + "-kept", path + suffix);
      const auto written = ledger->ForgetSource(mine, "s");
      ASSERT_FALSE(written) << suffix;
      EXPECT_EQ(written.error().code, Code::kCorruption);
      EXPECT_NE(written.error().message.find(path + suffix), std::string::npos) << written.error().message;
      EXPECT_FALSE(ledger->CheckIncarnation(mine));
    }
  }
}

TEST_F(SqliteLedgerTest, AWalWithoutItsFileIsNotTakenForANewOnes) {
  auto ledger = Open();
  fs::copy_file(path_ + "-wal", path_ + "-kept");
  ledger.reset();
  fs::remove(path_);
  fs::rename(path_ + "-kept", path_ + "-wal");
  const auto opened = OpenSqliteLedger(path_, OpenMode::kReadWrite);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCorruption);
  EXPECT_FALSE(fs::exists(path_)) << "nothing was made";
}

TEST_F(SqliteLedgerTest, ADamagedFileIsCorruption) {
  {
    auto ledger = Open();
    const Worker worker = *ledger->TakeIncarnation("host", 1);
    for (int i = 0; i < 50; ++i) {
      const Commit commit = MakeCommit(worker, uint64_t(i), i == 0 ? "" : std::to_string(i), std::to_string(i + 1));
      ASSERT_OK(ledger->WriteIntent(commit));
      ASSERT_OK(ledger->MarkCommitted(worker.incarnation, commit.id));
    }
  }
  const auto size = fs::file_size(path_);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(size - 8192, '\xee');
  }
  auto ledger = OpenSqliteLedger(path_, OpenMode::kReadWrite);
  const Code code = ledger ? (*ledger)->Commits(100).error().code : ledger.error().code;
  EXPECT_EQ(code, Code::kCorruption);
}

TEST_F(SqliteLedgerTest, ADamagedRecordIsCorruption) {
  auto ledger = Open();
  const Commit commit = MakeCommit(*ledger->TakeIncarnation("host", 1), 1, "", "100");
  ASSERT_OK(ledger->WriteIntent(commit));
  Sql("UPDATE commits SET record = replace(record, '\"bytes\":1000', '\"bytes\":\"x\"')");
  EXPECT_EQ(ledger->OpenIntents().error().code, Code::kCorruption);
  EXPECT_EQ(CodeOf(ledger->MarkCommitted(commit.id.incarnation, commit.id)), Code::kCorruption);
  Sql("UPDATE commits SET record = '{'");
  EXPECT_EQ(ledger->FindCommit(commit.id.ToString()).error().code, Code::kCorruption);
}

// A limit on the size of files stands for a full disk: met by a statement whose pages do not fit the cache, or by COMMIT.
TEST_F(SqliteLedgerTest, AFullDiskChangesNothingAndPasses) {
  Open();
  for (const size_t bytes : {3u << 20, 600u << 10}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(FullDisk(bytes));
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0) << bytes;
  }
}

// Every call of a commit fails in turn. Repeating until success leads to the same end, nothing lost, nothing twice.
TEST_F(SqliteLedgerTest, EveryCallFailsInTurnAndMayBeRepeated) {
  for (const FaultPlan::Kind kind : {FaultPlan::Kind::kOnce, FaultPlan::Kind::kReplyLost}) {
    for (uint64_t at = 1; at <= 6; ++at) {
      fs::remove_all(fs::path(path_).parent_path());
      auto inner = Open();
      FaultPlan plan(kind, at, Code::kCommitUnknown);
      FaultyLedger ledger(*inner, plan);
      auto insist = [](auto&& call) {
        auto result = call();
        return result ? result : call();
      };
      const Worker worker = *insist([&] { return ledger.TakeIncarnation("host", 1); });
      const Commit commit = MakeCommit(worker, 1, "", "100");
      ASSERT_OK(insist([&] { return ledger.WriteIntent(commit); }));
      ASSERT_OK(insist([&] { return ledger.MarkCommitted(worker.incarnation, commit.id); }));
      const Commit lost = MakeCommit(worker, 2, "100", "200");
      ASSERT_OK(insist([&] { return ledger.WriteIntent(lost); }));
      ASSERT_OK(insist([&] { return ledger.Abandon(worker.incarnation, lost.id); }));
      EXPECT_EQ(plan.failed(), at <= 5 ? 1u : 0u);
      EXPECT_EQ(inner->Files("users")->size(), 2u);
      EXPECT_EQ(Position(*inner), "100");
    }
  }
}

TEST_F(SqliteLedgerTest, WhatIsLostFollowsItsSourceAndIsForgotten) {
  auto ledger = Open();
  const Incarnation mine = ledger->TakeIncarnation("host", 1)->incarnation;
  Commit commit;
  commit.id = {"p", mine, 1};
  commit.target = "p";
  commit.moves = {{{"s", "a", "p"}, "", "7"}, {{"s", "b", "p"}, "", "9"}};
  ASSERT_TRUE(ledger->WriteIntent(commit));
  EXPECT_EQ(CodeOf(ledger->ForgetSource(mine, "s")), Code::kConflict) << "an intent names it";
  ASSERT_TRUE(ledger->Abandon(mine, commit.id));
  ASSERT_TRUE(ledger->RenameSource(mine, "s", "t"));
  auto lost = *ledger->LostMoves("p");
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[0].commit, commit.id.ToString());
  EXPECT_EQ(lost[0].move, (PositionMove{{"t", "a", "p"}, "", "7"}));
  lost.pop_back();
  ASSERT_TRUE(ledger->ForgetLostMoves(mine, lost));
  lost = *ledger->LostMoves("p");
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].move.key.shard, "b");
  ASSERT_TRUE(ledger->ForgetSource(mine, "t"));
  EXPECT_TRUE(ledger->LostMoves("p")->empty());
  EXPECT_TRUE(ledger->AllPositions()->empty());
}

// A source that is forgotten with its rows: files and positions leave in one commit.
TEST_F(SqliteLedgerTest, ACommitMayForgetPositions) {
  auto ledger = Open();
  const Worker worker = *ledger->TakeIncarnation("host", 1);
  const Incarnation& mine = worker.incarnation;
  const Commit landed = MakeCommit(worker, 1, "", "7");
  ASSERT_OK(ledger->WriteIntent(landed));
  ASSERT_OK(ledger->MarkCommitted(mine, landed.id));
  Commit forgetting;
  forgetting.id = {landed.id.pipeline, mine, 2};
  forgetting.target = landed.target;
  for (const PositionMove& move : landed.moves) forgetting.moves.push_back({move.key, move.to, ""});
  for (const DataFile& file : landed.added) forgetting.removed.push_back({file.table, file.key});
  ASSERT_OK(ledger->WriteIntent(forgetting));
  EXPECT_TRUE(ledger->AllPositions()->empty());
  EXPECT_EQ(ledger->OpenIntents()->at(0).moves, forgetting.moves) << "what a recovery reads";
  ASSERT_OK(ledger->Abandon(mine, forgetting.id));
  EXPECT_EQ(ledger->AllPositions()->size(), landed.moves.size());
  forgetting.id.sequence = 3;
  ASSERT_OK(ledger->WriteIntent(forgetting));
  ASSERT_OK(ledger->MarkCommitted(mine, forgetting.id));
  EXPECT_TRUE(ledger->AllPositions()->empty());
  for (const DataFile& file : landed.added) EXPECT_TRUE(ledger->Files(file.table)->empty());
  forgetting.id.sequence = 4;
  forgetting.removed.clear();
  EXPECT_EQ(CodeOf(ledger->WriteIntent(forgetting)), Code::kConflict) << "there are none";
  for (PositionMove& move : forgetting.moves) move.from.clear();
  EXPECT_EQ(CodeOf(ledger->WriteIntent(forgetting)), Code::kInvalidInput);
}

// The list that the crash tests go through is the list of what the sources call.
TEST(CrashPointsTest, ListIsComplete) {
  std::set<std::string> called;
  for (const auto& entry : fs::directory_iterator(DH_SOURCE_DIR "/src/datahub/ledger")) {
    if (entry.path().extension() != ".cc" || entry.path().string().ends_with("_test.cc")) continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto names_after = [&](const std::string& call) {
      std::vector<std::string> names;
      for (size_t at = text.find(call); at != text.npos; at = text.find(call, at + 1)) {
        const size_t begin = at + call.size();
        names.push_back(text.substr(begin, text.find('"', begin) - begin));
      }
      return names;
    };
    for (const std::string& name : names_after("CrashPoint(\"")) called.insert(name);
    for (const std::string& step : names_after("return Write(\"")) {
      for (const char* when : {"before_", "in_", "after_"}) called.insert("ledger." + (when + step));
    }
  }
  EXPECT_EQ(called, std::set<std::string>(std::begin(kCrashPoints), std::end(kCrashPoints)));
}

}  // namespace
}  // namespace datahub::ledger
