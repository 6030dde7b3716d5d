// What a contract's text may say, and how what it may not say is reported.

#include "datahub/contract/schema.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

std::vector<CompileError> ErrorsOf(std::string text, Dialect dialect = Dialect::kDraft2020) {
  std::vector<CompileError> errors;
  const auto set = SchemaSet::Compile(std::move(text), {.dialect_default = dialect}, &errors);
  EXPECT_EQ(set == nullptr, !errors.empty());
  return errors;
}

// "pointer: message" of the only error, or nothing.
std::string ErrorOf(std::string text, Dialect dialect = Dialect::kDraft2020) {
  const std::vector<CompileError> errors = ErrorsOf(std::move(text), dialect);
  if (errors.empty()) return "";
  return errors.size() == 1 ? errors[0].pointer + ": " + errors[0].message : fmt::format("{} errors", errors.size());
}

TEST(Schema, ReportsEveryProblemWithItsPlace) {
  const std::string text = R"({"type": "strin", "properties": {"a/b": {"minLength": -1}}, "required": "a"})";
  const std::vector<CompileError> errors = ErrorsOf(text);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].pointer, "#/type");
  EXPECT_EQ(text.substr(errors[0].offset, 7), "\"strin\"");
  EXPECT_EQ(errors[1].pointer, "#/properties/a~1b/minLength");
  EXPECT_EQ(text.substr(errors[1].offset, 2), "-1");
  EXPECT_EQ(errors[2].pointer, "#/required");
}

TEST(Schema, TextThatIsNotJson) {
  const std::vector<CompileError> errors = ErrorsOf("{\"type\": }");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].offset, 9u);
  EXPECT_EQ(ErrorOf("{\"type\": \"string\", \"type\": \"null\"}"),
            "#: not JSON: byte 19: the key \"type\" is repeated");
  EXPECT_NE(ErrorOf(""), "");
  EXPECT_EQ(ErrorOf("[]"), "#: a schema is an object, true or false");
  EXPECT_EQ(ErrorOf("true"), "");
}

TEST(Schema, RefusesWhatAssertsAndIsNotSupported) {
  for (const char* text : {R"({"$dynamicRef": "#a"})",
                           R"({"$recursiveRef": "#"})",
                           R"({"format": "our-own"})",
                           R"({"dependencies": {}})",
                           R"({"additionalItems": true})",
                           R"({"items": []})",
                           R"({"pattern": "(?i)a"})",
                           R"({"patternProperties": {"[": true}})",
                           R"({"x-datahub-colour": 1})",
                           R"({"$vocabulary": {}})",
                           R"({"$schema": "http://json-schema.org/draft-03/schema#"})",
                           R"({"$schema": 1})",
                           R"({"$ref": "https://example.com/a.json"})",
                           R"({"$ref": "#/$defs/none"})",
                           R"({"$ref": "#none"})",
                           R"({"$ref": 1})",
                           R"({"type": []})",
                           R"({"type": "any"})",
                           R"({"minimum": "1"})",
                           R"({"exclusiveMinimum": true})",
                           R"({"multipleOf": 0})",
                           R"({"multipleOf": -1})",
                           R"({"maxItems": 1.5})",
                           R"({"required": [1]})",
                           R"({"required": true})",
                           R"({"properties": []})",
                           R"({"allOf": []})",
                           R"({"allOf": {}})",
                           R"({"not": 1})",
                           R"({"enum": 1})",
                           R"({"uniqueItems": 1})",
                           R"({"$defs": []})",
                           R"({"$defs": {"a": 1}})",
                           R"({"$id": 1})",
                           R"({"$id": "#a"})",
                           R"({"$anchor": 1})",
                           R"({"divisibleBy": 2})",
                           R"({"dependentRequired": {"a": "b"}})",
                           R"({"items": {"$schema": "http://json-schema.org/draft-07/schema#"}})"}) {
    EXPECT_EQ(ErrorsOf(text).size(), 1u) << text;
  }
  for (const char* keyword : {"prefixItems", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
                              "unevaluatedItems", "minContains", "maxContains"}) {
    const auto errors = ErrorsOf(fmt::format(R"({{"{}": {{}}}})", keyword), Dialect::kDraft7);
    ASSERT_EQ(errors.size(), 1u) << keyword;
    EXPECT_NE(errors[0].hint, "") << keyword;
  }
}

TEST(Schema, TakesAnnotations) {
  EXPECT_EQ(ErrorOf(R"({"title": "t", "examples": [1], "whatever": {"type": 1}, "$comment": "c",
                        "default": {}, "contentEncoding": "base64", "readOnly": true})"),
            "");
}

TEST(Schema, IdentifiersWithinTheDocument) {
  EXPECT_EQ(
      ErrorOf(
          R"({"$id": "http://example.com/root.json", "properties": {"a": {"$ref": "item.json"}, "b": {"$ref": "item.json#part"}},
                        "$defs": {"x": {"$id": "item.json", "$anchor": "top", "items": {"$anchor": "part", "type": "string"}}}})"),
      "");
  EXPECT_EQ(ErrorOf(R"({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}})"),
            "#/$defs/b/$anchor: '#x' is already the name of #/$defs/a");
  EXPECT_EQ(ErrorOf(R"({"$defs": {"a": {"$id": "urn:x"}, "b": {"$id": "urn:x"}}})"),
            "#/$defs/b/$id: 'urn:x' is already the name of #/$defs/a");
}

// A mistake in a document that is referred to is told at the contract's own reference.
TEST(Schema, OtherDocuments) {
  CompileOptions options;
  options.documents = [](const std::string& address) -> std::optional<std::string> {
    if (address == "common.json") return R"({"$defs": {"age": {"minimum": 0}, "bad": {"minimum": "0"}}})";
    if (address == "broken.json") return R"({"$defs": )";
    return std::nullopt;
  };
  const auto errors_of = [&](std::string text) {
    std::vector<CompileError> errors;
    const auto set = SchemaSet::Compile(std::move(text), options, &errors);
    EXPECT_EQ(set == nullptr, !errors.empty());
    std::string all;
    for (const CompileError& error : errors)
      all += fmt::format("{} {}: {}\n", error.offset, error.pointer, error.message);
    return all;
  };
  EXPECT_EQ(errors_of(R"({"properties": {"age": {"$ref": "common.json#/$defs/age"}}})"), "");
  EXPECT_EQ(errors_of(R"({"properties": {"age": {"$ref": "common.json#/$defs/bad"}}})"),
            "32 common.json#/$defs/bad/minimum: minimum must be a number\n");
  EXPECT_EQ(errors_of(R"({"$ref": "broken.json"})"),
            "9 #/$ref: 'broken.json' is not JSON: byte 10: the text ends where a value must be\n");
  EXPECT_EQ(errors_of(R"({"$ref": "none.json"})"), "9 #/$ref: 'none.json' is another document\n");
}

// Ours, and their verdicts on what is a schema.
TEST(Schema, MetaSchemas) {
  const auto is_schema = [](const char* draft, const char* text) {
    std::vector<CompileError> errors;
    const auto set = SchemaSet::Compile(fmt::format(R"({{"$ref": "{}"}})", draft), {}, &errors);
    EXPECT_NE(set, nullptr) << (errors.empty() ? "" : errors[0].message);
    json::Document document;
    const Result<const json::Value*> value = document.Parse(text);
    EXPECT_TRUE(value) << text;
    return set != nullptr && Validate(set->root(), **value, {}, nullptr);
  };
  const char* const kAll[] = {"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
                              "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema",
                              "https://json-schema.org/draft/2020-12/schema"};
  for (const char* draft : kAll) {
    EXPECT_TRUE(
        is_schema(draft, R"({"type": ["null", "string"], "properties": {"a": {"maxLength": 3}}, "unknown": 1})"));
    EXPECT_FALSE(is_schema(draft, R"({"type": "text"})")) << draft;
    EXPECT_FALSE(is_schema(draft, R"({"properties": {"a": {"properties": {"b": {"maxLength": -1}}}}})")) << draft;
    EXPECT_FALSE(is_schema(draft, R"({"allOf": []})")) << draft;
    EXPECT_FALSE(is_schema(draft, R"([])")) << draft;
  }
  EXPECT_FALSE(is_schema(kAll[0], "true"));
  EXPECT_FALSE(is_schema(kAll[0], R"({"exclusiveMinimum": true})")) << "it needs a minimum";
  EXPECT_TRUE(is_schema(kAll[1], R"({"exclusiveMinimum": 3, "items": [true, {}]})"));
  EXPECT_FALSE(is_schema(kAll[4], R"({"items": [true]})"));
  EXPECT_FALSE(is_schema(kAll[4], R"({"$defs": {"a": {"unevaluatedItems": {"prefixItems": []}}}})"));
}

// Some generators give every property an $id that is a pointer.
TEST(Schema, PointersAsIdsInDraft7) {
  EXPECT_EQ(ErrorOf(R"({"$schema": "http://json-schema.org/draft-07/schema", "$id": "http://example.com/example.json",
                        "properties": {"a": {"$id": "#/properties/a", "type": "string"},
                                       "b": {"$id": "#/properties/a", "$ref": "#/properties/a"}}})"),
            "");
}

TEST(Schema, CyclesThatMakeNoProgress) {
  EXPECT_EQ(ErrorOf(R"({"$ref": "#"})"), "#: this schema refers to itself for the same value: no end");
  EXPECT_NE(ErrorOf(R"({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}})"),
            "");
  EXPECT_EQ(ErrorOf(R"({"properties": {"child": {"$ref": "#"}}, "items": {"$ref": "#"}})"), "");
}

TEST(Schema, BoundsWhatAppliesToOneValue) {
  const auto chain = [](int length, bool backwards) {
    std::string text = R"({"$defs": {)";
    for (int i = 0; i < length; ++i) {
      const int at = backwards ? length - 1 - i : i;
      text += fmt::format(R"({}"d{}": {})", i == 0 ? "" : ",", at,
                          at + 1 < length ? fmt::format(R"({{"$ref": "#/$defs/d{}"}})", at + 1) : "true");
    }
    return text + "}}";
  };
  EXPECT_EQ(ErrorOf(chain(90, false)), "");
  EXPECT_EQ(ErrorOf(chain(90, true)), "");
  EXPECT_NE(ErrorOf(chain(300, false)), "");
  EXPECT_NE(ErrorOf(chain(100'000, true)), "");
  EXPECT_NE(ErrorOf(chain(100'000, false)), "");
}

TEST(Schema, AVocabularyThatMustBeKnownIsRefused) {
  const auto error_with = [](const std::string& must) {
    CompileOptions options;
    options.documents = [&](const std::string& address) -> std::optional<std::string> {
      if (address != "https://example.org/meta") return std::nullopt;
      return R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/meta", "$vocabulary": {
          "https://json-schema.org/draft/2020-12/vocab/core": true, "https://example.org/vocabulary": )" +
             must + "}}";
    };
    std::vector<CompileError> errors;
    SchemaSet::Compile(R"({"$schema": "https://example.org/meta", "type": "object"})", options, &errors);
    return errors.empty() ? "" : errors[0].message;
  };
  EXPECT_EQ(error_with("false"), "");
  EXPECT_NE(error_with("true").find("the vocabulary 'https://example.org/vocabulary'"), std::string::npos);
}

TEST(Schema, IndicesOfPointersHaveNoLeadingZero) {
  const std::string schema =
      R"({"prefixItems": [{"type": "null"}, {"type": "string"}], "properties": {"a": {"$ref": "#/prefixItems/)";
  EXPECT_EQ(ErrorOf(schema + R"(1"}}})"), "");
  EXPECT_EQ(ErrorOf(schema + R"(0"}}})"), "");
  EXPECT_NE(ErrorOf(schema + R"(01"}}})"), "");
}

TEST(Schema, BoundsDepth) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += R"({"not":)";
  EXPECT_NE(ErrorOf(deep + "true" + std::string(500, '}')), "");
  std::string items;
  for (int i = 0; i < 500; ++i) items += R"({"items":)";
  EXPECT_EQ(ErrorOf(items + "true" + std::string(500, '}')), "");
}

TEST(Schema, WideContractsLoadInLinearTime) {
  constexpr int kWidth = 100'000;
  std::string text = R"({"properties": {)";
  for (int i = 0; i < kWidth; ++i) text += fmt::format(R"({}"k{}": true)", i == 0 ? "" : ",", i);
  text += R"(}, "required": ["k0")";
  for (int i = 1; i < kWidth; ++i) text += fmt::format(R"(,"k{}")", i);
  std::vector<CompileError> errors;
  const auto set = SchemaSet::Compile(text + "]}", {}, &errors);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->root().properties.size(), static_cast<size_t>(kWidth));
  EXPECT_EQ(set->root().properties[kWidth - 1].name, fmt::format("k{}", kWidth - 1));
  EXPECT_TRUE(set->root().properties[kWidth - 1].required);
}

}  // namespace
}  // namespace datahub::contract
