// The fast walk against the exhaustive way: the same records, accepted and rejected alike, in the same columns.
#include <random>

#include <gtest/gtest.h>

#include "datahub/contract/verdict/event_judge.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

constexpr uint64_t kSeed = 20261121;
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

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Mutate(std::string text) {
    for (size_t n = Below(4); n > 0 && !text.empty(); --n) {
      switch (Below(8)) {
        case 0:
          MutateByte(text);
          break;
        case 1:
        case 2:
        case 3:
          MutateValue(text);
          break;
        default:
          MutateToken(text);
          break;
      }
    }
    return text;
  }
  size_t Below(size_t end) { return random_() % end; }

 private:
  struct Token {
    size_t begin;
    size_t size;
  };

  void MutateByte(std::string& text) {
    static const std::string kBytes("\"\\{}[]:,0-.eE \t\r\n\x00\x01\x0c\x1a\x7f\x80\xc3\xff/u", 28);
    const size_t at = Below(text.size());
    const char byte = kBytes[Below(kBytes.size())];
    switch (Below(4)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1);
        break;
      default:
        text.resize(at);
        break;
    }
  }

  void MutateToken(std::string& text) {
    static const char* const kTokens[] = {"1",
                                          "0",
                                          "-5",
                                          "1.0",
                                          "1e2",
                                          "100",
                                          "0.5",
                                          "0.50",
                                          "0.005",
                                          "1e400",
                                          "-0",
                                          "01",
                                          "9007199254740993",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "2147483648",
                                          "12345678901234567890123",
                                          "1.5e-7",
                                          "true",
                                          "false",
                                          "null",
                                          "nul",
                                          "\"\"",
                                          "\"x\"",
                                          "\"red\"",
                                          "\"abcde\"",
                                          "\"éé\"",
                                          "\"\\u0041\\n\"",
                                          "\"\\ud83d\\ude00\"",
                                          "\"\\ud800\"",
                                          "\"\\udc00\"",
                                          "\"\\ud83dx\"",
                                          "\"\\ud83d\\u0041\"",
                                          "\"\\u00g0\"",
                                          "\"\\q\"",
                                          "\"a\"",
                                          "\"\\u0061\"",
                                          "\"x\\\\\"",
                                          "\"2026-11-21\"",
                                          "\"2026-02-30\"",
                                          "\"2026-11-21T23:59:60Z\"",
                                          "\"2026-11-21T06:01:02+05:30\"",
                                          "\"2026-11-21T06:01:02.1234567Z\"",
                                          "\"3e628a05-7a4a-4bf3-8770-084c11601a12\"",
                                          "[]",
                                          "{}",
                                          "[1]",
                                          "[null]",
                                          "[[]]",
                                          "{\"a\":1}",
                                          "{\"a\":1,\"a\":1}",
                                          "{\"x\":\"y\"}",
                                          ",",
                                          ":",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          " ",
                                          "\n",
                                          "\"k\":1,",
                                          ",\"a\":1",
                                          "\"s_b\":\"c\",",
                                          "\"q\":[],",
                                          "3",
                                          "95"};
    const std::vector<Token> tokens = TokensOf(text);
    const Token token = tokens[Below(tokens.size())];
    const Token other = tokens[Below(tokens.size())];
    const std::string with = kTokens[Below(std::size(kTokens))];
    switch (Below(5)) {
      case 0:
        text.insert(token.begin, with);
        break;
      case 1:
        text.insert(token.begin, text.substr(other.begin, other.size));
        break;
      case 2:
        text.insert(token.begin, 1 + Below(2), ' ');
        break;
      default:
        text.replace(token.begin, token.size, with);
        break;
    }
  }

  // Keeps the text well-formed: a member or an element twice, gone, or elsewhere; a key with an escape or another's name.
  void MutateValue(std::string& text) {
    const std::vector<Token> tokens = TokensOf(text);
    const size_t first = Below(tokens.size());
    const bool is_member = first + 2 < tokens.size() && text[tokens[first + 1].begin] == ':';
    const Token key = tokens[first];
    size_t last = is_member ? first + 2 : first;
    for (size_t depth = 0; last < tokens.size(); ++last) {
      const char c = text[tokens[last].begin];
      depth += c == '{' || c == '[';
      depth -= (c == '}' || c == ']') && depth > 0;
      if (depth == 0) break;
    }
    if (last == tokens.size()) return;
    const std::string whole = text.substr(key.begin, tokens[last].begin + tokens[last].size - key.begin);
    switch (Below(is_member ? 5 : 3)) {
      case 0:
        text.insert(key.begin, whole + ",");
        break;
      case 1:
        text.insert(key.begin, whole + "," + whole + ",");
        break;
      case 2: {
        const bool comma = text[key.begin + whole.size()] == ',';
        text.erase(key.begin, whole.size() + comma);
        break;
      }
      case 3: {
        if (key.size < 3 || static_cast<unsigned char>(text[key.begin + 1]) >= 0x80) break;
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(text[key.begin + 1]));
        const std::string escaped = "\"" + std::string(escape) + text.substr(key.begin + 2, key.size - 2);
        Below(2) ? text.replace(key.begin, key.size, escaped) : text.insert(key.begin, escaped + ":1,");
        break;
      }
      default: {
        const Token other = tokens[Below(tokens.size())];
        if (text[other.begin] == '"') text.replace(key.begin, key.size, text.substr(other.begin, other.size));
        break;
      }
    }
  }

  static std::vector<Token> TokensOf(const std::string& text) {
    std::vector<Token> tokens;
    for (size_t at = 0; at < text.size();) {
      size_t end = at + 1;
      if (text[at] == '"') {
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        ++end;
      } else if (std::string_view("{}[]:, ").find(text[at]) == std::string_view::npos) {
        while (end < text.size() && std::string_view("{}[]:,\" ").find(text[end]) == std::string_view::npos) ++end;
      }
      end = std::min(end, text.size());
      tokens.push_back({at, end - at});
      at = end;
    }
    return tokens;
  }

  std::mt19937_64 random_;
};

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
  SCOPED_TRACE(std::string(with.name) + ", seed " + std::to_string(kSeed));
  const auto contract = MustCompile(with.schema, with.strict);
  Walker fast(contract, Walker::Way::kFast);
  Walker exhaustive(contract, Walker::Way::kExhaustive);
  for (const bool by_span : {false, true}) {
    Mutator mutator(kSeed + GetParam() * 2 + (by_span ? 1 : 0));
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

INSTANTIATE_TEST_SUITE_P(Schemas, WalkerDifferential, testing::Range<size_t>(0, 6),
                         [](const auto& test) { return std::string(Cases()[test.param].name); });

}  // namespace
}  // namespace datahub::contract
