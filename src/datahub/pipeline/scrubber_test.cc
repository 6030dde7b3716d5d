#include "datahub/pipeline/scrubber.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "datahub/base/hash.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::pipeline {
namespace {

// A table of a few files, committed.
class ScrubTest : public testing::Test {
 protected:
  static constexpr int kFiles = 3;

  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "datahub-scrub-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    store_ = *storage::OpenLocalStore(folder_ + "/lake");
    ledger_ = *ledger::OpenSqliteLedger(folder_ + "/ledger.db", ledger::OpenMode::kReadWrite);
    mine_ = ledger_->TakeIncarnation("host", 1)->incarnation;
    ASSERT_TRUE(ledger_->SetColumns(mine_, {"t", "db/t", 1, {}, {}}));
    std::mt19937 random(1);
    ledger::Commit commit;
    commit.id = {"t", mine_, 1};
    commit.target = "t";
    std::vector<storage::UnseenObject> objects;
    for (int i = 0; i < kFiles; ++i) {
      std::string bytes(5000, 0);
      for (char& c : bytes) c = static_cast<char>(random());
      auto writer = store_->CreateUnseen(mine_.ToString(), {"db/t/" + std::to_string(i)});
      ASSERT_TRUE((*writer)->Append(bytes));
      objects.push_back(*std::move(**writer).Finish());
      ledger::DataFile file;
      file.table = "t";
      file.key = objects.back().key.text;
      file.unseen = objects.back().unseen;
      file.bytes = objects.back().bytes;
      file.checksum = objects.back().checksum.ToHex();
      file.rows = 1;
      commit.added.push_back(file);
    }
    ASSERT_TRUE(store_->SyncUnseen(mine_.ToString()));
    ASSERT_TRUE(ledger_->WriteIntent(commit));
    ASSERT_TRUE(store_->Reveal(objects));
    ASSERT_TRUE(ledger_->MarkCommitted(mine_, commit.id));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(int i) const { return folder_ + "/lake/db/t/" + std::to_string(i); }
  std::string Read(int i) const {
    std::ifstream in(Path(i), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Write(int i, const std::string& bytes) const { std::ofstream(Path(i), std::ios::binary) << bytes; }
  uint64_t Damaged() { return Scrub(*store_, *ledger_, mine_, 0, {})->damaged; }
  std::string DamageOfFile(int i) { return ledger_->Files("t")->at(static_cast<size_t>(i)).damage; }

  std::string folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<ledger::Ledger> ledger_;
  ledger::Incarnation mine_;
};

TEST_F(ScrubTest, WholeFilesAreNotMarked) {
  const ScrubTotals totals = *Scrub(*store_, *ledger_, mine_, 0, {});
  EXPECT_EQ(totals.files, static_cast<uint64_t>(kFiles));
  EXPECT_EQ(totals.bytes, 5000u * kFiles);
  EXPECT_EQ(totals.damaged, 0u);
}

TEST_F(ScrubTest, EveryFlippedBitIsFoundAndNamed) {
  const std::string good = Read(1);
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    Write(1, bad);
    ASSERT_EQ(Damaged(), 1u) << i;
    EXPECT_NE(DamageOfFile(1).find("not those that were written"), std::string::npos);
    EXPECT_EQ(DamageOfFile(0), "");
  }
  Write(1, good);
  EXPECT_EQ(Damaged(), 0u);
  EXPECT_EQ(DamageOfFile(1), "") << "put back";
}

TEST_F(ScrubTest, CutSwappedAndMissingFilesAreFound) {
  const std::string first = Read(0);
  const std::string second = Read(1);
  Write(0, second);
  Write(1, first);
  EXPECT_EQ(Damaged(), 2u);
  Write(0, first.substr(0, 4000));
  EXPECT_EQ(Damaged(), 2u);
  EXPECT_NE(DamageOfFile(0).find("4000 bytes, 5000 were written"), std::string::npos);
  std::filesystem::remove(Path(0));
  EXPECT_EQ(Damaged(), 2u);
  EXPECT_EQ(DamageOfFile(0), "it is gone");
}

TEST_F(ScrubTest, AFencedWorkerMarksNothing) {
  Write(0, "x");
  ASSERT_TRUE(ledger_->TakeIncarnation("host", 2));
  const auto totals = Scrub(*store_, *ledger_, mine_, 0, {});
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().code, Code::kFenced);
  EXPECT_EQ(DamageOfFile(0), "");
}

}  // namespace
}  // namespace datahub::pipeline
