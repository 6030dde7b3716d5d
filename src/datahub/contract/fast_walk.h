#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/appender.h"
#include "datahub/contract/fast_literal.h"
#include "datahub/contract/plan.h"
#include "datahub/contract/row_builder.h"
#include "datahub/contract/time_reader.h"
#include "datahub/contract/verdict/check_walk.h"

namespace datahub::contract {

// Parses, checks and appends one record while running over its tokens once. It accepts only what it is sure of: anything
// wrong or unusual makes Record() give up, and the exhaustive way decides.
//
//   tokens of a window -> Record() -> a row in the RowBuilder | nullptr, the row to be undone
//
// Bounded  recursion follows the plan, never the text
// Threads  one thread at a time
class FastWalk {
 public:
  FastWalk(const Contract::Plan& plan, const ContractOptions& options, RowBuilder& rows);

  // Before the records of a window: `has_escapes` when a backslash is in it.
  void BeginWindow(const char* base, bool has_escapes) {
    base_ = base;
    has_escapes_ = has_escapes;
    checks_.BeginWindow(base, has_escapes);
  }
  // The record whose first token is `*at`, ending before byte `end` of the window. Returns the token behind it.
  const uint32_t* Record(const uint32_t* at, uint32_t end);

 private:
  const uint32_t* Whole(const uint32_t* at);
  template <bool kRepeated>
  const uint32_t* Value(const PlanNode& node, const uint32_t* at, int16_t repetition);
  template <bool kRepeated>
  const uint32_t* Struct(const PlanNode& node, const uint32_t* at, int16_t repetition);
  template <bool kRepeated>
  const uint32_t* Text(const PlanNode& node, const uint32_t* at, int16_t repetition);
  template <bool kRepeated>
  const uint32_t* Number(const PlanNode& node, const uint32_t* at, int16_t repetition);
  template <bool kRepeated>
  const uint32_t* Bool(const PlanNode& node, const uint32_t* at, int16_t repetition);
  const uint32_t* Null(const PlanNode& node, const uint32_t* at, int16_t repetition);
  const uint32_t* List(const PlanNode& node, const uint32_t* at, int16_t repetition);
  const uint32_t* Map(const PlanNode& node, const uint32_t* at, int16_t repetition);
  const uint32_t* Json(const PlanNode& node, const uint32_t* at, int16_t repetition);
  template <bool kRepeated>
  const uint32_t* Checked(const PlanNode& node, const uint32_t* at, int16_t repetition);
  const uint32_t* Appended(const PlanNode& node, const uint32_t* at, int16_t repetition);

  const uint32_t* ExtraMember(const StructPlan& plan, size_t begin, std::string_view key, const uint32_t* value);
  bool FinishExtra(const StructPlan& plan, size_t begin, int16_t repetition);
  // The text between the quotes at `at`, decoded; false when it is not a string or not well-formed.
  bool ReadString(const uint32_t* at, std::string_view* text);
  // The whole value at `at` as text; the token behind it, or null where it does not end.
  const uint32_t* Skip(const uint32_t* at, std::string_view* text) const;

  char CharAt(const uint32_t* at) const { return base_[*at]; }
  // One past the last byte of the string or scalar at `at`.
  const char* TokenEnd(const uint32_t* at) const {
    const char* end = base_ + at[1];
    while (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t') --end;
    return end;
  }

  const Contract::Plan& plan_;
  RowBuilder& rows_;
  Appender appender_;
  const bool reject_excess_digits_;
  CheckWalk checks_;

  const char* base_ = nullptr;
  uint32_t end_ = 0;
  bool has_escapes_ = false;
  TimeReader times_;
  json::Document document_;
  std::string extra_;                   // members without a column, of the structs that are open now
  std::vector<std::string_view> keys_;  // of the maps that are open now
};

}  // namespace datahub::contract
