#include "datahub/contract/validate.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace datahub::contract {
namespace {

// The reasons, one a line as "instance keyword message"; "valid" when there is none.
std::string Verdict(const std::string& schema, const std::string& event, bool strict = false,
                    size_t reasons_max = kReasonsMax) {
  std::vector<CompileError> errors;
  const auto set = SchemaSet::Compile(schema, {}, &errors);
  if (set == nullptr) return errors[0].pointer + " " + errors[0].message;
  json::Document document;
  const auto value = document.Parse(event);
  if (!value) return value.error().message;
  std::vector<Reason> reasons;
  const bool valid =
      Validate(set->root(), **value, {.strict = strict, .reasons_max = reasons_max, .instance_prefix = ""}, &reasons);
  const bool alone =
      Validate(set->root(), **value, {.strict = strict, .reasons_max = 0, .instance_prefix = ""}, nullptr);
  EXPECT_EQ(valid, alone) << schema << " " << event;
  EXPECT_EQ(valid, reasons.empty()) << schema << " " << event;
  std::string lines;
  for (const Reason& reason : reasons) {
    lines += fmt::format("{}{} {} {}", lines.empty() ? "" : "\n", reason.instance, reason.keyword, reason.message);
  }
  return valid ? "valid" : lines;
}

bool IsStrictlyValid(const std::string& schema, const std::string& event) {
  return Verdict(schema, event, true) == "valid";
}

TEST(Validate, GivesEveryReasonWithItsPlaces) {
  const std::string schema =
      R"({"properties": {"age": {"type": "integer", "minimum": 0}, "a/b": {"items": {"enum": ["x", "y"]}},
      "home": {"$ref": "#/$defs/home"}}, "required": ["name"], "additionalProperties": false,
      "$defs": {"home": {"properties": {"street": {"maxLength": 3}}}}})";
  EXPECT_EQ(Verdict(schema, R"({"age": -1.5, "a/b": ["x", "z"], "home": {"street": "long"}, "more": 1})"),
            "/age #/properties/age/type expected integer, got -1.5\n"
            "/age #/properties/age/minimum -1.5 is less than the minimum 0\n"
            "/a~1b/1 #/properties/a~1b/items/enum \"z\" is not one of the 2 allowed values\n"
            "/home/street #/$defs/home/properties/street/maxLength 4 characters, at most 3 allowed\n"
            "/more #/additionalProperties this field is not in the contract\n"
            "/name #/required the field is missing");
}

TEST(Validate, BoundsTheReasons) {
  std::string event = "[";
  for (int i = 0; i < 100; ++i) event += i == 0 ? "1" : ",1";
  const std::string verdict = Verdict(R"({"items": {"type": "string"}})", event + "]");
  EXPECT_EQ(static_cast<size_t>(std::count(verdict.begin(), verdict.end(), '\n')) + 1, kReasonsMax);
}

TEST(Validate, NumbersAreExact) {
  EXPECT_EQ(Verdict(R"({"maximum": 9007199254740992})", "9007199254740993"),
            " #/maximum 9007199254740993 is more than the maximum 9007199254740992");
  EXPECT_EQ(Verdict(R"({"multipleOf": 0.01})", "19.99"), "valid");
  EXPECT_EQ(Verdict(R"({"type": "integer"})", "1e400"), "valid");
  EXPECT_EQ(Verdict(R"({"maximum": 1e400})", "1e399"), "valid");
  EXPECT_NE(Verdict(R"({"maximum": 1e400})", "1e999999999"), "valid");
  EXPECT_EQ(Verdict(R"({"enum": [1, "1"]})", "1.0e0"), "valid");
  EXPECT_EQ(Verdict(R"({"const": {"a": [1.0], "b": 2}})", R"({"b": 2.00, "a": [1]})"), "valid");
  EXPECT_NE(Verdict(R"({"uniqueItems": true})", "[1, 2, 1.0]"), "valid");
  EXPECT_NE(Verdict(R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, {"b": 2e0, "a": 1}])"), "valid");
  EXPECT_EQ(Verdict(R"({"uniqueItems": true})", "[1, true, \"1\", [1], null, 0, false]"), "valid");
}

TEST(Validate, ConstBesideEnumMeansBoth) {
  EXPECT_EQ(Verdict(R"({"enum": [1, 2], "const": 2})", "2.0"), "valid");
  EXPECT_NE(Verdict(R"({"enum": [1, 2], "const": 2})", "1"), "valid");
  EXPECT_NE(Verdict(R"({"const": 3, "enum": [1, 2]})", "3"), "valid");
}

TEST(Validate, SaysWhyTheNearestFormDoesNotFit) {
  EXPECT_EQ(
      Verdict(R"({"oneOf": [{"type": "object", "required": ["a", "b", "c"]}, {"type": "object", "required": ["d"]}]})",
              "{}"),
      " #/oneOf none of the 2 forms fits\n/d #/oneOf/1/required the field is missing");
  EXPECT_EQ(Verdict(R"({"oneOf": [{"minimum": 1}, {"maximum": 5}]})", "3"),
            " #/oneOf 2 of the 2 forms fit, exactly one must");
}

TEST(Validate, NamesTheKeywordThatWasWritten) {
  EXPECT_EQ(
      Verdict(R"({"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": ["b"]}})", R"({"a": 1})"),
      "/b #/dependencies the field is missing; 'a' asks for it");
  EXPECT_EQ(Verdict(R"({"dependentRequired": {"a": ["b"]}})", R"({"a": 1})"),
            "/b #/dependentRequired the field is missing; 'a' asks for it");
}

// Strict closes each object position once, after all that applies there.
TEST(Validate, StrictClosesWhereNamesAre) {
  EXPECT_TRUE(IsStrictlyValid(R"({"properties": {"a": true}})", R"({"a": 1})"));
  EXPECT_EQ(Verdict(R"({"properties": {"a": true}})", R"({"a": 1, "b": 2})", true),
            "/b dh:strict this field is not in the contract (strict)");
  EXPECT_TRUE(IsStrictlyValid(R"({"type": "object"})", R"({"b": 2})"));
  EXPECT_TRUE(IsStrictlyValid(R"({"required": ["a"]})", R"({"a": 1, "b": 2})"));
  EXPECT_FALSE(IsStrictlyValid(R"({"properties": {"o": {"properties": {"a": true}}}})", R"({"o": {"b": 2}})"));
  EXPECT_TRUE(IsStrictlyValid(R"({"properties": {"o": true}})", R"({"o": {"b": 2}})"));
  EXPECT_FALSE(IsStrictlyValid(R"({"items": {"properties": {"a": true}}})", R"([{"a": 1}, {"b": 2}])"));
  EXPECT_FALSE(IsStrictlyValid(R"({"patternProperties": {"^x": true}})", R"({"x1": 1, "b": 2})"));
}

TEST(Validate, StrictCountsAllPartsThatApply) {
  EXPECT_TRUE(IsStrictlyValid(R"({"allOf": [{"properties": {"a": true}}, {"properties": {"b": true}}]})",
                              R"({"a": 1, "b": 2})"));
  EXPECT_TRUE(IsStrictlyValid(
      R"({"properties": {"a": true}, "$ref": "#/$defs/b", "$defs": {"b": {"properties": {"b": true}}}})",
      R"({"a": 1, "b": 2})"));
  const std::string either = R"({"anyOf": [{"properties": {"k": {"const": 1}, "a": true}, "required": ["k"]},
                                           {"properties": {"k": {"const": 2}, "b": true}, "required": ["k"]}]})";
  EXPECT_TRUE(IsStrictlyValid(either, R"({"k": 1, "a": 1})"));
  EXPECT_TRUE(IsStrictlyValid(either, R"({"k": 2, "b": 1})"));
  EXPECT_FALSE(IsStrictlyValid(either, R"({"k": 1, "b": 1})"));
  const std::string conditional = R"({"properties": {"k": true}, "if": {"properties": {"k": {"const": 1}}},
                                      "then": {"properties": {"a": true}}, "else": {"properties": {"b": true}}})";
  EXPECT_TRUE(IsStrictlyValid(conditional, R"({"k": 1, "a": 1})"));
  EXPECT_FALSE(IsStrictlyValid(conditional, R"({"k": 1, "b": 1})"));
  EXPECT_TRUE(IsStrictlyValid(conditional, R"({"k": 2, "b": 1})"));
  EXPECT_TRUE(
      IsStrictlyValid(R"({"not": {"properties": {"a": {"const": 1}}, "required": ["a"]}})", R"({"a": 2, "b": 2})"));
}

TEST(Validate, WhatIsWrittenWinsOverStrict) {
  EXPECT_TRUE(IsStrictlyValid(R"({"properties": {"a": true}, "additionalProperties": true})", R"({"b": 2})"));
  EXPECT_TRUE(
      IsStrictlyValid(R"({"properties": {"a": true}, "unevaluatedProperties": {"type": "number"}})", R"({"b": 2})"));
  EXPECT_FALSE(
      IsStrictlyValid(R"({"properties": {"a": true}, "unevaluatedProperties": {"type": "number"}})", R"({"b": "x"})"));
}

TEST(Validate, PatternsThatExplodeRejectEvenUnderNot) {
  const std::string event = '"' + std::string(80, 'a') + "b\"";
  // The back reference keeps it from becoming a table.
  const std::string said = "/pattern '^(a|a)*\\1$' took too many steps on this text";
  EXPECT_EQ(Verdict(R"({"pattern": "^(a|a)*\\1$"})", event), " #" + said);
  EXPECT_EQ(Verdict(R"({"not": {"pattern": "^(a|a)*\\1$"}})", event), " #/not" + said);
}

TEST(Validate, EndsWhereTheContractAsksForTooMuch) {
  const std::string schema = R"({"$ref": "#/$defs/n", "$defs": {"n": {"oneOf": [
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "x"]},
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "required": ["c", "y"]}, {"type": "null"}]}}})";
  std::string event;
  for (int i = 0; i < 60; ++i) event += R"({"x":0,"y":0,"c":)";
  EXPECT_NE(Verdict(schema, event + "null" + std::string(60, '}')).find("too many steps"), std::string::npos);
}

TEST(Validate, DeepValuesUnderRecursiveContracts) {
  const std::string schema = R"({"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [{"type": "null"},
      {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}, "additionalProperties": false}]}}})";
  const auto event = [](const std::string& end) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += R"({"c":)";
    return text + end + std::string(500, '}');
  };
  EXPECT_EQ(Verdict(schema, event("null")), "valid");
  EXPECT_NE(Verdict(schema, event("1")), "valid");
  // As deep as both limits let it be: the stack holds.
  std::string chain = R"({"properties": {"c": {"$ref": "#"}})";
  for (int i = 0; i < 80; ++i) chain += R"(, "allOf": [{"properties": {"c": {"$ref": "#"}})";
  for (int i = 0; i < 80; ++i) chain += "}]";
  EXPECT_NE(Verdict(chain + "}", event("null")).find("too many steps"), std::string::npos);
}

TEST(Validate, WideValues) {
  std::string event = R"({"k":0)";
  for (int i = 0; i < 200'000; ++i) event += fmt::format(R"(,"k{}":{})", i, i);
  std::string schema = R"({"dependentRequired": {)";
  for (int i = 0; i < 1000; ++i) schema += fmt::format(R"({}"k{}": ["k{}"])", i == 0 ? "" : ",", i, 199'999 - i);
  EXPECT_EQ(Verdict(schema + "}}", event + "}"), "valid");
  std::string array = "[0";
  for (int i = 1; i < 200'000; ++i) array += fmt::format(",{}", i);
  EXPECT_EQ(Verdict(R"({"uniqueItems": true})", array + "]"), "valid");
  EXPECT_NE(Verdict(R"({"uniqueItems": true})", array + ",7.0]"), "valid");
}

}  // namespace
}  // namespace datahub::contract
