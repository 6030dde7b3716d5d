#include <gtest/gtest.h>

#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

constexpr const char* kPoint =
    R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "s": {"type": ["string", "null"]}}})";

class Walked {
 public:
  explicit Walked(std::shared_ptr<record::Chunk> chunk, std::shared_ptr<const Contract> contract = MustCompile(kPoint))
      : chunk_(std::move(chunk)), walker_(std::move(contract)), result_(walker_.Walk(chunk_)) {}
  explicit Walked(std::string_view text) : Walked(ChunkOf(text)) {}
  Walked(std::string_view text, const std::string& schema, bool strict = true)
      : Walked(ChunkOf(text), MustCompile(schema, strict)) {}

  size_t rows() const { return result_.accepted->rows; }
  std::string leaf(size_t i) const { return Dump(result_.accepted->leaves[i], rows()); }
  std::vector<uint64_t> offsets() const {
    return {result_.accepted->offsets.begin(), result_.accepted->offsets.begin() + static_cast<ptrdiff_t>(rows())};
  }
  const std::vector<Rejected>& rejected() const { return result_.rejected; }
  std::vector<uint64_t> rejected_offsets() const {
    std::vector<uint64_t> offsets;
    for (const Rejected& record : rejected()) offsets.push_back(record.offset);
    return offsets;
  }
  const WalkResult& result() const { return result_; }
  // "instance keyword" of the first reason of the first rejected record.
  std::string reason() const {
    return rejected().empty() ? "" : rejected()[0].reasons[0].instance + " " + rejected()[0].reasons[0].keyword;
  }

 private:
  std::shared_ptr<record::Chunk> chunk_;
  Walker walker_;
  WalkResult result_;
};

using Offsets = std::vector<uint64_t>;

TEST(Walker, LinesBlankLinesAndCarriageReturns) {
  const Walked walked("{\"a\":1}\r\n\n  \t\r\n{\"a\":2,\"s\":\"x\"}\n {\"a\":3} \n{\"a\":4}");
  EXPECT_EQ(walked.leaf(0), "1:1 | 1:2 | 1:3 | 1:4");
  EXPECT_EQ(walked.leaf(1), "0:- | 1:'x' | 0:- | 0:-");
  EXPECT_EQ(walked.offsets(), (Offsets{1000, 1015, 1031, 1041}));
  EXPECT_EQ(walked.result().records, 4u);
  EXPECT_EQ(walked.result().accepted->contract_version, 3);
  EXPECT_NE(walked.result().accepted->chunk, nullptr);
}

TEST(Walker, ALineIsARecord) {
  // Two values in a line, a value over two lines, an array of values: none is a record of this contract.
  const Walked walked("{\"a\":1}{\"a\":2}\n{\"a\":1} {\"a\":2}\n{\"a\":\n3}\n[{\"a\":4}]\n{\"a\":5}\n{\"a\":6},\n");
  EXPECT_EQ(walked.leaf(0), "1:5");
  EXPECT_EQ(walked.rejected().size(), 6u);
  EXPECT_EQ(walked.rejected()[2].bytes, "{\"a\":");
  EXPECT_EQ(walked.rejected()[2].reasons[0].keyword, "dh:json");
}

TEST(Walker, SpansMayHoldNewlinesAndHaveOffsetsOfTheirOwn) {
  const std::string text = "[{\"a\":\n1},\n{\"a\": 2 },{\"a\":\"x},{\"a\":3}\"]";
  const auto chunk = ChunkOf(text);
  const auto add = [&](std::string_view record) {
    chunk->records.push_back({static_cast<uint32_t>(text.find(record)), static_cast<uint32_t>(record.size())});
  };
  add("{\"a\":\n1}");
  add("{\"a\": 2 }");
  add("{\"a\":\"x}");
  add("{\"a\":3}");
  const Walked by_index(chunk);
  EXPECT_EQ(by_index.leaf(0), "1:1 | 1:2 | 1:3");
  EXPECT_EQ(by_index.offsets(), (Offsets{1000, 1001, 1003}));
  EXPECT_EQ(by_index.rejected_offsets(), (Offsets{1002}));
  chunk->offsets = {7, 8, 19, 20};
  EXPECT_EQ(Walked(chunk).offsets(), (Offsets{7, 8, 20}));
}

TEST(Walker, SpansDoNotReachIntoEachOther) {
  const auto walk = [](const std::vector<std::string>& records, const std::string& gap) {
    std::string text;
    std::vector<record::Span> spans;
    for (const std::string& record : records) {
      spans.push_back({static_cast<uint32_t>(text.size()), static_cast<uint32_t>(record.size())});
      text += record + gap;
    }
    const auto chunk = ChunkOf(text);
    chunk->records = spans;
    return Walked(chunk, MustCompile(R"({"type": "object", "properties": {"a": {"type": "integer"}}})"))
        .rejected_offsets();
  };
  // A string that is open at the end of one and closed in the next; brackets closed outside; an escape that leads out.
  EXPECT_EQ(walk({"{\"a\":\"x", "xx\"{\"a\":1}", "{\"a\":2}"}, ""), (Offsets{1000, 1001}));
  EXPECT_EQ(walk({"{", "{\"a\":1"}, "}"), (Offsets{1000, 1001}));
  EXPECT_EQ(walk({"{\"a\":1}\\", "{\"a\":1}"}, "\""), (Offsets{1000}));
  EXPECT_EQ(walk({"{\"a\":1}", "", " ", "{\"a\":1}"}, ""), (Offsets{1001, 1002}));
}

TEST(Walker, BrokenLinesDoNotHarmTheirNeighbours) {
  // Each breaks the first stage of the parser for everything behind it.
  for (const std::string broken :
       {"{\"a\":1,\"s\":\"x}", "{\"a\":1,\"s\":\"\xff\"}", "{\"a\":1,\"s\":\"\x01\"}", "\"", "\\\"",
        "{\"a\":1,\"s\":\"\\\"}", "{\"a\":1,\"s\":\"\xe2\x82", "}", "{\"a\":1,\"s\":\"x\\"}) {
    std::string text;
    Offsets good;
    Offsets bad;
    for (int i = 0; i < 2000; ++i) {
      const bool breaks = i % 37 == 5 || i % 41 == 6 || i == 1999;
      (breaks ? bad : good).push_back(1000 + text.size());
      text += breaks
                  ? broken
                  : "{\"a\":" + std::to_string(i) + ",\"s\":\"" + std::string(static_cast<size_t>(i % 50), 'x') + "\"}";
      text += '\n';
    }
    const Walked walked(text);
    EXPECT_EQ(walked.offsets(), good) << broken;
    EXPECT_EQ(walked.result().walked_fast, good.size()) << broken;
    EXPECT_EQ(walked.rejected_offsets(), bad) << broken;
  }
}

TEST(Walker, StringsAreViewsUnlessEscaped) {
  const Walked walked(R"({"a":1,"s":"plain é"}
{"a":2,"s":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00"}
{"a":3,"s":""}
{"a":4,"s":null}
{"\u0061":5,"s":"key"})");
  EXPECT_EQ(walked.leaf(1), "1:'plain é' | 1:'\"\\/\b\f\n\r\tAé€😀' | 1:'' | 0:- | 1:'key'");
  EXPECT_EQ(walked.leaf(0), "1:1 | 1:2 | 1:3 | 1:4 | 1:5");
  const record::Columns& columns = *walked.result().accepted;
  const std::string_view bytes = columns.chunk->bytes;
  EXPECT_GE(columns.leaves[1].bytes[0].data, bytes.data());
  EXPECT_LT(columns.leaves[1].bytes[0].data, bytes.data() + bytes.size());
  EXPECT_NE(columns.arena, nullptr);
}

TEST(Walker, BadInputOfEveryKindIsRejectedWithAReason) {
  const std::pair<std::string, const char*> kCases[] = {
      {"not json", " dh:json"},
      {R"({"a":1)", " dh:json"},
      {R"({"a":1,"a":1})", " dh:json"},
      {R"({"a":1,"s":"\ud800"})", " dh:json"},
      {R"({"a":1,"s":"\udc00x"})", " dh:json"},
      {R"({"a":1,"s":"\x"})", " dh:json"},
      {"{\"a\":1,\"s\":\"\xc0\x80\"}", " dh:json"},
      {std::string("{\"a\":1,\"s\":\"\0\"}", 15), " dh:json"},
      {std::string("{\"a\":1\0}", 8), " dh:json"},
      {"{\"a\":1\x0b}", " dh:json"},
      {"{\"a\":1\x0c,\"s\":\"\"}", " dh:json"},
      {R"({"a":01})", " dh:json"},
      {R"({"a":+1})", " dh:json"},
      {R"({"a":1,})", " dh:json"},
      {R"({"a":tru})", " dh:json"},
      {std::string(1'000'000, '['), " dh:json"},
      {R"({"a":)" + std::string(1'000'000, '['), " dh:json"},
      {R"({"s":"x"})", "/a #/required"},
      {R"({"a":"1"})", "/a #/properties/a/type"},
      {R"({"a":1.5})", "/a #/properties/a/type"},
      {R"({"a":1,"b":2})", "/b dh:strict"},
      {R"({"a":9223372036854775808})", "/a dh:range"},
      {R"({"a":1e400})", "/a dh:range"},
      {"[]", " #/type"},
      {"null", " #/type"},
  };
  for (const auto& [text, reason] : kCases) {
    const Walked walked("{\"a\":7}\n" + text + "\n{\"a\":8}");
    EXPECT_EQ(walked.reason(), reason) << text.substr(0, 50);
    EXPECT_EQ(walked.leaf(0), "1:7 | 1:8") << text.substr(0, 50);
  }
}

TEST(Walker, UnusualButValid) {
  const Walked walked(
      "{\"a\":1.0}\n{\"a\":1e2}\n{ \"a\" : 3 , \"s\" : \"x\" }\n{\"s\":\"y\",\"a\":-9223372036854775808}\n{\"a\":-0}");
  EXPECT_EQ(walked.leaf(0), "1:1 | 1:100 | 1:3 | 1:-9223372036854775808 | 1:0");
}

TEST(Walker, ListsStructsAndMaps) {
  const Walked walked(R"({"l":[1,null,3],"p":[{"x":1,"t":["a"]},{},null],"m":{"k":1,"j":null}}
{"l":[],"p":[],"m":{}}
{"l":[4]}
{"l":null,"p":[{"t":[]},{"t":["b","c"]}]}
{"l":["bad"],"p":[{"x":9,"t":["zz"]}]}
{"m":{"k":5}})",
                      R"({"type": "object", "properties": {
      "l": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
      "p": {"type": "array", "items": {"type": ["object", "null"], "properties": {"x": {"type": "integer"},
            "t": {"type": "array", "items": {"type": "string"}}}}},
      "m": {"type": "object", "additionalProperties": {"type": ["integer", "null"]}}}})");
  ASSERT_EQ(walked.rejected().size(), 1u);
  EXPECT_EQ(walked.result().walked_fast, 5u);
  EXPECT_EQ(walked.leaf(0), "0.3:1 1.2:- 1.3:3 | 0.1:- | 0.3:4 | 0.0:- | 0.0:-");
  EXPECT_EQ(walked.leaf(1), "0.4:1 1.3:- 1.2:- | 0.1:- | 0.0:- | 0.3:- 1.3:- | 0.0:-");
  EXPECT_EQ(walked.leaf(2), "0.6:'a' 1.3:- 1.2:- | 0.1:- | 0.0:- | 0.4:- 1.6:'b' 2.6:'c' | 0.0:-");
  EXPECT_EQ(walked.leaf(3), "0.2:'k' 1.2:'j' | 0.1:- | 0.0:- | 0.0:- | 0.2:'k'");
  EXPECT_EQ(walked.leaf(4), "0.3:1 1.2:- | 0.1:- | 0.0:- | 0.0:- | 0.3:5");
}

TEST(Walker, CountsOfMembersAndItems) {
  const Walked walked(
      "{\"m\":{\"a\":1}}\n{\"m\":{}}\n{\"m\":{\"a\":1,\"b\":2,\"c\":3}}\n{\"l\":[]}\n{\"l\":[1,2,3]}\n{\"l\":[1]}\n{}"
      "\n{\"m\":{\"a\":1},\"l\":[1]}\n",
      R"({"type": "object", "minProperties": 1, "maxProperties": 1, "properties": {
        "m": {"type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": {"type": "integer"}},
        "l": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}}}})");
  EXPECT_EQ(walked.offsets(), (Offsets{1000, 1072}));
  EXPECT_EQ(walked.result().walked_fast, 2u);
}

TEST(Walker, NestedStructsThatAreNullOrAbsent) {
  const Walked walked("{\"o\":{\"i\":{\"x\":1}}}\n{\"o\":{\"i\":null}}\n{\"o\":{}}\n{\"o\":null}\n{}\n",
                      R"({"type": "object", "properties": {
      "o": {"type": ["object", "null"], "properties": {"i": {"type": ["object", "null"], "properties": {"x": {"type": "integer"}}}}}}})");
  EXPECT_EQ(walked.leaf(0), "3:1 | 1:- | 1:- | 0:- | 0:-");
}

TEST(Walker, OpenObjectsKeepWhatHasNoColumn) {
  const Walked walked(
      "{\"a\":1,\"b\": {\"c\" : [1.50, \"\\u0041\"]},\"s\":\"x\",\"d\":null}\n{\"a\":2}\n{\"a\":3,\"b\":1,\"b\":2}\n",
      kPoint, false);
  EXPECT_EQ(walked.leaf(0), "1:1 | 1:2");
  EXPECT_EQ(walked.leaf(2), "1:'{\"b\":{\"c\":[1.50,\"A\"]},\"d\":null}' | 0:-");
  EXPECT_EQ(walked.rejected_offsets().size(), 1u);
}

TEST(Walker, TextColumnsKeepTheTextAsItCame) {
  const std::string schema = R"({"type": "object", "properties": {"j": true, "k": {"type": "integer"}}})";
  const Walked walked(
      "{\"j\": { \"x\" : 1.0 } ,\"k\":1}\n{\"j\":null}\n{\"j\":{\"x\":1,\"x\":2}}\n{\"j\":[\"\\ud800\"]}\n{\"j\":-0.0}",
      schema);
  EXPECT_EQ(walked.leaf(0), "1:'{ \"x\" : 1.0 }' | 0:- | 1:'-0.0'");
  EXPECT_EQ(walked.rejected().size(), 2u);
  // One depth limit for the record, wherever its parts are read.
  for (const size_t depth : {511u, 512u}) {
    EXPECT_EQ(Walked("{\"j\":" + std::string(depth, '[') + std::string(depth, ']') + "}", schema).rows(),
              depth == 511 ? 1u : 0u);
  }
}

TEST(Walker, LandingReasons) {
  const auto reason = [](const std::string& type, const std::string& value, bool reject_excess = false) {
    const auto contract = MustCompile(R"({"type": "object", "properties": {"v": )" + type + "}}", true, reject_excess);
    return Walked(ChunkOf("{\"v\":" + value + "}"), contract).reason();
  };
  EXPECT_EQ(reason(R"({"type": "integer"})", "92233720368547758070"), "/v dh:range");
  EXPECT_EQ(reason(R"({"type": "integer", "x-datahub-column": {"type": "int32"}})", "2147483648"), "/v dh:range");
  EXPECT_EQ(reason(R"({"type": "integer", "x-datahub-column": {"type": "int32"}})", "2147483647"), "");
  EXPECT_EQ(reason(R"({"type": "number"})", "1e400"), "/v dh:number");
  EXPECT_EQ(reason(R"({"type": "number"})", "9007199254740993"), "/v dh:number");
  EXPECT_EQ(reason(R"({"type": "number"})", "9007199254740992"), "");
  EXPECT_EQ(reason(R"({"type": "number"})", "9007199254740993.0"), "/v dh:number");
  EXPECT_EQ(reason(R"({"type": "number"})", "9.007199254740993e15"), "/v dh:number");
  EXPECT_EQ(reason(R"({"type": "number"})", "1e-400"), "/v dh:number");
  EXPECT_EQ(reason(R"({"type": "number"})", "1e23"), "");
  const std::string time = R"({"type": "string", "format": "date-time"})";
  EXPECT_EQ(reason(time, "\"2026-11-21T06:00:00.1234567Z\""), "");
  EXPECT_EQ(reason(time, "\"2026-11-21T06:00:00.1234567Z\"", true), "/v dh:digits");
  EXPECT_EQ(reason(time, "\"2026-11-21T06:00:00.1234560Z\"", true), "");
  EXPECT_EQ(reason(time, "\"0001-01-01T00:00:00Z\""), "");
  EXPECT_EQ(reason(time, "\"0001-01-01T00:00:00+01:00\""), "/v dh:time");
  EXPECT_EQ(reason(time, "\"9999-12-31T23:00:00-01:00\""), "/v dh:time");
  EXPECT_EQ(reason(R"({"type": "string", "format": "date"})", "\"0000-12-31\""), "/v dh:time");
  EXPECT_EQ(reason(time, "\"2026-11-21T06:00:00\""), "/v #/properties/v/format");
}

TEST(Walker, StrictAtAPlaceThatIsRecorded) {
  const std::string schema =
      R"({"type": "object", "properties": {"o": {"type": "object", "properties": {"x": {"type": "integer"}},
      "allOf": [{"properties": {"y": {"type": "integer"}}}], "unevaluatedProperties": false},
      "p": {"type": "object", "properties": {"x": {"type": "integer"}}, "allOf": [{"properties": {"y": {"type": "integer"}}}]}}})";
  const Walked walked("{\"o\":{\"x\":1,\"y\":2},\"p\":{\"y\":3}}\n{\"o\":{\"z\":1}}\n{\"p\":{\"z\":1}}\n", schema);
  EXPECT_EQ(walked.leaf(0), "2:1");
  EXPECT_EQ(walked.leaf(1), "2:2");
  EXPECT_EQ(walked.leaf(3), "2:3");
  ASSERT_EQ(walked.rejected().size(), 2u);
  EXPECT_EQ(walked.rejected()[1].reasons[0].keyword, "dh:strict");
}

TEST(Walker, RawTakesAnyJsonText) {
  const Walked walked(ChunkOf("{\"a\": 1}\n [1, 2] \nnull\n{\"a\":1,\"a\":2}\nnope\n\"x\""), Contract::Raw());
  EXPECT_EQ(walked.leaf(0), "1:'{\"a\": 1}' | 1:'[1, 2]' | 1:'null' | 1:'\"x\"'");
  EXPECT_EQ(walked.rejected().size(), 2u);
  EXPECT_TRUE(Contract::Raw()->is_raw());
}

TEST(Walker, ACutRecordIsRejected) {
  const auto chunk = ChunkOf("{\"a\":1");
  chunk->cut_from = 1'000'000;
  const Walked walked(chunk);
  EXPECT_EQ(walked.reason(), " dh:size");
  EXPECT_EQ(walked.rejected()[0].offset, 1000u);
  EXPECT_EQ(walked.result().records, 1u);
}

TEST(Walker, LargeRecordsAndManyProperties) {
  const std::string large = "{\"a\":1,\"s\":\"" + std::string(6'000'000, 'x') + "\"}\n";
  EXPECT_EQ(Walked(large + "{\"a\":2}\n" + large).rows(), 3u);
  // More properties than one word of bits.
  std::string schema = R"({"type": "object", "required": ["p3", "p150"], "properties": {)";
  std::string all = "{";
  for (int i = 0; i < 200; ++i) {
    schema += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + R"(": {"type": "integer"})";
    all += (i > 0 ? ",\"p" : "\"p") + std::to_string(199 - i) + "\":" + std::to_string(i);
  }
  schema += "}}";
  const Walked walked(all + "}\n{\"p150\":1,\"p3\":2}\n{\"p3\":1}\n" + all + ",\"p77\":1}\n", schema);
  EXPECT_EQ(walked.leaf(150), "1:49 | 1:1");
  EXPECT_EQ(walked.leaf(199), "1:0 | 0:-");
  EXPECT_EQ(walked.rejected().size(), 2u);
}

// A chunk whose columns or reasons are too much comes in parts, cut anywhere, also amid a window of tokens.
TEST(Walker, PartsOfAChunkAreTheWhole) {
  const auto contract = MustCompile(
      R"({"type": "object", "properties": {"a": {"type": "integer"}, "l": {"type": "array", "items": {"type": "string"}}}})");
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += i % 7 == 0    ? "{\"a\":\"x\"}\n"
            : i % 11 == 0 ? "{\"a\":\n"
                          : "{\"a\":" + std::to_string(i) + ",\"l\":[\"y\",\"z\"]}\n";
  }
  for (const Walker::Way way : {Walker::Way::kFast, Walker::Way::kExhaustive}) {
    Walker whole(contract, way);
    const WalkResult all = whole.Walk(ChunkOf(text));
    ASSERT_FALSE(all.more);
    Walker walker(contract, way, 20'000);
    std::vector<uint64_t> accepted;
    std::vector<uint64_t> rejected;
    int64_t sum = 0;
    uint64_t records = 0;
    int parts = 0;
    for (WalkResult part = walker.Walk(ChunkOf(text));; part = walker.Next()) {
      const record::Columns& columns = *part.accepted;
      for (size_t row = 0; row < columns.rows; ++row) {
        accepted.push_back(columns.offsets[row]);
        sum += columns.leaves[0].int64s[row];
        ASSERT_EQ(columns.leaves[1].row_begin[row + 1] - columns.leaves[1].row_begin[row], 2u);
      }
      for (const Rejected& one : part.rejected) rejected.push_back(one.offset);
      records += part.records;
      ++parts;
      const bool more = part.more;
      walker.Recycle(std::move(part.accepted));
      if (!more) break;
    }
    EXPECT_GT(parts, 5);
    EXPECT_EQ(records, all.records);
    std::vector<uint64_t> wanted(all.accepted->offsets.begin(),
                                 all.accepted->offsets.begin() + static_cast<ptrdiff_t>(all.accepted->rows));
    EXPECT_EQ(accepted, wanted);
    std::vector<uint64_t> wanted_rejected;
    for (const Rejected& one : all.rejected) wanted_rejected.push_back(one.offset);
    EXPECT_EQ(rejected, wanted_rejected);
    int64_t wanted_sum = 0;
    for (size_t row = 0; row < all.accepted->rows; ++row) wanted_sum += all.accepted->leaves[0].int64s[row];
    EXPECT_EQ(sum, wanted_sum);
  }
}

TEST(Walker, ReasonsAreShortWhateverANameIs) {
  const Walked walked("{\"" + std::string(1'000'000, 'n') + "\":1}\n", kPoint);
  ASSERT_EQ(walked.rejected().size(), 1u);
  for (const Reason& reason : walked.rejected()[0].reasons)
    EXPECT_LE(reason.instance.size() + reason.message.size(), 4200u);
}

TEST(Walker, RecycledColumnsForgetTheirRows) {
  Walker walker(MustCompile(
      R"({"type": "object", "properties": {"a": {"type": "integer"}, "l": {"type": "array", "items": {"type": "string"}}}})"));
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "{\"a\":" + std::to_string(i) + ",\"l\":[\"\\n\",\"y\"]}\n";
  auto first = walker.Walk(ChunkOf(text)).accepted;
  const record::Columns* const same = first.get();
  EXPECT_EQ(first->rows, 3000u);
  walker.Recycle(std::move(first));
  const auto second = walker.Walk(ChunkOf("{}\n{\"a\":1,\"l\":[\"z\"]}")).accepted;
  EXPECT_EQ(second.get(), same);
  EXPECT_EQ(Dump(*second), "0:- | 1:1\n0.0:- | 0.3:'z'\n@1000@1003");
}

}  // namespace
}  // namespace datahub::contract
