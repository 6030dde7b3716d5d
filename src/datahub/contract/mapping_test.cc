#include "datahub/contract/mapping.h"

#include <functional>

#include <gtest/gtest.h>

#include "datahub/contract/contract.h"

namespace datahub::contract {
namespace {

std::vector<CompileError> errors;

// Every column as "name: type", in order.
std::string Columns(const std::string& schema, bool strict = true) {
  errors.clear();
  const auto contract = Contract::Compile(schema, {.name = "t", .strict = strict}, &errors);
  if (contract == nullptr) {
    std::string text = "error";
    for (const CompileError& error : errors) text += "; " + error.pointer + " " + error.message;
    return text;
  }
  std::string text;
  for (const record::Field& field : contract->columns().fields) {
    if (!text.empty()) text += ", ";
    text += field.name + ": " + record::ToString(field);
    EXPECT_TRUE(field.nullable);
  }
  // The levels that rows are written with are those of the columns.
  const std::unique_ptr<const Mapping> owned = MapColumns(contract->schemas().root(), strict, &errors);
  const Mapping& mapping = *owned;
  const std::function<void(const ColumnNode&)> check = [&](const ColumnNode& node) {
    for (const ColumnNode& child : node.children) check(child);
    if (record::IsNested(node.kind)) return;
    EXPECT_EQ(mapping.leaves[node.leaf_begin].max_definition, node.definition);
    EXPECT_EQ(mapping.leaves[node.leaf_begin].max_repetition, node.repetition);
    EXPECT_EQ(mapping.leaves[node.leaf_begin].kind, node.kind);
  };
  check(mapping.root);
  return text;
}

// The column of one property with this schema.
std::string Column(const std::string& schema, bool strict = true) {
  return Columns(R"({"type": "object", "properties": {"a": )" + schema + "}, \"additionalProperties\": false}", strict);
}

TEST(Mapping, Scalars) {
  EXPECT_EQ(Column(R"({"type": "string"})"), "a: string");
  EXPECT_EQ(Column(R"({"type": "integer"})"), "a: int64");
  EXPECT_EQ(Column(R"({"type": "number"})"), "a: double");
  EXPECT_EQ(Column(R"({"type": "boolean"})"), "a: boolean");
  EXPECT_EQ(Column(R"({"type": "string", "format": "date-time"})"), "a: timestamp");
  EXPECT_EQ(Column(R"({"type": "string", "format": "date"})"), "a: date");
  EXPECT_EQ(Column(R"({"type": "string", "format": "uuid"})"), "a: string");
  EXPECT_EQ(Column(R"({"type": ["integer", "null"]})"), "a: int64");
  EXPECT_EQ(Column(R"({"type": ["integer", "number"]})"), "a: double");
}

TEST(Mapping, Decimals) {
  EXPECT_EQ(Column(R"({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1e9})"), "a: decimal(38,2)");
  EXPECT_EQ(Column(R"({"type": "number", "multipleOf": 1e-3, "exclusiveMinimum": -5, "maximum": 5})"),
            "a: decimal(38,3)");
  EXPECT_EQ(Column(R"({"type": "number", "multipleOf": 0.01, "minimum": 0})"), "a: double");
  EXPECT_EQ(Column(R"({"type": "number", "multipleOf": 0.05, "minimum": 0, "maximum": 9})"), "a: double");
  EXPECT_EQ(Column(R"({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1e60})"), "a: double");
  EXPECT_EQ(Column(R"({"type": "integer", "multipleOf": 1, "minimum": 0, "maximum": 9})"), "a: int64");
}

TEST(Mapping, EnumsAndConsts) {
  EXPECT_EQ(Column(R"({"enum": ["x", "y"]})"), "a: string");
  EXPECT_EQ(Column(R"({"const": "x"})"), "a: string");
  EXPECT_EQ(Column(R"({"enum": ["x", null]})"), "a: string");
  EXPECT_EQ(Column(R"({"enum": [1, 2]})"), "a: int64");
  EXPECT_EQ(Column(R"({"enum": ["x", 2]})"), "a: json");
}

TEST(Mapping, Arrays) {
  EXPECT_EQ(Column(R"({"type": "array", "items": {"type": "string"}})"), "a: list<string>");
  EXPECT_EQ(Column(R"({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}})"),
            "a: list<list<int64>>");
  EXPECT_EQ(Column(R"({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "string"}})"),
            "a: json");
  EXPECT_EQ(Column(R"({"type": "array"})"), "a: json");
}

TEST(Mapping, Objects) {
  EXPECT_EQ(Column(R"({"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "string"}}})"),
            "a: struct<x: int64, y: string>");
  EXPECT_EQ(Column(R"({"type": "object", "additionalProperties": {"type": "integer"}})"), "a: map<string, int64>");
  EXPECT_EQ(Column(R"({"type": "object", "patternProperties": {"^x": {"type": "integer"}}})"), "a: map<string, int64>");
  EXPECT_EQ(Column(R"({"type": "object", "patternProperties": {"^x": {"type": "integer"}}})", false),
            "a: map<string, json>");
  EXPECT_EQ(
      Column(
          R"({"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "number"}})"),
      "a: map<string, double>");
  EXPECT_EQ(Column(R"({"type": "object"})"), "a: json");
  EXPECT_EQ(Column(R"({"type": "object", "properties": {}})"), "a: json");
  EXPECT_EQ(Column(R"({"type": "object", "additionalProperties": true})"), "a: json");
}

TEST(Mapping, OrderIsThatOfProperties) {
  EXPECT_EQ(
      Columns(
          R"({"type": "object", "required": ["c", "b"], "properties": {"b": {"type": "string"}, "a": true, "c": {"type": "string"}}})"),
      "b: string, a: json, c: string");
}

TEST(Mapping, OpenObjectsKeepTheRest) {
  const std::string x = R"({"type": "object", "properties": {"x": {"type": "integer"}})";
  EXPECT_EQ(Column(x + "}", false), "a: struct<x: int64, dh_extra: json>");
  EXPECT_EQ(Column(x + R"(, "additionalProperties": false})", false), "a: struct<x: int64>");
  EXPECT_EQ(Column(x + R"(, "additionalProperties": true})"), "a: struct<x: int64, dh_extra: json>");
  EXPECT_EQ(Column(x + R"(, "additionalProperties": {"type": "string"}})"), "a: struct<x: int64, dh_extra: json>");
  EXPECT_EQ(Column(x + R"(, "unevaluatedProperties": {"type": "string"}})"), "a: struct<x: int64, dh_extra: json>");
  EXPECT_EQ(Column(x + R"(, "patternProperties": {"^y": {}}})"), "a: struct<x: int64, dh_extra: json>");
}

TEST(Mapping, PropertiesOfAllInPlaceApplicators) {
  EXPECT_EQ(Columns(R"({"type": "object", "properties": {"a": {"type": "string"}, "k": {"type": "string"}},
      "allOf": [{"properties": {"b": {"type": "integer"}}}, {"$ref": "#/$defs/more"}],
      "if": {"properties": {"k": {"const": "x"}}}, "then": {"properties": {"c": {"type": "boolean"}}},
      "else": {"properties": {"d": {"type": "number"}}},
      "anyOf": [{"properties": {"e": {"type": "string"}}}, {"required": ["a"]}],
      "$defs": {"more": {"properties": {"r": {"type": "string", "format": "date"}}}}})"),
            "a: string, k: string, b: int64, r: date, e: string, c: boolean, d: double");
  // A narrower part makes the type more exact.
  EXPECT_EQ(Column(R"({"type": "number", "allOf": [{"type": "integer"}]})"), "a: int64");
}

TEST(Mapping, Choices) {
  EXPECT_EQ(Column(R"({"oneOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 5}]})"),
            "a: string");
  EXPECT_EQ(Column(R"({"anyOf": [{"type": "integer"}, {"type": "number"}]})"), "a: double");
  EXPECT_EQ(Column(R"({"anyOf": [{"type": "integer"}, {"type": "null"}]})"), "a: int64");
  EXPECT_EQ(Column(R"({"anyOf": [{"type": "integer"}, {"type": "string"}]})"), "a: json");
  EXPECT_EQ(Column(R"({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]})"), "a: timestamp");
  EXPECT_EQ(Column(R"({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]})"), "a: string");
  EXPECT_EQ(Column(R"({"oneOf": [
      {"type": "object", "properties": {"kind": {"const": "c"}, "r": {"type": "number"}, "z": {"type": "integer"}}},
      {"type": "object", "properties": {"kind": {"const": "s"}, "w": {"type": "number"}, "z": {"type": "string"}}}]})"),
            "a: struct<kind: string, r: double, z: json, w: double>");
  EXPECT_EQ(Column(R"({"oneOf": [{"type": "object", "properties": {"r": {"type": "number"}}},
      {"type": "object", "properties": {"w": {"type": "number"}}}]})"),
            "a: json");
}

TEST(Mapping, RecursionIsCutToText) {
  EXPECT_EQ(Columns(R"({"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#"}}})"),
            "v: int64, next: json");
  EXPECT_EQ(Columns(R"({"type": "object", "properties": {"t": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "object",
      "properties": {"v": {"type": "integer"}, "c": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}}})"),
            "t: struct<v: int64, c: list<json>>");
}

TEST(Mapping, AnythingElseIsText) {
  EXPECT_EQ(Column("true"), "a: json");
  EXPECT_EQ(Column("{}"), "a: json");
  EXPECT_EQ(Column(R"({"minimum": 3})"), "a: json");
  EXPECT_EQ(Column(R"({"type": ["string", "integer"]})"), "a: json");
  EXPECT_EQ(Columns(R"({"type": "object", "properties": {"a": {"type": "string"}, "never": false}})"), "a: string");
}

TEST(Mapping, ARootThatIsNoStructIsOneColumn) {
  EXPECT_EQ(Columns("true"), "event: json");
  EXPECT_EQ(Columns(R"({"type": "array", "items": {"type": "integer"}})"), "event: list<int64>");
  EXPECT_EQ(Columns(R"({"type": "object", "additionalProperties": {"type": "integer"}})"), "event: map<string, int64>");
}

TEST(Mapping, TheColumnAsWritten) {
  EXPECT_EQ(Column(R"({"type": "integer", "x-datahub-column": {"name": "b", "type": "int32"}})"), "b: int32");
  EXPECT_NE(Column(R"({"type": "string", "x-datahub-column": {"type": "int32"}})").find("asks for int32"),
            std::string::npos);
  EXPECT_NE(Column(R"({"type": "string", "x-datahub-column": {"colour": "red"}})").find("'colour'"), std::string::npos);
  EXPECT_NE(Column(R"({"type": "string", "x-datahub-column": "b"})").find("not an object"), std::string::npos);
}

TEST(Mapping, NamesThatCannotBe) {
  const auto named = [](const std::string& name) {
    return Columns(R"({"type": "object", "properties": {"a": {"type": "string"}, ")" + name +
                   R"(": {"type": "string"}}})");
  };
  EXPECT_NE(named("A").find("#/properties/A properties 'a' and 'A' would be the same column"), std::string::npos);
  EXPECT_NE(named("dh_x").find("reserved"), std::string::npos);
  EXPECT_NE(named("DH_x").find("reserved"), std::string::npos);
  EXPECT_NE(named("").find("it is empty"), std::string::npos);
  EXPECT_NE(named("a.b").find("it holds '.'"), std::string::npos);
  EXPECT_NE(named("a b").find("it holds ' '"), std::string::npos);
  EXPECT_NE(named("a\\nb").find("a control character"), std::string::npos);
  EXPECT_NE(named(std::string(256, 'x')).find("longer than 255 bytes"), std::string::npos);
  EXPECT_EQ(named("b-1@é"), "a: string, b-1@é: string");
  // All of them at once, and at every depth.
  EXPECT_NE(Columns(R"({"type": "object", "properties": {"a:": {"type": "string"},
      "b": {"type": "object", "properties": {"x": {"type": "string"}, "X": {"type": "string"}}}}})"),
            "");
  EXPECT_EQ(errors.size(), 2u);
}

TEST(Mapping, LimitsEndInErrors) {
  std::string deep = R"({"type": "integer"})";
  for (size_t i = 0; i < kNestingMax + 2; ++i) deep = R"({"type": "array", "items": )" + deep + "}";
  EXPECT_NE(Column(deep).find("deep in each other"), std::string::npos);
  // A small text that unfolds to 8^6 columns.
  std::string wide = R"({"$defs": {"l0": {"type": "integer"})";
  for (int level = 1; level <= 6; ++level) {
    wide += ", \"l" + std::to_string(level) + R"(": {"type": "object", "properties": {)";
    for (int i = 0; i < 8; ++i) {
      wide += (i > 0 ? ", \"p" : "\"p") + std::to_string(i) + R"(": {"$ref": "#/$defs/l)" + std::to_string(level - 1) +
              "\"}";
    }
    wide += "}}";
  }
  EXPECT_NE(Columns(wide + R"(}, "$ref": "#/$defs/l6"})").find("more than 10000 columns"), std::string::npos);
}

}  // namespace
}  // namespace datahub::contract
