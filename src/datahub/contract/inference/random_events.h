#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::contract::inference {

// For tests: events of a shape that is made up from a seed, and then varied: members left out, nulls, other types, other
// spellings. Every one is JSON.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed);

  // Without a line end.
  std::string Next();
  uint64_t Below(uint64_t end) { return random_() % end; }

 private:
  enum class What {
    kNull,
    kBool,
    kSmall,    // integers of a few digits
    kNumber,   // of every size and spelling
    kWord,     // one of few
    kText,     // free, with escapes and characters of other scripts
    kFormat,   // of one kind, mostly
    kList,     //
    kObject,   //
    kIdMap,    // keys are identifiers
    kWideMap,  // of more keys than have places
    kMixed,    // of two kinds
    kDeep,     // arrays or objects in each other, deeper than is looked into
  };
  struct Shape {
    What what = What::kNull;
    uint64_t choice = 0;
    uint64_t null_percent = 0;
    std::vector<std::string> keys;
    std::vector<uint64_t> percents;  // how often each key is there
    std::vector<std::unique_ptr<Shape>> parts;
  };

  std::unique_ptr<Shape> MakeShape(int depth);
  std::unique_ptr<Shape> MakeObject(int depth);
  std::string TextOf(const Shape& shape);
  std::string NumberOf(const Shape& shape);
  void Write(const Shape& shape, std::string& out);
  void WriteObject(const Shape& shape, std::string& out);
  void WriteMap(const Shape& shape, std::string& out);
  void WriteString(std::string_view text, std::string& out);
  void WriteSpace(std::string& out);

  std::mt19937_64 random_;
  std::unique_ptr<Shape> root_;
};

// Of the environment (DH_FUZZ_SEED), or new; printed.
uint64_t SeedOfRun();

}  // namespace datahub::contract::inference
