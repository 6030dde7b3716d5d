// The matrix: pairs of schemas with their verdicts both ways. Whatever is called included is attacked with random events.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "datahub/contract/evolution/attack.h"
#include "datahub/contract/evolution/inclusion.h"

namespace datahub::contract::evolution {
namespace {

constexpr size_t kEventsEach = 600;

struct Pair {
  std::string name;
  bool strict = false;
  std::string old_schema;
  std::string new_schema;
  std::string backward;
  std::string forward;
};

std::vector<Pair> ReadMatrix() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(DH_SOURCE_DIR "/src/datahub/contract/evolution/matrix")) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Pair> pairs;
  for (const auto& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const size_t space = line.find(' ');
      if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
      const std::string word = line.substr(0, space);
      std::string rest = line.substr(space + 1);
      if (word == "pair") {
        pairs.emplace_back().name = file.stem().string() + ": " + rest;
        pairs.back().strict = rest.ends_with("(strict)");
      } else if (word == "old") {
        pairs.back().old_schema = std::move(rest);
      } else if (word == "new") {
        pairs.back().new_schema = std::move(rest);
      } else if (word == "backward") {
        pairs.back().backward = std::move(rest);
      } else if (word == "forward") {
        pairs.back().forward = std::move(rest);
      } else {
        ADD_FAILURE() << file << ": " << line;
      }
    }
  }
  return pairs;
}

class Matrix {
 public:
  // "yes": included; "no": it is not; "unshown": it is, and the comparison cannot tell.
  void Check(const Pair& pair, const char* way, const Schema& narrow, const Schema& wide, const std::string& expected) {
    SCOPED_TRACE(pair.name + ", " + way);
    ++verdicts_;
    const std::vector<Break> breaks = Inclusion(narrow, pair.strict, wide, pair.strict);
    std::string said;
    for (const Break& one : breaks) {
      said += "\n  " + one.instance + " " + one.narrow_pointer + " -> " + one.wide_pointer + ": " + one.message +
              (one.proven() ? ", " + one.witness : "");
    }
    ASSERT_TRUE(expected == "yes" || expected == "no" || expected == "unshown") << expected;
    EXPECT_EQ(breaks.empty(), expected == "yes") << said;
    const bool proven = std::ranges::any_of(breaks, &Break::proven);
    if (expected != "no") {
      EXPECT_FALSE(proven) << said;
      const Attack attack = RunAttack(narrow, pair.strict, wide, pair.strict, kEventsEach, random_);
      events_ += attack.events;
      held_ += attack.held;
      EXPECT_EQ(attack.contradiction, "") << said;
      ++included_;
      return;
    }
    ++refused_;
    proven_ += proven;
    if (!proven) unproven_ += "\n  " + pair.name + ", " + way + said;
    for (const Break& one : breaks) {
      if (!one.proven()) continue;
      EXPECT_TRUE(IsValid(narrow, pair.strict, one.witness)) << one.witness;
      EXPECT_FALSE(IsValid(wide, pair.strict, one.witness)) << one.witness;
    }
  }

  void Print() const {
    std::printf(
        "%zu verdicts: %zu included, attacked with %zu events of which %zu satisfied the narrow side; %zu not, %zu "
        "of these with an event that shows it\n",
        verdicts_, included_, events_, held_, refused_, proven_);
    if (!unproven_.empty()) std::printf("without one:%s\n", unproven_.c_str());
  }

  size_t verdicts_ = 0, included_ = 0, refused_ = 0, proven_ = 0, events_ = 0, held_ = 0;
  std::string unproven_;
  std::mt19937_64 random_{FuzzSeed()};
};

TEST(Matrix, Verdicts) {
  const std::vector<Pair> pairs = ReadMatrix();
  EXPECT_GE(pairs.size(), 250u);
  Matrix matrix;
  for (const Pair& pair : pairs) {
    const auto older = Compiled(pair.old_schema);
    const auto newer = Compiled(pair.new_schema);
    ASSERT_NE(older, nullptr) << pair.name << pair.old_schema;
    ASSERT_NE(newer, nullptr) << pair.name << pair.new_schema;
    matrix.Check(pair, "backward", older->root(), newer->root(), pair.backward);
    matrix.Check(pair, "forward", newer->root(), older->root(), pair.forward);
  }
  std::printf("%zu pairs\n", pairs.size());
  matrix.Print();
  EXPECT_GE(matrix.proven_ * 100, matrix.refused_ * 95) << "events that show a break have become rare";
  EXPECT_GE(matrix.held_ * 10, matrix.events_) << "the attack no longer makes events that satisfy the narrow side";
}

}  // namespace
}  // namespace datahub::contract::evolution
