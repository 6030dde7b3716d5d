// What schemas become: which places are decided by their tokens, and which are parsed.
#include "datahub/contract/verdict/checks.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/verdict/event_judge.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

std::shared_ptr<const CheckPlan> PlanOf(const std::string& schema, bool strict) {
  std::vector<CompileError> errors;
  auto set = SchemaSet::Compile(schema, {}, &errors);
  for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message;
  return MakeCheckPlan(std::move(set), strict);
}

size_t Count(const CheckPlan& plan, CheckKind kind) {
  return static_cast<size_t>(
      std::count_if(plan.checks.begin(), plan.checks.end(), [&](const Check& check) { return check.kind == kind; }));
}

constexpr const char* kUnion =
    R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}, "oneOf": [
    {"properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}, "required": ["kind"]},
    {"properties": {"kind": {"enum": ["b", "c"]}, "y": {"type": "string"}}, "required": ["kind", "y"]}]})";

TEST(Checks, AreMadeSoThatNothingIsParsed) {
  for (
      const char* schema :
      {kUnion,
       R"({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"b": {}}}]}}})",
       R"({"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"v": {"type": "integer"},
          "c": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}}})",
       R"({"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "z": {}}, "if": {"properties": {"kind": {"const": "a"}}},
          "then": {"required": ["z"]}, "dependentRequired": {"z": ["kind"]}, "not": {"required": ["kind", "z"]}})",
       R"({"allOf": [{"properties": {"a": {"type": "object", "properties": {"b": {"type": "integer"}}}}},
          {"properties": {"a": {"properties": {"c": {"type": "string"}}}}}], "unevaluatedProperties": false})",
       R"({"type": "object", "patternProperties": {"^s_": {"type": "string"}}, "additionalProperties": {"type": "integer"},
          "propertyNames": {"maxLength": 10}})",
       R"({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "number"}, "contains": {"const": 1},
          "maxContains": 2, "uniqueItems": true})"}) {
    for (const bool strict : {false, true}) EXPECT_EQ(Count(*PlanOf(schema, strict), CheckKind::kExact), 0u) << schema;
  }
}

TEST(Checks, AlternativesAreChosen) {
  const auto by_member = PlanOf(kUnion, false);
  EXPECT_EQ(Count(*by_member, CheckKind::kByMember), 1u);
  EXPECT_TRUE(by_member->parts.empty());
  const auto by_type =
      PlanOf(R"({"oneOf": [{"type": "null"}, {"type": "string"}, {"type": "array", "items": {}}]})", false);
  EXPECT_EQ(Count(*by_type, CheckKind::kByType), 1u);
  EXPECT_TRUE(by_type->parts.empty());
  // Nothing tells these apart: both are tried.
  const auto tried = PlanOf(R"({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})", false);
  EXPECT_EQ(tried->parts.size(), 1u);
}

TEST(Checks, WhatOtherPartsOrTheWayHereDecideIsParsed) {
  EXPECT_GT(Count(*PlanOf(R"({"items": {"type": "string"}, "unevaluatedItems": false})", false), CheckKind::kExact),
            0u);
  EXPECT_GT(Count(*PlanOf(R"({"$dynamicAnchor": "n", "properties": {"c": {"$dynamicRef": "#n"}}})", false),
                  CheckKind::kExact),
            0u);
  // Strict would have to hear which of them held.
  const char* const unsure = R"({"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]})";
  EXPECT_EQ(Count(*PlanOf(unsure, false), CheckKind::kExact), 0u);
  EXPECT_GT(Count(*PlanOf(unsure, true), CheckKind::kExact), 0u);
}

// Alternatives within each other ask for 2^depth trials, wide ones for their width times the value's.
TEST(Checks, TrialsEnd) {
  EventJudge deep(PlanOf(R"({"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "x"]},
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "y"]}, {"type": "null"}]}}})",
                         false));
  std::string event;
  for (int i = 0; i < 60; ++i) event += R"({"c":)";
  event += "1" + std::string(60, '}');
  std::vector<bool> valid;
  deep.Judge(*ChunkOf(event + "\n"), &valid);
  EXPECT_EQ(valid, std::vector<bool>{false});
  std::string wide = R"({"anyOf": [)";
  for (int i = 0; i < 8'000; ++i) wide += fmt::format(R"({}{{"required": ["missing{}"]}})", i == 0 ? "" : ",", i);
  EventJudge forms(PlanOf(wide + "]}", false));
  std::string members = "{";
  for (int i = 0; i < 8'000; ++i) members += fmt::format(R"({}"m{}":{})", i == 0 ? "" : ",", i, i);
  forms.Judge(*ChunkOf(members + "}\n"), &valid);
  EXPECT_EQ(valid, std::vector<bool>{false});
}

// How many steps an event may take depends on it alone, not on where it lies: what is read again after a death is judged the same.
TEST(Checks, LimitsAreOfTheEventAlone) {
  EventJudge judge(PlanOf(R"({"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "x"]},
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "y"]}, {"type": "null"}]}}})",
                          false));
  for (const int depth : {10, 17, 18, 19, 20}) {
    std::string event;
    for (int i = 0; i < depth; ++i) event += R"({"y":0,"c":)";
    event += "null" + std::string(static_cast<size_t>(depth), '}') + "\n";
    std::string lines = event;
    for (int i = 0; i < 10'000; ++i) lines += "null\n";
    std::vector<bool> valid;
    judge.Judge(*ChunkOf(lines + event), &valid);
    ASSERT_EQ(valid.size(), 10'002u);
    EXPECT_EQ(valid.front(), valid.back()) << depth;
    if (depth == 10 || depth == 20) {
      EXPECT_EQ(valid.front(), depth == 10);
    }
  }
}

}  // namespace
}  // namespace datahub::contract
