#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/fast_literal.h"
#include "datahub/contract/validate.h"
#include "datahub/contract/verdict/checks.h"

namespace datahub::contract {

// Says of one record whether it satisfies a schema, and is JSON, while running over its tokens; over some of them several
// times, where alternatives have to be tried.
//
//   tokens of a window -> Record() -> Verdict
//
// A value of which some check says yes has been read to its end and is well-formed, so that a record that is valid is
// well-formed JSON.
//
// Bounded  a record's depth, and kStepsMax + kStepsPerByte * bytes tokens that are gone over to try schemas; beyond: undecided
// Threads  one thread at a time
class CheckWalk {
 public:
  explicit CheckWalk(const CheckPlan& plan) : plan_(plan), hints_(plan.hints) {}

  // Before the records of a window: `has_escapes` when a backslash is in it.
  void BeginWindow(const char* base, bool has_escapes) {
    base_ = base;
    has_escapes_ = has_escapes;
  }
  // The record whose first token is `at`, ending before byte `end` of the window.
  // `after` is set to the token behind a valid one.
  Verdict Record(const uint32_t* at, uint32_t end, const uint32_t** after);

  // One value against one check, at `depth` containers within its record, which ends before byte `end`. The token behind
  // it; null: not valid, or undecided() is true.
  const uint32_t* Value(CheckId check, const uint32_t* at);
  // Before values of one record, the first beginning at byte `begin`: the limits are by the bytes from there on.
  void BeginRecord(uint32_t begin, uint32_t end, size_t depth);
  bool undecided() const { return undecided_; }

 private:
  using KeysSeen = std::array<uint64_t, 4>;  // a bit a hash

  static constexpr size_t kStepsMax = 1'000'000;
  static constexpr size_t kStepsPerByte = 100;
  static constexpr size_t kNone = ~size_t(0);
  static constexpr size_t kNestingMax = 2'000;  // trials within each other
  static constexpr size_t kKeysPairwiseMax = 32;

  // In the two loops that matter, and in Value().
  const uint32_t* ValueAt(CheckId check, const uint32_t* at);
  const uint32_t* Own(const Check& check, const uint32_t* at);
  const uint32_t* Text(const Check& check, const uint32_t* at);
  const uint32_t* Number(const Check& check, const uint32_t* at);
  const uint32_t* NullAt(const Check& check, const uint32_t* at) const;
  const uint32_t* OddNumber(const Check& check, const uint32_t* at);
  const uint32_t* UnsureNumber(const Check& check, const ShortNumber& number, const uint32_t* at);
  const uint32_t* Object(const ObjectChecks& checks, const uint32_t* at);
  bool HasNames(const ObjectChecks& checks, const uint32_t* key);
  const uint32_t* OtherMember(const ObjectChecks& checks, std::string_view key, const uint32_t* value);
  const uint32_t* Chosen(const Check& check, const uint32_t* at);
  const uint32_t* ByMember(const MemberChoice& choice, const uint32_t* at);
  const uint32_t* Array(const ArrayChecks& checks, const uint32_t* at, uint32_t exact);
  const uint32_t* Parts(const PartChecks& parts, const uint32_t* at, const uint32_t* after);
  const uint32_t* Exact(uint32_t exact, const uint32_t* at);
  // Of the elements between two brackets; nothing where it is not decided by their texts.
  std::optional<bool> AreUnique(const uint32_t* at, const uint32_t* end);

  bool is_known() const { return known_from_ != kNone; }
  // Well-formed and no more.
  const uint32_t* Any(const uint32_t* at);
  const uint32_t* AnyObject(const uint32_t* at);
  const uint32_t* AnyArray(const uint32_t* at);
  const uint32_t* Word(const uint32_t* at, const char* word, size_t size) const;
  // Behind the value, by its brackets alone.
  const uint32_t* Skip(const uint32_t* at) const;

  bool Enter();
  // False: there are not so many left; undecided.
  bool Spend(size_t steps);
  bool Decode(std::string_view* text);
  bool ReadString(const uint32_t* at, std::string_view* text);
  char* Allocate(size_t size);
  // Keys of one object, from `first` on: false from either when one is repeated.
  bool AddKey(size_t first, std::string_view key, KeysSeen* seen);
  bool EndKeys(size_t first);

  char CharAt(const uint32_t* at) const { return base_[*at]; }
  // One past the last byte of the string or scalar at `at`.
  const char* TokenEnd(const uint32_t* at) const {
    const char* end = base_ + at[1];
    while (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t') --end;
    return end;
  }

  const CheckPlan& plan_;
  const char* base_ = nullptr;
  uint32_t end_ = 0;
  bool has_escapes_ = false;
  bool undecided_ = false;
  size_t depth_ = 0;
  size_t steps_left_ = 0;
  size_t nesting_ = 0;
  // Not kNone: values from this depth on are known to be well-formed, with keys that differ; another schema asks.
  size_t known_from_ = kNone;
  std::vector<uint16_t> hints_;         // which key came last time behind another one
  std::vector<std::string_view> keys_;  // of the objects that are open now, those no check knows
  std::vector<std::string_view> texts_;
  json::Document document_;
  std::vector<std::unique_ptr<char[]>> rooms_;  // decoded text of this record
  size_t room_left_ = 0;
  char* room_ = nullptr;
  size_t kept_bytes_ = 0;
};

}  // namespace datahub::contract
