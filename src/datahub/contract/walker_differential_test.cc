// The fast walk against the exhaustive way: the same records, accepted and rejected alike, in the same columns.
#include <gtest/gtest.h>

#include "datahub/contract/event_mutator.h"
#include "datahub/contract/verdict/event_judge.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

constexpr uint64_t kWalkSeed = 20261121;
constexpr int kRecordsEach = 10000;

struct Case {
  const char* name;
  const char* schema;
  bool strict;
  std::vector<std::string> events;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"user",
       R"({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "required": ["eid", "age", "address"], "properties": {"eid": {"type": "string"}, "name": {"type": "string"},
        "age": {"type": "integer"}, "address": {"type": "object", "required": ["street"], "properties": {
          "street": {"type": "string"}, "number": {"type": "integer"}, "mailAddress": {"type": "boolean"}}},
        "created_at": {"type": "string", "format": "date-time"}}})",
       true,
       {R"({"eid":"3e628a05","name":"Joseph","age":32,"address":{"street":"St. Blue","number":3,"mailAddress":true},"created_at":"2026-11-21T06:01:02.123Z"})",
        R"({"eid":"x","age":-1,"address":{"street":"é\n"}})"}},
      {"checks",
       R"({"type": "object", "minProperties": 2, "maxProperties": 9, "properties": {
        "i": {"type": "integer", "minimum": -5, "exclusiveMaximum": 100, "multipleOf": 5}, "e": {"enum": [1, 2, 30]},
        "d": {"type": "number", "minimum": 0, "maximum": 0.5}, "x": {"type": "number", "exclusiveMinimum": 1},
        "c": {"type": "number", "multipleOf": 0.01, "minimum": -10, "maximum": 1000},
        "s": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-zé]"}, "k": {"enum": ["red", "green", null]},
        "b": {"const": true}, "t": {"type": ["string", "null"], "format": "date"}, "u": {"type": "string", "format": "uuid"},
        "n": {"type": "integer", "x-datahub-column": {"type": "int32"}}}})",
       true,
       {R"({"i":95,"e":30,"d":0.5,"x":1.5,"c":12.34,"s":"aé","k":"red","b":true,"t":"2026-11-21"})",
        R"({"i":-5,"d":0,"x":1e3,"c":-10,"s":"abcd","k":null,"t":null,"u":"3e628a05-7a4a-4bf3-8770-084c11601a12","n":2147483647})",
        R"({"s":"abc","i":10})", R"({"d":0.25,"e":2})"}},
      {"lists",
       R"({"type": "object", "properties": {
        "l": {"type": ["array", "null"], "minItems": 1, "maxItems": 3, "items": {"type": ["integer", "null"]}},
        "p": {"type": "array", "items": {"type": ["object", "null"], "required": ["x"], "properties": {"x": {"type": "number"},
          "t": {"type": "array", "items": {"type": "string"}}, "o": {"type": "object", "properties": {"y": {"type": "boolean"}}}}}},
        "m": {"type": "object", "maxProperties": 3, "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
        "ll": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}}})",
       true,
       {R"({"l":[1,null,3],"p":[{"x":1,"t":["a","b"]},{"x":2.5,"o":{"y":true}},null],"m":{"k":[1,2],"j":[]},"ll":[[1],[],[2,3]]})",
        R"({"l":null,"p":[],"m":{}})", R"({"m":{"k":[],"j":[1],"x":[]},"l":[1,2,3]})"}},
      {"open",
       R"({"type": "object", "properties": {"a": {"type": "integer"}, "o": {"type": "object", "required": ["x"],
        "properties": {"x": {"type": "string"}}}, "q": {"type": "array", "items": {"type": "object", "properties": {"z": {"type": "integer"}}}},
        "j": true}})",
       false,
       {R"({"a":1,"more":{"b":[1.50,"\u0041"]},"o":{"x":"s","w":null},"q":[{"z":1,"v":2},{"y":[]}],"j":{"any":[1]}})",
        R"({"o":{"w":1,"x":"s"},"j":null,"k":"v"})"}},
      {"recorded",
       R"({"type": "object", "properties": {"a": {"type": "integer"},
        "one": {"oneOf": [{"type": "object", "properties": {"kind": {"const": "c"}, "r": {"type": "number"}}, "required": ["kind"]},
          {"type": "object", "properties": {"kind": {"const": "s"}, "w": {"type": "integer"}}, "required": ["kind"]}]},
        "u": {"type": "array", "items": {"type": "integer"}, "uniqueItems": true}, "tuple": {"type": "array", "prefixItems": [{"type": "string"}]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"v": {"type": "integer"}}, "dependentRequired": {"v": ["w"]},
          "allOf": [{"properties": {"w": {"type": "string"}}}]}},
        "pat": {"type": "object", "properties": {"x": {"type": "integer"}}, "patternProperties": {"^s_": {"type": "string"}}},
        "tree": {"$ref": "#/$defs/tree"}, "mixed": {"type": ["string", "integer"]}},
        "$defs": {"tree": {"type": "object", "properties": {"v": {"type": "integer"}, "c": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}}})",
       true,
       {R"({"a":1,"one":{"kind":"c","r":1.5},"u":[1,2],"tuple":["x",1],"list":[{"v":1,"w":"é\t"},{"w":"y"}],"pat":{"x":1,"s_a":"b"}})",
        R"({"one":{"kind":"s","w":7},"tree":{"v":1,"c":[{"v":2,"c":[{"v":3}]}]},"mixed":"m"})"}},
      {"whole",
       R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}})",
       true,
       {R"({"a":1,"b":"x"})", R"({"a":2})"}},
  };
  return cases;
}

class WalkerDifferential : public testing::TestWithParam<size_t> {};

// Verdicts by tokens against the exhaustive way.
void ExpectSameVerdicts(const Contract& contract, bool strict, const record::Chunk& chunk) {
  EventJudge judge(MakeCheckPlan(contract.shared_schemas(), strict));
  std::vector<bool> valid;
  judge.Judge(chunk, &valid);
  RecordCursor cursor(chunk);
  size_t at = 0;
  for (RawRecord record; cursor.Next(&record); ++at) {
    ASSERT_LT(at, valid.size());
    ASSERT_EQ(valid[at], judge.Explain(record.view()).empty()) << record.view() << (strict ? ", strict" : "");
  }
  EXPECT_EQ(at, valid.size());
}

TEST_P(WalkerDifferential, BothWaysAgree) {
  const Case& with = Cases()[GetParam()];
  SCOPED_TRACE(std::string(with.name) + ", seed " + std::to_string(kWalkSeed));
  const auto contract = MustCompile(with.schema, with.strict);
  Walker fast(contract, Walker::Way::kFast);
  Walker exhaustive(contract, Walker::Way::kExhaustive);
  for (const bool by_span : {false, true}) {
    EventMutator mutator(kWalkSeed + GetParam() * 2 + (by_span ? 1 : 0));
    std::string text;
    std::vector<record::Span> spans;
    for (int i = 0; i < kRecordsEach; ++i) {
      const std::string event = mutator.Mutate(with.events[mutator.Below(with.events.size())]);
      spans.push_back({static_cast<uint32_t>(text.size()), static_cast<uint32_t>(event.size())});
      text += event;
      // What lies between lines is a newline; between spans it is anything, or nothing.
      static const char* const kGaps[] = {"\n", "\r\n", " \n", ",", "", "\"", "]}"};
      text += kGaps[mutator.Below(by_span ? std::size(kGaps) : 3)];
    }
    const auto chunk = ChunkOf(text);
    if (by_span) chunk->records = spans;
    const WalkResult a = fast.Walk(chunk);
    const WalkResult b = exhaustive.Walk(chunk);
    EXPECT_EQ(a.records, b.records);
    EXPECT_EQ(b.walked_fast, 0u);
    // All events that came as they are, but where the whole contract is out of the fast walk's reach.
    EXPECT_GE(a.walked_fast, std::string_view(with.name) == "whole" ? 0u : size_t{kRecordsEach} / 10);
    EXPECT_EQ(a.records, a.accepted->rows + a.rejected.size());
    EXPECT_GT(a.accepted->rows, size_t{kRecordsEach} / 5);
    EXPECT_GT(a.rejected.size(), size_t{kRecordsEach} / 10);
    EXPECT_EQ(Dump(a.rejected), Dump(b.rejected));
    EXPECT_EQ(Dump(*a.accepted), Dump(*b.accepted));
    for (const bool strict : {false, true}) ExpectSameVerdicts(*contract, strict, *chunk);
  }
}

TEST(WalkerDifferential, AnyJsonText) {
  Walker fast(Contract::Raw(), Walker::Way::kFast);
  Walker exhaustive(Contract::Raw(), Walker::Way::kExhaustive);
  EventMutator mutator(kWalkSeed);
  std::string text;
  for (int i = 0; i < kRecordsEach; ++i) {
    const Case& with = Cases()[mutator.Below(Cases().size())];
    std::string event = mutator.Mutate(with.events[mutator.Below(with.events.size())]);
    std::erase(event, '\n');
    text += (mutator.Below(8) == 0 ? " " : "") + event + (mutator.Below(8) == 0 ? "\t\n" : "\n");
    if (mutator.Below(16) == 0) text += "-12.5e3\n null \n\"s\\u00e9\"\n[]\n";
  }
  const WalkResult a = fast.Walk(ChunkOf(text));
  const WalkResult b = exhaustive.Walk(ChunkOf(text));
  EXPECT_GT(a.walked_fast, a.records / 3);
  EXPECT_GT(a.rejected.size(), a.records / 10);
  EXPECT_EQ(Dump(a.rejected), Dump(b.rejected));
  EXPECT_EQ(Dump(*a.accepted), Dump(*b.accepted));
}

INSTANTIATE_TEST_SUITE_P(Schemas, WalkerDifferential, testing::Range<size_t>(0, 6),
                         [](const auto& test) { return std::string(Cases()[test.param].name); });

}  // namespace
}  // namespace datahub::contract
