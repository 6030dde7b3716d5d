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
  for (const char* text : {"", " ", "{", "[", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "--1",
                           "tru", "nul", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
                           "\"\x01\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "1 2", "{} x", "NaN", "\"a\\\""}) {
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

TEST(Json, BoundsDepth) {
  Document document;
  EXPECT_FALSE(document.Parse(std::string(1'000'000, '[')));
  EXPECT_FALSE(document.Parse(std::string(513, '[') + std::string(513, ']')));
  EXPECT_TRUE(document.Parse(std::string(512, '[') + std::string(512, ']')));
}

TEST(Json, WriterPutsCommas) {
  Writer writer;
  writer.BeginObject().Key("a").BeginArray().Number(int64_t(-1)).String("x\x01").EndArray().Key("b").Null().EndObject();
  EXPECT_EQ(writer.text(), R"({"a":[-1,"x\u0001"],"b":null})");
}

}  // namespace
}  // namespace datahub::json
