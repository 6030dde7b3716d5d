#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {

class Trace;

// Where an instance is, as a chain on the stack; made a pointer only for a reason.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;
  size_t index = 0;
  bool is_index = false;
};

// Which members or elements of one value some schema has looked at.
struct Evaluated {
  std::vector<uint8_t> seen;

  explicit Evaluated(const json::Value& value) : seen(std::max(value.members.size(), value.elements.size())) {}
  void Merge(const Evaluated& other) {
    for (size_t i = 0; i < seen.size(); ++i) seen[i] |= other.seen[i];
  }
  void All() { std::fill(seen.begin(), seen.end(), 1); }
};

// One value against one schema: validate.cc has the order of things and the applicators, validate_value.cc what is asserted
// of scalars, validate_parts.cc arrays and objects, validate_strict.cc what strict closes.
//
// Memory   reasons; with unevaluated* a byte a member and schema; with strict what was touched
// Stack    recursion follows value and schema, at most kDepthMax deep
class Validation {
 public:
  // No `reasons`: the verdict alone, ended at the first failure.
  // `trace` learns of every schema that is applied and of what fails; nothing is ended early then, and `reasons` (not null)
  // stays empty unless a limit is reached.
  Validation(const ValidateOptions& options, std::vector<Reason>* reasons, Trace* trace = nullptr)
      : options_(options), reasons_(reasons), unheard_(trace == nullptr ? nullptr : reasons), trace_(trace) {}

  bool Run(std::span<const Schema* const> schemas, const json::Value& value);
  bool reached_limit() const { return limit_.has_value(); }

 private:
  // A schema applied at an object's position (kPositionMark), or knew one of its members.
  struct Touch {
    const json::Value* object;
    uint32_t member;
    bool names;
    bool written;
  };
  // What strict needs to know of one object.
  struct Closing {
    bool names = false;
    bool written = false;
    std::vector<uint8_t> known;
  };
  static constexpr uint32_t kPositionMark = ~uint32_t(0);

  // Limits: a recursive contract with alternatives can ask for 2^depth checks; a wide one, of a wide value, for its width
  // times that of the value. A check counts as one and as many as the value has members or elements.
  static constexpr size_t kChecksMax = 1'000'000;
  static constexpr size_t kChecksPerByte = 100;
  static constexpr size_t kChecksPerSearch = 16;  // of a member's name, by a pattern
  static constexpr size_t kDepthMax = 2'000;

  // Nobody listens any more.
  bool Done() const {
    if (counted_ != nullptr) return *counted_ >= counted_max_;
    return reasons_ == nullptr || reasons_->size() >= options_.reasons_max;
  }
  Reason ReasonOf(const Schema& schema, std::string_view keyword, const Path* path, std::string message) const;
  // Always false, for `return Fail(…)`.
  bool Fail(const Schema& schema, std::string_view keyword, const Path* path, std::string_view message) {
    return Fail(schema, keyword, path, [&] { return std::string(message); });
  }
  // The message is made where somebody listens.
  template <std::invocable MessageOf>
  bool Fail(const Schema& schema, std::string_view keyword, const Path* path, const MessageOf& message_of) {
    if (counted_ != nullptr) {
      *counted_ += Done() ? 0 : 1;
      return false;
    }
    return trace_ == nullptr && Done() ? false : FailAloud(schema, keyword, path, message_of());
  }
  bool FailAloud(const Schema& schema, std::string_view keyword, const Path* path, std::string message);
  // A limit was reached: whatever else is found, the value is not valid (`not` may not make it so). Always false.
  bool Undecided(const Schema& schema, std::string_view keyword, const Path* path, std::string message);

  // A value at a position of its own. Strict is decided at the end, when every part that applies there was met.
  bool Position(const Schema& schema, const json::Value& value, const Path* path);
  // Every keyword; `outer` learns what was evaluated when the value satisfies the schema.
  bool Check(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer);
  // Within Check() and CheckTraced(), so that a trace that is not there costs no call.
  [[gnu::always_inline]] inline bool CheckHere(const Schema& schema, const json::Value& value, const Path* path,
                                               Evaluated* outer);
  [[gnu::noinline, gnu::cold]] bool CheckTraced(const Schema& schema, const json::Value& value, const Path* path,
                                                Evaluated* outer);
  bool CheckCounted(const Schema& schema, const json::Value& value, const Path* path, Evaluated* outer);
  bool CheckAll(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  // The verdict alone: no reason is kept; what was touched counts when it holds.
  bool Holds(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);

  const Schema& LeadsTo(const Schema& schema) const;  // its dynamic_ref, here

  bool CheckAnyOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  bool CheckOneOf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  // How many reasons a schema would give, at most `most`.
  size_t CountReasons(const Schema& schema, const json::Value& value, const Path* path, size_t most);
  // That none fits, and why the nearest does not: the branch with the fewest reasons.
  bool FailBranches(const Schema& schema, const char* keyword, const std::vector<const Schema*>& parts,
                    const json::Value& value, const Path* path);
  bool CheckNot(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckIf(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  bool CheckUnevaluated(const Schema& schema, const json::Value& value, const Path* path, Evaluated& mine);

  bool CheckType(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckEnum(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckNumber(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckString(const Schema& schema, const json::Value& value, const Path* path);

  bool CheckArray(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  bool CheckArraySize(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckContains(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  bool CheckObject(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);
  bool CheckObjectSize(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckMember(const Schema& schema, const json::Value& object, size_t index, const Property* property,
                   const Path* path, Evaluated* evaluated);
  bool FailMissing(const Schema& schema, const json::Value& value, const Path* path);
  bool CheckDependent(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated);

  void Close();
  // Every object that strict closes: members that no schema knows.
  bool CheckClosed(const json::Value& value, const Path* path);

  const ValidateOptions& options_;
  std::vector<Reason>* reasons_;
  std::vector<Reason>* const unheard_;  // `reasons_` of what is only asked whether it holds
  Trace* const trace_;
  size_t* counted_ = nullptr;  // reasons are counted there, up to counted_max_, and not made
  size_t counted_max_ = 0;
  size_t checks_left_ = 0;
  size_t depth_ = 0;
  std::optional<Reason> limit_;  // the first that was reached
  std::vector<Touch> touches_;
  std::vector<const SchemaResource*> entered_;  // the dynamic scope, outermost first; where it decides something
  std::unordered_map<const json::Value*, Closing> closings_;
};

// A value as a message shows it: short.
std::string Shown(const json::Value& value);
// The keyword as it was written, or null.
const json::Value* WrittenKeyword(const Schema& schema, std::string_view keyword);

}  // namespace datahub::contract
