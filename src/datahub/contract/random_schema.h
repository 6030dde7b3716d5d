#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// Makes contracts to attack the compiler and both ways of judging with: mostly objects with named members, as tables have
// them, with every keyword of the dialect somewhere. The same seed makes the same contract.
//
// Bounded  subschemas lie at most kDepthMax deep in each other; a text is some hundred bytes to some ten thousand
class RandomSchema {
 public:
  RandomSchema(Dialect dialect, uint64_t seed) : dialect_(dialect), random_(seed) {}
  std::string Make();

  // Texts that fit the pattern, and one or two that do not. Empty: none of those that are used here.
  static std::vector<std::string_view> SamplesOfPattern(std::string_view pattern);
  static std::vector<std::string_view> SamplesOfFormat(std::string_view format);

 private:
  static constexpr int kDepthMax = 4;
  // Members of an object in the making; a key that is there stays as it is.
  struct Members {
    std::vector<std::pair<std::string, std::string>> list;
    Members& Add(std::string_view key, std::string text);
    std::string Text() const;
  };

  size_t Below(size_t end) { return random_() % end; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <class List>
  std::string Pick(const List& list) {
    return std::string(list[Below(std::size(list))]);
  }
  bool Since(Dialect dialect) const { return dialect_ >= dialect; }

  std::string Any(int depth);
  std::string AnyPlain(int depth);
  std::string Reference();
  std::string Choice(int depth);
  std::string Value(int depth);
  void AddType(Members& out, std::string_view name, int depth);
  void AddString(Members& out);
  void AddNumber(Members& out, bool is_integer);
  void AddArray(Members& out, int depth);
  void AddObject(Members& out, int depth);
  void AddProperties(Members& out, int depth);
  void AddDependent(Members& out, int depth);
  // In-place applicators; what they apply says something of values of this type.
  void AddInPlace(Members& out, std::string_view type, int depth);
  std::string Part(std::string_view type, int depth);
  std::string List(size_t size, std::string_view type, int depth);
  std::string Names(size_t count);
  void AddDefinitions(Members& root);

  Dialect dialect_;
  std::mt19937_64 random_;
  size_t definitions_ = 0;
  bool refers_ = true;    // references may be made here
  bool dynamic_ = false;  // the root has a dynamic anchor
};

}  // namespace datahub::contract
