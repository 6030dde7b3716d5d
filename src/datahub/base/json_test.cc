#include "datahub/base/json.h"

#include <gtest/gtest.h>

namespace datahub::json {
namespace {

std::string Round(std::string_view text) {
  Document document;
  auto value = document.Parse(text);
  if (!value) return value.error().message;
  std::string out;
  AppendValue(out, **value);
  return out;
}

TEST(Json, ReadsAndWritesEveryKindOfValue) {
  EXPECT_EQ(Round(R"( {"a" : [1, -2.50e+3, true,false , null, "x"], "b":{}, "c":[]} )"),
            R"({"a":[1,-2.50e+3,true,false,null,"x"],"b":{},"c":[]})");
  EXPECT_EQ(Round(R"("\u0041\ud83d\ude00\n\"\\\/")"), "\"A\xF0\x9F\x98\x80\\n\\\"\\\\/\"");
}

TEST(Json, RefusesWhatRfc8259Refuses) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1,]",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "--1",
                           "tru",
                           "nul",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\x01\"",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "1 2",
                           "{} x",
                           "NaN",
                           "\"a\\\""}) {
    Document document;
    auto value = document.Parse(text);
    EXPECT_FALSE(value) << text;
    if (!value) {
      EXPECT_EQ(value.error().code, Code::kInvalidInput) << text;
    }
  }
}

TEST(Json, NamesTheByte) { EXPECT_EQ(Round(R"({"a" 1})"), "byte 5: expected ':' after the key"); }

TEST(Json, FindsRepeatedKeysInNarrowAndWideObjects) {
  EXPECT_NE(Round(R"({"a":1,"\u0061":2})").find("repeated"), std::string::npos);
  std::string wide = "{";
  for (int i = 0; i < 100; ++i) wide += "\"k" + std::to_string(i) + "\":1,";
  Document document;
  EXPECT_TRUE(document.Parse(wide + "\"z\":1}"));
  EXPECT_FALSE(document.Parse(wide + "\"k7\":1}"));
}

TEST(Json, NamesTheKeyThatIsRepeated) {
  Document document;
  EXPECT_EQ(document.Parse(R"({"a":{}, "a":1})").error().message, "byte 9: the key \"a\" is repeated");
}

TEST(Json, FindsMembersOfNarrowAndWideObjects) {
  for (const int width : {1, 15, 16, 17, 1000}) {
    std::string text = "{";
    for (int i = 0; i < width; ++i) text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
    text += "}";
    Document document;
    const Value& value = **document.Parse(text);
    for (int i = 0; i < width; ++i) {
      const Value* found = value.Find("k" + std::to_string(i));
      ASSERT_NE(found, nullptr) << width << " " << i;
      EXPECT_EQ(found->text, std::to_string(i));
    }
    EXPECT_EQ(value.Find("k"), nullptr);
    EXPECT_EQ(value.Find(""), nullptr);
  }
}

TEST(Json, TakesRepeatedKeysWhereAllowed) {
  for (const int more : {0, 40}) {
    std::string text = R"({"a":1,"a":2)";
    for (int i = 0; i < more; ++i) text += ",\"k" + std::to_string(i) + "\":0";
    text += "}";
    Document document;
    auto value = document.Parse(text, {.unique_keys = false});
    ASSERT_TRUE(value);
    EXPECT_EQ((*value)->Find("a")->text, "1");
    EXPECT_EQ((*value)->members[1].value.text, "2");
  }
}

TEST(Json, PlacesAreThoseOfTheText) {
  const std::string text = R"( {"a" : [ 1, "x\n" ,{ }], "b":null } )";
  Document document;
  const Value& root = **document.Parse(text);
  const auto written = [&](const Value& value) { return text.substr(value.begin, value.end - value.begin); };
  EXPECT_EQ(written(root), R"({"a" : [ 1, "x\n" ,{ }], "b":null })");
  EXPECT_EQ(written(*root.Find("a")), R"([ 1, "x\n" ,{ }])");
  EXPECT_EQ(written(root.Find("a")->elements[1]), R"("x\n")");
  EXPECT_EQ(written(root.Find("a")->elements[2]), "{ }");
  EXPECT_EQ(written(*root.Find("b")), "null");
}

// Every place of a string where a block of 32 bytes may begin or end.
TEST(Json, StringsOfEveryLength) {
  for (size_t size = 0; size < 100; ++size) {
    const std::string plain(size, 'x');
    Document document;
    EXPECT_EQ((*document.Parse('"' + plain + '"'))->text, plain);
    EXPECT_EQ((*document.Parse('"' + plain + "\\n\"  "))->text, plain + "\n");
    EXPECT_EQ((*document.Parse('"' + plain + "\xC3\xA9\""))->text, plain + "\xC3\xA9");
    EXPECT_EQ(document.Parse('"' + plain + "\x1F\"").error().message,
              "byte " + std::to_string(size + 1) + ": a control character in a string");
    EXPECT_EQ(document.Parse('"' + plain + "\xC3\"").error().message,
              "byte " + std::to_string(size + 1) + ": invalid UTF-8");
    EXPECT_EQ(document.Parse('"' + plain).error().message, "byte 0: a string without an end");
    EXPECT_EQ(document.Parse('"' + plain + '\\').error().message, "byte 0: a string without an end");
    EXPECT_EQ(document.Parse('"' + plain + "\\ud83dx\"").error().message,
              "byte " + std::to_string(size + 1) + ": a lone high surrogate");
  }
}

TEST(Json, HugeTexts) {
  Document document;
  const std::string text = '"' + std::string(100'000'000, 'x') + '"';
  EXPECT_EQ((*document.Parse(text))->text.size(), 100'000'000u);
  const std::string escaped = "\"\\n" + std::string(10'000'000, 'x') + '"';
  EXPECT_EQ((*document.Parse(escaped))->text.size(), 10'000'001u);
  std::string wide = "{";
  for (int i = 0; i < 1'000'000; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ((*document.Parse(wide + "\"z\":0}"))->members.size(), 1'000'001u);
  EXPECT_FALSE(document.Parse(wide + "\"k999999\":0}"));
}

TEST(Json, BoundsBytes) {
  Document document;
  EXPECT_EQ(document.Parse("[1,2]", {.bytes_max = 4}).error().code, Code::kLimit);
  EXPECT_TRUE(document.Parse("[1,2]", {.bytes_max = 5}));
}

TEST(Json, BoundsDepth) {
  Document document;
  EXPECT_FALSE(document.Parse(std::string(1'000'000, '[')));
  EXPECT_FALSE(document.Parse(std::string(513, '[') + std::string(513, ']')));
  EXPECT_TRUE(document.Parse(std::string(512, '[') + std::string(512, ']')));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(document.Parse(objects).error().message, "byte 2560: nested deeper than 512");
}

TEST(Json, WriterPutsCommas) {
  Writer writer;
  writer.BeginObject().Key("a").BeginArray().Number(int64_t(-1)).String("x\x01").EndArray().Key("b").Null().EndObject();
  EXPECT_EQ(writer.text(), R"({"a":[-1,"x\u0001"],"b":null})");
}

// As strict as Parse, and nothing is kept but where a root array's elements are.
TEST(Json, SkimsWithoutValues) {
  const ParseLimits limits{.depth_max = 16, .unique_keys = false};
  Document document;
  std::vector<std::string_view> elements;
  const std::string text = R"( [1, {"a":[1,2,{"b":"\u0041\n"}]}, "x,]", [], [[3]] ] )";
  const auto skimmed = document.Skim(text, limits, &elements, 10);
  ASSERT_TRUE(skimmed) << skimmed.error().message;
  EXPECT_TRUE((*skimmed)->is_array());
  EXPECT_EQ(elements,
            (std::vector<std::string_view>{"1", R"({"a":[1,2,{"b":"\u0041\n"}]})", R"("x,]")", "[]", "[[3]]"}));
  elements.clear();
  ASSERT_TRUE(document.Skim(R"({"a":[1,2]})", limits, &elements, 0));
  EXPECT_TRUE(elements.empty());
  for (const char* wrong : {"[1,]", "[1", "{\"a\"}", "[\"\\x\"]", "[01]", "[1] 2", "", "[\"\xff\"]"}) {
    EXPECT_EQ(document.Skim(wrong, limits, &elements, 10).error().message,
              document.Parse(wrong, limits).error().message);
  }
  const auto many = document.Skim("[1,2,3]", limits, &(elements = {}), 2);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::kLimit);
}

TEST(Json, ValuesTakeNoMoreMemoryThanTheyMay) {
  std::string text = "[1";
  for (int i = 0; i < 100'000; ++i) text += ",1";
  text += "]";
  Document document;
  EXPECT_TRUE(document.Parse(text, {.memory_max = 64u << 20}));
  document = {};
  const auto refused = document.Parse(text, {.memory_max = 8u << 20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kLimit);
  EXPECT_TRUE(document.Parse("[1]", {.memory_max = 8u << 20}));
}

}  // namespace
}  // namespace datahub::json
