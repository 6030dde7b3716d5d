// Random operations on the ledger beside a model of a few maps: after every step both say the same.
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {
namespace {

namespace fs = std::filesystem;

struct Model {
  Incarnation newest;
  std::map<std::string, std::string> positions;  // "<target>/<shard>"
  std::map<std::string, Commit> commits;         // by id, with state
  std::set<std::string> live;
  std::set<std::string> removed;
  std::set<std::string> lost;

  const Commit* Open(const std::string& target) const {
    for (const auto& [id, commit] : commits) {
      if (commit.target == target && commit.state == CommitState::kIntent) return &commit;
    }
    return nullptr;
  }
  bool Promised(const std::string& key) const {
    for (const auto& [id, commit] : commits) {
      if (commit.state != CommitState::kIntent) continue;
      for (const RemovedFile& file : commit.removed) {
        if (file.key == key) return true;
      }
    }
    return false;
  }

  Code WriteIntent(const Commit& commit) {
    if (commit.id.incarnation != newest) return Code::kFenced;
    if (Open(commit.target) != nullptr) return Code::kConflict;
    for (const PositionMove& move : commit.moves) {
      const auto at = positions.find(move.key.target + "/" + move.key.shard);
      if ((at == positions.end() ? "" : at->second) != move.from) return Code::kConflict;
    }
    for (const RemovedFile& file : commit.removed) {
      if (!live.contains(file.key) || Promised(file.key)) return Code::kConflict;
    }
    for (const PositionMove& move : commit.moves) positions[move.key.target + "/" + move.key.shard] = move.to;
    commits[commit.id.ToString()] = commit;
    return Code::kInternal;  // fine
  }

  Code Finish(const Incarnation& mine, const std::string& id, CommitState state) {
    if (mine != newest) return Code::kFenced;
    const auto at = commits.find(id);
    if (at == commits.end()) return Code::kNotFound;
    Commit& commit = at->second;
    if (commit.state == state) return Code::kInternal;
    if (commit.state != CommitState::kIntent) return Code::kConflict;
    commit.state = state;
    if (state == CommitState::kCommitted) {
      for (const DataFile& file : commit.added) live.insert(file.key);
      for (const RemovedFile& file : commit.removed) {
        live.erase(file.key);
        removed.insert(file.key);
      }
      return Code::kInternal;
    }
    for (const PositionMove& move : commit.moves) {
      const std::string name = move.key.target + "/" + move.key.shard;
      if (move.from.empty())
        positions.erase(name);
      else
        positions[name] = move.from;
      lost.insert(id + "/" + name + "/" + move.from + "/" + move.to);
    }
    for (const DataFile& file : commit.added) removed.insert(file.key);
    return Code::kInternal;
  }
};

class LedgerModelTest : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "datahub-model-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    for (auto& ledger : ledgers_) ledger = *OpenSqliteLedger(folder_ + "/ledger.db", OpenMode::kReadWrite, 100);
    random_.seed(GetParam());
  }
  void TearDown() override {
    for (auto& ledger : ledgers_) ledger.reset();
    fs::remove_all(folder_);
  }

  size_t Pick(size_t below) { return random_() % below; }
  Ledger& Any() { return *ledgers_[Pick(2)]; }

  Commit RandomCommit() {
    Commit commit;
    commit.id = CommitId{"p", workers_[Pick(workers_.size())], ++sequence_};
    commit.target = Pick(2) == 0 ? "p" : "q";
    for (const char* shard : {"a", "b"}) {
      if (Pick(3) == 0) continue;
      std::string from = model_.positions[commit.target + "/" + shard];
      if (from.empty()) model_.positions.erase(commit.target + "/" + shard);
      if (Pick(8) == 0) from = "stale";
      commit.moves.push_back({{"s", shard, commit.target}, from, std::to_string(sequence_)});
    }
    for (size_t i = Pick(3); i > 0; --i) {
      DataFile file;
      file.table = "t";
      file.key = "t/p=" + std::to_string(Pick(3)) + "/" + commit.id.ToString() + "-" + std::to_string(i);
      file.checksum = std::string(32, '0');
      file.partition = {{"p", std::string(1, file.key[4])}};
      file.rows = 1;
      commit.added.push_back(file);
    }
    for (const std::string& key : model_.live) {
      if (Pick(6) == 0) commit.removed.push_back({"t", key});
    }
    return commit;
  }

  void Step() {
    const Incarnation mine = workers_[Pick(4) == 0 ? Pick(workers_.size()) : workers_.size() - 1];
    std::string id = "p-none";
    CommitId commit_id{"none", {}, 0};
    if (!model_.commits.empty()) {
      auto at = std::next(model_.commits.begin(), long(Pick(model_.commits.size())));
      const Commit* open = model_.Open(Pick(2) == 0 ? "p" : "q");
      commit_id = open != nullptr && Pick(4) != 0 ? open->id : at->second.id;
      id = commit_id.ToString();
    }
    switch (Pick(8)) {
      case 0:
        if (Pick(4) != 0) return;
        workers_.push_back(Any().TakeIncarnation("host", 1)->incarnation);
        model_.newest = workers_.back();
        return;
      case 1:
        if (Pick(3) == 0)
          return Expect(model_.Finish(mine, id, CommitState::kAbandoned), Any().Abandon(mine, commit_id));
        return;
      case 2:
      case 3:
      case 4:
        return Expect(model_.Finish(mine, id, CommitState::kCommitted), Any().MarkCommitted(mine, commit_id));
      default: {
        const Commit commit = RandomCommit();
        return Expect(model_.WriteIntent(commit), Any().WriteIntent(commit));
      }
    }
  }

  void Expect(Code expected, const Result<void>& result) {
    ++outcomes_[expected];
    EXPECT_EQ(result ? Code::kInternal : result.error().code, expected)
        << (result ? std::string("success") : result.error().ToString());
  }

  void Compare() {
    Ledger& ledger = Any();
    std::map<std::string, std::string> positions;
    const auto all = *ledger.AllPositions();
    for (const auto& [key, position] : all) positions[key.target + "/" + key.shard] = position;
    EXPECT_EQ(positions, model_.positions);
    std::set<std::string> live;
    uint64_t rows = 0;
    const auto files = *ledger.Files("t");
    for (const DataFile& file : files) live.insert(file.key);
    EXPECT_EQ(live, model_.live);
    const auto partitions = *ledger.Partitions("t");
    for (const PartitionRow& partition : partitions) rows += partition.rows;
    EXPECT_EQ(rows, live.size());
    std::set<std::string> removed;
    const auto leftovers = *ledger.RemovedFiles(INT64_MAX);
    for (const RemovedFile& file : leftovers) removed.insert(file.key);
    EXPECT_EQ(removed, model_.removed);
    std::set<std::string> lost;
    for (const std::string target : {"p", "q"}) {
      const auto moves = *ledger.LostMoves(target);
      for (const auto& [commit, move] : moves) {
        lost.insert(commit + "/" + target + "/" + move.key.shard + "/" + move.from + "/" + move.to);
      }
    }
    EXPECT_EQ(lost, model_.lost);
    size_t open = 0;
    for (const auto& [id, commit] : model_.commits) open += commit.state == CommitState::kIntent ? 1 : 0;
    EXPECT_EQ(ledger.OpenIntents()->size(), open);
    EXPECT_EQ(ledger.Commits(SIZE_MAX)->size(), model_.commits.size());
  }

  std::string folder_;
  std::unique_ptr<Ledger> ledgers_[2];
  std::mt19937_64 random_;
  std::vector<Incarnation> workers_;
  uint64_t sequence_ = 0;
  Model model_;
  std::map<Code, int> outcomes_;
};

TEST_P(LedgerModelTest, SaysWhatTheModelSays) {
  workers_.push_back(ledgers_[0]->TakeIncarnation("host", 1)->incarnation);
  model_.newest = workers_.back();
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    Step();
    Compare();
    if (i == 150) ledgers_[Pick(2)] = *OpenSqliteLedger(folder_ + "/ledger.db", OpenMode::kReadWrite, 100);
  }
  EXPECT_GT(outcomes_[Code::kInternal], 50) << "most succeed";
  EXPECT_GT(outcomes_[Code::kConflict], 5);
  EXPECT_GT(outcomes_[Code::kFenced], 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerModelTest, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace datahub::ledger
