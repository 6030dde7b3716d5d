#include "datahub/contract/explain/explain.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/explain/basic_output.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

constexpr const char* kBase = "file:///contracts/user.json";

class ExplainTest : public ::testing::Test {
 protected:
  Explanation Of(const std::string& schema, const std::string& event, Dialect dialect = Dialect::kDraft2020) {
    std::vector<CompileError> errors;
    set_ = SchemaSet::Compile(schema, {.dialect_default = dialect, .refuses_foreign = false}, &errors);
    for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << " " << error.message;
    event_ = event;
    const auto value = document_.Parse(event_);
    if (!value) ADD_FAILURE() << value.error().message;
    if (!set_ || !value) return {};
    Explanation explanation = Explain(set_->root(), **value, kBase);
    std::vector<Reason> reasons;
    EXPECT_EQ(explanation.valid, Validate(set_->root(), **value, {}, &reasons)) << schema << " " << event;
    return explanation;
  }
  // "instance keyword=annotation", sorted, one a line.
  std::string Annotations(const std::string& schema, const std::string& event, Dialect dialect = Dialect::kDraft2020) {
    std::set<std::string> lines;
    for (const KeywordUnit& unit : Of(schema, event, dialect).units) {
      if (!unit.annotation.empty()) lines.insert(fmt::format("{} {}={}", unit.instance, unit.keyword, unit.annotation));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
  }
  // "instance keyword message", sorted; those that do not decide begin with "(".
  std::string Failures(const std::string& schema, const std::string& event, Dialect dialect = Dialect::kDraft2020) {
    std::set<std::string> lines;
    for (const KeywordUnit& unit : Of(schema, event, dialect).units) {
      if (unit.verdict != KeywordVerdict::kFails) continue;
      lines.insert(fmt::format("{}{} {} {}", unit.is_error ? "" : "(", unit.instance, unit.keyword, unit.message));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
  }
  // The verdicts by keyword, where a keyword stands once.
  std::map<std::string, KeywordVerdict> Verdicts(const std::string& schema, const std::string& event,
                                                 Dialect dialect = Dialect::kDraft2020) {
    std::map<std::string, KeywordVerdict> verdicts;
    for (const KeywordUnit& unit : Of(schema, event, dialect).units) verdicts[unit.keyword] = unit.verdict;
    return verdicts;
  }

 private:
  std::shared_ptr<const SchemaSet> set_;
  std::string event_;
  json::Document document_;
};

TEST_F(ExplainTest, SaysOfEveryKeywordWhetherItHolds) {
  const auto verdicts = Verdicts(
      R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "x", "type": "object", "minLength": 2,
      "properties": {"n": {"minimum": 3, "pattern": "a"}}, "required": ["n"], "$defs": {"unused": {"type": "null"}}})",
      R"({"n": 1})");
  const std::map<std::string, KeywordVerdict> wanted = {{"/type", KeywordVerdict::kOk},
                                                        {"/minLength", KeywordVerdict::kNotAsked},
                                                        {"/properties", KeywordVerdict::kFails},
                                                        {"/properties/n/minimum", KeywordVerdict::kFails},
                                                        {"/properties/n/pattern", KeywordVerdict::kNotAsked},
                                                        {"/required", KeywordVerdict::kOk}};
  EXPECT_EQ(verdicts, wanted);
}

TEST_F(ExplainTest, WaysLeadThroughReferences) {
  const Explanation explanation = Of(
      R"({"$id": "https://example.org/user", "properties": {"a/b ^": {"$ref": "#/$defs/positive"}},
      "$defs": {"positive": {"allOf": [{"$ref": "inner#/$defs/m"}]},
                "other": {"$id": "inner", "$defs": {"m": {"minimum": 1}}}}})",
      R"({"a/b ^": 0})");
  ASSERT_FALSE(explanation.units.empty());
  const KeywordUnit& last = explanation.units.back();
  EXPECT_EQ(last.instance, "/a~1b ^");
  EXPECT_EQ(last.keyword, "/properties/a~1b ^/$ref/allOf/0/$ref/minimum");
  EXPECT_EQ(last.absolute, "https://example.org/inner#/$defs/m/minimum");
  EXPECT_EQ(last.place, 10u);
  EXPECT_EQ(explanation.units[1].keyword, "/properties/a~1b ^/$ref");
  EXPECT_EQ(explanation.units[1].absolute, "https://example.org/user#/properties/a~1b%20%5E/$ref");
  EXPECT_EQ(Of(R"({"type": "null"})", "1").units.at(0).absolute, "file:///contracts/user.json#/type");
}

TEST_F(ExplainTest, WaysLeadThroughDynamicReferences) {
  EXPECT_EQ(Failures(
                R"({"$id": "https://example.org/strict", "$dynamicAnchor": "node", "$ref": "tree", "required": ["v"],
      "$defs": {"tree": {"$id": "tree", "$dynamicAnchor": "node",
                         "properties": {"below": {"items": {"$dynamicRef": "#node"}}}}}})",
                R"({"v": 1, "below": [{}]})"),
            " /$ref it does not hold\n"
            " /$ref/properties it does not hold\n"
            "/below /$ref/properties/below/items it does not hold\n"
            "/below/0 /$ref/properties/below/items/$dynamicRef it does not hold\n"
            "/below/0 /$ref/properties/below/items/$dynamicRef/required 'v': the field is missing");
  EXPECT_EQ(
      Failures(
          R"({"$id": "https://example.org/s", "$recursiveAnchor": true, "properties": {"a": {"$recursiveRef": "#"}},
      "maxProperties": 1})",
          R"({"a": {"b": 1, "c": 2}})", Dialect::kDraft2019),
      " /properties it does not hold\n"
      "/a /properties/a/$recursiveRef it does not hold\n"
      "/a /properties/a/$recursiveRef/maxProperties 2 fields, at most 1 allowed");
}

TEST_F(ExplainTest, OnlyWhatDecidesIsAnError) {
  EXPECT_EQ(Failures(R"({"anyOf": [{"type": "null"}, {"minimum": 1}]})", "5"), "( /anyOf/0/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"anyOf": [{"type": "null"}, {"minimum": 9}]})", "5"),
            " /anyOf none of the 2 forms fits\n"
            " /anyOf/0/type expected null, got 5\n"
            " /anyOf/1/minimum 5 is less than the minimum 9");
  EXPECT_EQ(Failures(R"({"oneOf": [{"type": "null"}, true, {}]})", "5"),
            " /oneOf 2 of the 3 forms fit, exactly one must\n"
            "( /oneOf/0/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"not": {"type": "null"}})", "5"), "( /not/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"not": {"not": {"type": "null"}}})", "5"),
            " /not 5 is what must not be here\n( /not/not/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"if": {"type": "null"}, "else": {"maximum": 1}})", "5"),
            " /else it does not hold\n /else/maximum 5 is more than the maximum 1\n( /if/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"contains": {"type": "null"}})", "[5, null]"), "(/0 /contains/type expected null, got 5");
  EXPECT_EQ(Failures(R"({"contains": {"type": "null"}, "minContains": 2})", "[5, null]"),
            " /minContains 1 elements are as wanted, at least 2 must be\n(/0 /contains/type expected null, got 5");
}

TEST_F(ExplainTest, MembersThatAreNotWantedAreNamed) {
  EXPECT_EQ(Failures(R"({"properties": {"a": true}, "additionalProperties": false})", R"({"a": 1, "b/c": 2})"),
            " /additionalProperties it does not hold\n"
            "/b~1c /additionalProperties this field is not in the contract");
  EXPECT_EQ(
      Failures(R"({"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false})", R"({"a": 1, "b": 2})"),
      " /unevaluatedProperties it does not hold\n"
      "/b /unevaluatedProperties nothing is allowed here");
  EXPECT_EQ(Failures(R"({"required": ["a", "b"], "propertyNames": {"maxLength": 1}})", R"({"cc": 2})"),
            " /propertyNames 'cc': the field's name is not allowed\n"
            " /required 'a': the field is missing; 'b': the field is missing\n"
            "/cc /propertyNames/maxLength 2 characters, at most 1 allowed");
}

TEST_F(ExplainTest, AnnotationsOfMembers) {
  EXPECT_EQ(
      Annotations(R"({"properties": {"a": {"title": "A", "default": null}}, "patternProperties": {"^b": {}, "c$": {}},
                        "additionalProperties": {"deprecated": true}})",
                  R"({"a": 1, "bc": 2, "d": 3, "b": 4})"),
      " /additionalProperties=[\"d\"]\n"
      " /patternProperties=[\"bc\",\"b\"]\n"
      " /properties=[\"a\"]\n"
      "/a /properties/a/default=null\n"
      "/a /properties/a/title=\"A\"\n"
      "/d /additionalProperties/deprecated=true");
  EXPECT_EQ(Annotations(R"({"anyOf": [{"properties": {"a": true}}, {"required": ["z"], "properties": {"b": true}}],
                        "unevaluatedProperties": {"title": "rest"}})",
                        R"({"a": 1, "b": 2})"),
            " /anyOf/0/properties=[\"a\"]\n"
            " /unevaluatedProperties=[\"b\"]\n"
            "/b /unevaluatedProperties/title=\"rest\"");
}

TEST_F(ExplainTest, AnnotationsOfElements) {
  const std::string schema =
      R"({"prefixItems": [{"title": "first"}, {}], "contains": {"type": "string", "description": "s"}})";
  EXPECT_EQ(Annotations(schema, R"([1, 2, "x"])"),
            " /contains=[2]\n /prefixItems=1\n/0 /prefixItems/0/title=\"first\"\n/2 /contains/description=\"s\"");
  EXPECT_EQ(Annotations(schema, R"(["a"])"),
            " /contains=true\n /prefixItems=true\n/0 /contains/description=\"s\"\n/0 /prefixItems/0/title=\"first\"");
  EXPECT_EQ(Annotations(R"({"prefixItems": [true], "items": {}, "unevaluatedItems": {}})", "[1, 2]"),
            " /items=true\n /prefixItems=0");
  EXPECT_EQ(Annotations(R"({"prefixItems": [true], "unevaluatedItems": {"title": "u"}})", "[1, 2]"),
            " /prefixItems=0\n /unevaluatedItems=true\n/1 /unevaluatedItems/title=\"u\"");
  EXPECT_EQ(Annotations(R"({"items": [{}], "additionalItems": {}, "contains": {}})", "[1, 2]", Dialect::kDraft2019),
            " /additionalItems=true\n /items=0");
  EXPECT_EQ(Annotations(R"({"contains": {}, "minContains": 0})", "[]"), " /contains=[]");
}

TEST_F(ExplainTest, AnnotationsOfWhatFailsAreDropped) {
  EXPECT_EQ(Annotations(R"({"title": "t", "allOf": [{"title": "u"}], "type": "null"})", "1"), "");
  EXPECT_EQ(Annotations(R"({"title": "t", "anyOf": [{"title": "u", "type": "null"}, {"title": "v"}]})", "1"),
            " /anyOf/1/title=\"v\"\n /title=\"t\"");
  EXPECT_EQ(Annotations(R"({"not": {"not": {"title": "t"}}})", "1"), "");
  EXPECT_EQ(Annotations(R"({"if": {"title": "i"}, "then": {"title": "t"}, "else": {"title": "e"}})", "1"),
            " /if/title=\"i\"\n /then/title=\"t\"");
  EXPECT_EQ(Annotations(R"({"if": {"title": "i", "type": "null"}, "else": {"title": "e"}})", "1"),
            " /else/title=\"e\"");
  EXPECT_EQ(Annotations(R"({"propertyNames": {"title": "n"}})", R"({"a": 1})"), "");
  EXPECT_EQ(Annotations(R"({"dependentSchemas": {"a": {"title": "n"}, "b": {"title": "o"}}})", R"({"a": 1})"),
            " /dependentSchemas/a/title=\"n\"");
}

TEST_F(ExplainTest, EachDraftHasItsAnnotations) {
  const std::string schema =
      R"({"title": "t", "format": "date", "examples": [1], "readOnly": true, "contentEncoding": "base64", "deprecated": true,
      "contentSchema": {}, "x-more": {"a": 1}})";
  const std::string event = R"("2020-01-01")";
  EXPECT_EQ(Annotations(schema, event, Dialect::kDraft4), " /format=\"date\"\n /title=\"t\"");
  EXPECT_EQ(Annotations(schema, event, Dialect::kDraft6), " /examples=[1]\n /format=\"date\"\n /title=\"t\"");
  EXPECT_EQ(Annotations(schema, event, Dialect::kDraft7),
            " /contentEncoding=\"base64\"\n /examples=[1]\n /format=\"date\"\n /readOnly=true\n /title=\"t\"");
  for (const Dialect dialect : {Dialect::kDraft2019, Dialect::kDraft2020}) {
    EXPECT_EQ(Annotations(schema, event, dialect),
              " /contentEncoding=\"base64\"\n /deprecated=true\n /examples=[1]\n /format=\"date\"\n /readOnly=true\n"
              " /title=\"t\"\n /x-more={\"a\":1}");
  }
  EXPECT_EQ(Annotations(R"({"contentMediaType": "a/b", "contentSchema": {}})", "\"x\""),
            " /contentMediaType=\"a/b\"\n /contentSchema={}");
  EXPECT_EQ(Annotations(R"({"contentMediaType": "a/b", "contentSchema": {}, "format": "date"})", "1"), "");
  EXPECT_EQ(Annotations(R"({"properties": {"a": {"items": [{}]}}})", R"({"a": [1]})", Dialect::kDraft7), "");
}

TEST_F(ExplainTest, BesidesAReferenceOldDraftsAskNothing) {
  const auto verdicts = Verdicts(R"({"definitions": {"n": {"minimum": 1}}, "$ref": "#/definitions/n", "maximum": 2})",
                                 "5", Dialect::kDraft7);
  EXPECT_EQ(verdicts.at("/maximum"), KeywordVerdict::kNotAsked);
  EXPECT_EQ(verdicts.at("/$ref"), KeywordVerdict::kOk);
  EXPECT_EQ(verdicts.at("/$ref/minimum"), KeywordVerdict::kOk);
}

TEST_F(ExplainTest, OldSpellings) {
  EXPECT_EQ(Failures(R"({"minimum": 1, "exclusiveMinimum": true})", "1", Dialect::kDraft4),
            " /exclusiveMinimum 1 is not more than 1");
  EXPECT_EQ(Failures(R"({"items": [true, {"type": "null"}], "additionalItems": {"type": "null"}})", "[1, 2, 3]",
                     Dialect::kDraft6),
            " /additionalItems it does not hold\n"
            " /items 1 of 2 do not hold\n"
            "/1 /items/1/type expected null, got 2\n"
            "/2 /additionalItems/type expected null, got 3");
  EXPECT_EQ(
      Failures(R"({"dependencies": {"a": ["b"], "c": {"maxProperties": 1}}})", R"({"a": 1, "c": 1})", Dialect::kDraft7),
      " /dependencies 'b': the field is missing; 'a' asks for it\n"
      " /dependencies/c/maxProperties 2 fields, at most 1 allowed");
}

TEST_F(ExplainTest, BasicOutputIsTheStandards) {
  const auto basic = [&](const std::string& schema, const std::string& event) {
    json::Writer out;
    out.BeginObject();
    WriteBasicOutput(Of(schema, event), out);
    out.EndObject();
    return std::move(out).Take();
  };
  EXPECT_EQ(
      basic(R"({"title": "t", "type": "integer"})", "1"),
      R"({"valid":true,"annotations":[{"valid":true,"keywordLocation":"/title",)"
      R"("absoluteKeywordLocation":"file:///contracts/user.json#/title","instanceLocation":"","annotation":"t"}]})");
  EXPECT_EQ(basic(R"({"title": "t", "type": "null"})", "1"),
            R"({"valid":false,"errors":[{"valid":false,"keywordLocation":"/type",)"
            R"("absoluteKeywordLocation":"file:///contracts/user.json#/type","instanceLocation":"",)"
            R"("error":"expected null, got 1"}]})");
  EXPECT_EQ(basic("true", "1"), R"({"valid":true,"annotations":[]})");
  EXPECT_EQ(basic("false", "1"),
            R"({"valid":false,"errors":[{"valid":false,"keywordLocation":"","absoluteKeywordLocation":)"
            R"("file:///contracts/user.json#","instanceLocation":"","error":"nothing is allowed here"}]})");
}

// To see all branches would take 2^20 checks; to find one that holds takes few.
TEST_F(ExplainTest, TooManyStepsLeaveTheVerdict) {
  std::string event;
  for (int i = 0; i < 20; ++i) event += R"({"a": )";
  event += "1" + std::string(20, '}');
  const std::string schema =
      R"({"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]})";
  const Explanation explanation = Of(schema, event);
  EXPECT_TRUE(explanation.valid);
  EXPECT_TRUE(explanation.cut);
  EXPECT_TRUE(explanation.units.empty());
}

TEST_F(ExplainTest, DeepEventsAndMuchTextAreBounded) {
  std::string deep(400, '[');
  deep += std::string(400, ']');
  EXPECT_FALSE(Of(R"({"items": {"$ref": "#"}, "minItems": 1})", deep).valid);
  std::string many = "[1";
  for (int i = 0; i < 3'000; ++i) many += ",1";
  const std::string text(40'000, 'x');
  const Explanation explanation = Of(R"({"items": {"description": ")" + text + R"("}, "maxItems": 2})", many + "]");
  EXPECT_TRUE(explanation.cut);
  EXPECT_TRUE(std::ranges::any_of(explanation.units, &KeywordUnit::is_error));
}

}  // namespace
}  // namespace datahub::contract
