#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/inference/evidence.h"
#include "datahub/contract/inference/token_walk.h"
#include "datahub/contract/text_index.h"

namespace datahub::contract::inference {

// A line that is no JSON text, as json::Document has it.
struct InvalidLine {
  std::string input;
  uint64_t line = 0;  // from 1, empty ones counted
  std::string why;
};

inline constexpr size_t kInvalidLinesMax = 5;  // that are named; all are counted

// What was met in events, a line each.
//
//   BeginInput(name), Add(lines)… -> Inference -> Propose() (proposal.h)
//
// Memory   bounded by the limits of evidence.h and the largest event, whatever the input
// Threads  one thread at a time; what several inferred can be merged
class Inference {
 public:
  // Lines are counted anew from here on; `name` is what messages call it.
  void BeginInput(std::string name);
  // Whole lines; the last one's end may be missing where the input ends. White space alone is no event.
  void Add(std::string_view lines);
  // The next line is so wrong that nobody could hand it over.
  void AddInvalid(std::string why);

  // As if the lines of `other` had been added here, whose invalid ones come after ours.
  void Merge(Inference&& other);

  uint64_t events() const { return root_.present; }
  uint64_t invalid() const { return invalid_; }
  uint64_t bytes() const { return bytes_; }  // lines with their ends
  const std::vector<InvalidLine>& invalid_lines() const { return invalid_lines_; }
  const Evidence& root() const { return root_; }
  bool reached_places_max() const { return places_.was_full(); }
  // Objects that look like maps become maps: what the proposal is made of. Nothing can be added any more.
  void FindMaps();

 private:
  struct Line {
    const char* data;
    uint32_t size;
    uint64_t number;
  };

  bool FillWindow(std::string_view lines, size_t* at);
  // Tokens of the next `count` pending lines; false when they are broken somewhere, and nothing was counted.
  bool AddWindow(size_t count);
  void AddParsed(const Line& line);
  void Count(Evidence& evidence, const json::Value& value, uint32_t position, int depth);
  void FindMaps(Evidence& evidence);

  Evidence root_;
  Places places_;
  uint64_t bytes_ = 0;
  uint64_t invalid_ = 0;
  std::vector<InvalidLine> invalid_lines_;

  std::string input_;
  uint64_t line_ = 0;  // how many were seen of this input
  std::vector<Line> pending_;
  size_t pending_begin_ = 0;
  TextIndex index_;
  TokenWalk walk_;
  TimeReader times_;
  json::Document document_;
};

}  // namespace datahub::contract::inference
