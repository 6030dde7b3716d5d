#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "datahub/contract/inference/evidence.h"

namespace datahub::contract::inference {

// Counts one event while running over its tokens, where every place of it is known already. It decides only what it is
// sure of: with anything wrong, unusual or new it gives up before anything is counted, and the parsed event is looked at
// instead.
//
//   tokens of a window -> Record() -> true, counted | false, nothing happened
//
// Bounded  recursion to kDepthMax
// Memory   32 bytes a value of the largest event so far; nothing is allocated per event in steady state
class TokenWalk {
 public:
  // Before the records of a window: `has_escapes` when a backslash is in it.
  void BeginWindow(const char* base, bool has_escapes) {
    base_ = base;
    has_escapes_ = has_escapes;
  }
  // The event whose first token is `*at`, ending before byte `end` of the window; `at` is moved behind it.
  bool Record(const uint32_t** at, uint32_t end, Evidence& root, TimeReader& times);

 private:
  enum class Kind : uint8_t { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject, kMapKey };
  // What is counted once the whole event is known to be good.
  struct Seen {
    Evidence* evidence;
    const char* text;
    uint32_t size;  // of the text; of arrays and objects how many they hold
    uint32_t position;
    Kind kind;
  };

  const uint32_t* Value(Evidence& evidence, const uint32_t* at, uint32_t position, int depth);
  const uint32_t* String(Evidence& evidence, const uint32_t* at, uint32_t position);
  const uint32_t* Object(Evidence& evidence, const uint32_t* at, uint32_t position, int depth);
  const uint32_t* Array(Evidence& evidence, const uint32_t* at, uint32_t position, int depth);
  // The key at `at`, when it is one and has no escapes.
  bool Key(const uint32_t* at, std::string_view* key) const;
  void Count(TimeReader& times);

  const char* TokenEnd(const uint32_t* at) const {
    const char* end = base_ + at[1];
    while (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t') --end;
    return end;
  }

  const char* base_ = nullptr;
  uint32_t end_ = 0;
  bool has_escapes_ = false;
  uint64_t stamp_ = 0;  // objects so far
  std::vector<Seen> seen_;
  std::vector<std::string_view> keys_;  // of the maps that are open now
  std::vector<char> decoded_;           // room for the strings of one event
  size_t decoded_size_ = 0;
};

}  // namespace datahub::contract::inference
