#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/explain/explain.h"

namespace datahub::contract {

struct Path;

// What Validation tells of its way, put together as units.
//
//   Validation -> { Enter -> (Failed | Enter … Leave)… -> Leave } -> Units()
//
// A schema's units are made when it is entered, and judged when it is left: only then it is known what its failures and
// annotations, and those of its parts, count for.
class Trace {
 public:
  explicit Trace(std::string_view base) : base_(base) {}

  // The schema that is entered next is what this keyword refers to; without a word it is written below the one before.
  void FollowsRef();
  void FollowsDynamicRef();
  void Enter(const Schema& schema, const json::Value& value, const Path* path);
  void Leave(bool valid);
  // A keyword ("": the schema `false`) of the schema last entered; `path` is its place, or that of the member meant.
  void Failed(std::string_view keyword, const Path* path, std::string_view message);
  // A limit was reached: nothing else counts.
  void Undecided(std::string_view keyword, std::string_view message);

  bool cut() const { return cut_; }
  std::vector<KeywordUnit> Units() &&;

 private:
  // A schema that a keyword applied, or what stands for one.
  struct Part {
    size_t begin = 0;  // its units
    size_t end = 0;
    bool valid = false;
    std::string_view name;  // the member or element it was applied to
    size_t index = 0;
  };
  // A keyword that applied schemas, or failed.
  struct Met {
    std::string_view keyword;
    bool failed = false;
    std::string message;
    std::vector<Part> parts;
    size_t parts_failed = 0;
  };
  struct Frame {
    const Schema* schema = nullptr;
    const json::Value* value = nullptr;
    const Path* path = nullptr;
    std::string instance;
    std::string location;  // the way here
    uint32_t place = 0;
    size_t begin = 0;  // units
    bool recorded = false;
    std::vector<Met> met{};
    std::string_view by{};  // of the frame around it: the keyword that applies this
  };

  static Met& MetOf(Frame& frame, std::string_view keyword);
  static const Met* FindMet(const Frame& frame, std::string_view keyword);
  // A member's or an element's place, below the frame's.
  static std::string StepOf(const Path& path);
  std::string AbsoluteOf(const Schema& schema, std::string_view keyword) const;
  void PushUnits(Frame& frame);
  bool PushUnit(const Frame& frame, std::string_view keyword);
  void JudgeParts(const Met& met);
  void JudgeUnits(const Frame& frame);
  void JudgeUnit(const Frame& frame, const json::Member& member, KeywordUnit& unit);
  void DropAnnotations(size_t begin, size_t end);

  const std::string base_;
  std::vector<Frame> frames_;
  std::vector<KeywordUnit> units_;
  std::optional<KeywordUnit> limit_;
  std::string_view follows_;
  size_t bytes_ = 0;
  bool cut_ = false;
};

}  // namespace datahub::contract
