// The pipeline over real store, ledger and files, with every call of both seams failing in turn.

#include "datahub/pipeline/pipeline.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/lake/quarantine_rows.h"
#include "datahub/ledger/faulty_ledger.h"
#include "datahub/storage/faulty_store.h"

namespace datahub::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kContract = R"({
  "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["id", "at"],
  "properties": {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}}})";

constexpr int kRecords = 300;
constexpr int kBadEvery = 25;

class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / fmt::format("datahub-pipeline-{}-{}", ::getpid(), counter_++);
    fs::create_directories(folder_ / "inbox");
    std::ofstream out(folder_ / "inbox/a.ndjson");
    for (int i = 0; i < kRecords; ++i) {
      if (i % kBadEvery == 0) {
        out << fmt::format("{{\"id\": \"bad {}\"}}\n", i);
      } else {
        out << fmt::format("{{\"id\": {}, \"at\": \"2026-01-0{}T00:00:00Z\"}}\n", i, 1 + i % 3);
      }
    }
    std::vector<contract::CompileError> errors;
    contract_ = contract::Contract::Compile(kContract, {.name = "thing"}, &errors);
    ASSERT_TRUE(contract_) << (errors.empty() ? "" : errors[0].message);
  }
  void TearDown() override { fs::remove_all(folder_); }

  PipelineSpec Spec() const {
    PipelineSpec spec;
    spec.name = "things";
    spec.sources = {{"inbox", "files", folder_.string(), {{"path", {"inbox/*.ndjson"}}}}};
    spec.contract = contract_;
    spec.contract_checksum = "c";
    spec.table.table = "things";
    spec.table.folder = "db/things";
    spec.table.schema = contract_->columns();
    spec.table.partition_by = {{lake::Transform::kDay, "at", "at_day"}};
    spec.quarantine.table = "things_quarantine";
    spec.quarantine.folder = "db/things_quarantine";
    spec.quarantine.schema = lake::QuarantineRows::Schema();
    spec.quarantine.partition_by = lake::QuarantineRows::PartitionBy();
    spec.flush.rows = 100;
    return spec;
  }

  // One life of a worker over the two seams, as `run` does it.
  Result<void> Live(FaultPlan& plan, int threads) {
    auto real_ledger = DH_TRY(ledger::OpenSqliteLedger((folder_ / "ledger.db").string(), ledger::OpenMode::kReadWrite));
    auto real_store = DH_TRY(storage::OpenLocalStore((folder_ / "lake").string()));
    ledger::FaultyLedger ledger(*real_ledger, plan);
    storage::FaultyStore store(*real_store, plan);
    const ledger::Worker worker = DH_TRY(ledger.TakeIncarnation("here", 1));
    Committer committer(store, ledger, worker.incarnation);
    DH_TRY(committer.Recover());
    Pipeline pipeline(Spec(), store, ledger, committer, {.threads = threads});
    DH_TRY(pipeline.Open());
    const std::atomic<bool> stop{false};
    RunTotals totals;
    DH_TRY(pipeline.Drain(stop, totals));
    return committer.DiscardUnseen();
  }

  // Everything is in table or quarantine exactly once, by the ledger's rows; its files are there; nothing else is.
  void CheckAll(const std::string& context) {
    SCOPED_TRACE(context);
    auto ledger = ledger::OpenSqliteLedger((folder_ / "ledger.db").string(), ledger::OpenMode::kReadOnly);
    ASSERT_TRUE(ledger) << ledger.error().ToString();
    std::set<std::string> listed;
    std::map<std::string, uint64_t> rows;
    for (const std::string table : {"things", "things_quarantine"}) {
      auto files = (*ledger)->Files(table);
      ASSERT_TRUE(files);
      for (const ledger::DataFile& file : *files) {
        rows[table] += file.rows;
        listed.insert(file.key);
        EXPECT_EQ(fs::file_size(folder_ / "lake" / file.key), file.bytes);
      }
    }
    constexpr uint64_t kBad = (kRecords + kBadEvery - 1) / kBadEvery;
    EXPECT_EQ(rows["things"], kRecords - kBad);
    EXPECT_EQ(rows["things_quarantine"], kBad);
    std::set<std::string> there;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "lake")) {
      if (entry.is_regular_file()) there.insert(fs::relative(entry.path(), folder_ / "lake").string());
    }
    EXPECT_EQ(there, listed);
    EXPECT_TRUE((*ledger)->OpenIntents()->empty());
  }

  void Forget() {
    fs::remove_all(folder_ / "lake");
    for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"}) fs::remove(folder_ / name);
  }

  static inline int counter_ = 0;
  fs::path folder_;
  std::shared_ptr<const contract::Contract> contract_;
};

// Each record has another value of the partition key: batches of 300 files are not had, whatever a chunk holds.
TEST_F(PipelineTest, ABatchOfTooManyFilesIsReadAgainInSmallerChunks) {
  for (const int threads : {1, 3}) {
    Forget();
    auto ledger = ledger::OpenSqliteLedger((folder_ / "ledger.db").string(), ledger::OpenMode::kReadWrite);
    auto store = storage::OpenLocalStore((folder_ / "lake").string());
    ASSERT_TRUE(ledger && store);
    const auto worker = (*ledger)->TakeIncarnation("here", 1);
    ASSERT_TRUE(worker);
    Committer committer(**store, **ledger, worker->incarnation);
    PipelineSpec spec = Spec();
    spec.table.partition_by = {{lake::Transform::kIdentity, "id", "id"}};
    spec.table.partitions_open_max = 4;
    constexpr size_t kFilesMax = 20;
    Pipeline pipeline(spec, **store, **ledger, committer, {.threads = threads, .commit_files_max = kFilesMax});
    ASSERT_TRUE(pipeline.Open());
    const std::atomic<bool> stop{false};
    RunTotals totals;
    const auto drained = pipeline.Drain(stop, totals);
    ASSERT_TRUE(drained) << drained.error().message;
    EXPECT_EQ(totals.records, uint64_t(kRecords));
    EXPECT_EQ(totals.accepted + totals.rejected, uint64_t(kRecords));
    std::map<std::string, size_t> files;  // of a commit
    const auto listed = (*ledger)->Files("things");
    ASSERT_TRUE(listed);
    for (const ledger::DataFile& file : *listed) {
      const std::string name = fs::path(file.key).filename().string();
      ++files[name.substr(0, name.rfind('-', name.rfind('-') - 1))];
    }
    EXPECT_GE(files.size(), kRecords / kFilesMax);
    for (const auto& [commit, count] : files) EXPECT_LE(count, kFilesMax) << commit;
    ASSERT_TRUE(committer.DiscardUnseen());
    CheckAll(fmt::format("{} lanes", threads));
  }
}

TEST_F(PipelineTest, LandsEverythingOnceWithOneAndWithThreeLanes) {
  for (const int threads : {1, 3}) {
    FaultPlan none;
    auto lived = Live(none, threads);
    ASSERT_TRUE(lived) << lived.error().ToString();
    CheckAll(fmt::format("{} threads", threads));
    Forget();
  }
}

TEST_F(PipelineTest, ASecondLifeReadsNothingTwice) {
  FaultPlan none;
  ASSERT_TRUE(Live(none, 1));
  ASSERT_TRUE(Live(none, 1));
  CheckAll("after two lives");
}

// Fail-at-N: once, for ever, and done but reported as failed, over every call of store and ledger; then a healthy life.
TEST_F(PipelineTest, SurvivesAnyCallFailing) {
  FaultPlan counting;
  ASSERT_TRUE(Live(counting, 1));
  const uint64_t calls = counting.calls();
  ASSERT_GT(calls, 20u);
  struct Way {
    const char* name;
    FaultPlan::Kind kind;
    Code code;
  };
  const Way ways[] = {{"once", FaultPlan::Kind::kOnce, Code::kUnavailable},
                      {"for ever", FaultPlan::Kind::kForEver, Code::kUnavailable},
                      {"reply lost", FaultPlan::Kind::kReplyLost, Code::kTimeout},
                      {"commit unknown", FaultPlan::Kind::kReplyLost, Code::kCommitUnknown},
                      {"disk full", FaultPlan::Kind::kForEver, Code::kDiskFull}};
  for (const Way& way : ways) {
    for (uint64_t at = 1; at <= calls; ++at) {
      Forget();
      FaultPlan plan(way.kind, at, way.code);
      (void)Live(plan, 1);
      FaultPlan none;
      auto lived = Live(none, 1);
      ASSERT_TRUE(lived) << way.name << " at call " << at << ": " << lived.error().ToString();
      CheckAll(fmt::format("{} at call {}", way.name, at));
      if (HasFailure()) return;
    }
  }
}

// An object that is gone, seen and unseen, makes its commit abandoned and its records read again.
TEST_F(PipelineTest, AbandonsAnIntentThatCannotBeCompleted) {
  FaultPlan counting;
  ASSERT_TRUE(Live(counting, 1));
  for (uint64_t at = 1; at <= counting.calls(); ++at) {
    Forget();
    FaultPlan plan(FaultPlan::Kind::kForEver, at);
    (void)Live(plan, 1);
    bool removed = false;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "lake")) {
      if (!removed && entry.is_regular_file() && entry.path().extension() == ".parquet" &&
          entry.path().string().find("/.unseen/") != std::string::npos) {
        removed = fs::remove(entry.path());
      }
    }
    FaultPlan none;
    auto lived = Live(none, 1);
    ASSERT_TRUE(lived) << "at call " << at << ": " << lived.error().ToString();
    CheckAll(fmt::format("for ever at call {}, then an unseen file lost", at));
    if (HasFailure()) return;
  }
}

TEST_F(PipelineTest, AFencedWorkerLandsNothing) {
  auto first = ledger::OpenSqliteLedger((folder_ / "ledger.db").string(), ledger::OpenMode::kReadWrite);
  auto store = storage::OpenLocalStore((folder_ / "lake").string());
  ASSERT_TRUE(first && store);
  auto worker = (*first)->TakeIncarnation("here", 1);
  ASSERT_TRUE(worker);
  Committer committer(**store, **first, worker->incarnation);
  Pipeline pipeline(Spec(), **store, **first, committer, {});
  ASSERT_TRUE(pipeline.Open());
  FaultPlan none;
  ASSERT_TRUE(Live(none, 1));  // a newer incarnation
  const std::atomic<bool> stop{false};
  RunTotals totals;
  auto drained = pipeline.Drain(stop, totals);
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().code, Code::kFenced) << drained.error().ToString();
  CheckAll("after a fenced worker went on");
}

TEST_F(PipelineTest, StopsAtARejectedRecordWhenToldTo) {
  auto ledger = ledger::OpenSqliteLedger((folder_ / "ledger.db").string(), ledger::OpenMode::kReadWrite);
  auto store = storage::OpenLocalStore((folder_ / "lake").string());
  ASSERT_TRUE(ledger && store);
  auto worker = (*ledger)->TakeIncarnation("here", 1);
  Committer committer(**store, **ledger, worker->incarnation);
  PipelineSpec spec = Spec();
  spec.on_reject = OnReject::kStop;
  Pipeline pipeline(spec, **store, **ledger, committer, {});
  ASSERT_TRUE(pipeline.Open());
  const std::atomic<bool> stop{false};
  RunTotals totals;
  auto drained = pipeline.Drain(stop, totals);
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().code, Code::kInvalidInput);
  EXPECT_NE(drained.error().message.find("offset 0"), std::string::npos) << drained.error().message;
  EXPECT_TRUE((*ledger)->Files("things")->empty());
}

}  // namespace
}  // namespace datahub::pipeline
