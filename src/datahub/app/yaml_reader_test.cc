#include "datahub/app/yaml_reader.h"

#include <gtest/gtest.h>

#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

struct Reading {
  Diagnostics diagnostics;
  std::optional<YamlNode> root;

  explicit Reading(const std::string& text) { root = ReadYaml(text, diagnostics.AddFile("f", text), diagnostics); }
  std::string errors() const { return diagnostics.Render(false); }
  bool Says(std::string_view text) const { return errors().find(text) != std::string::npos; }
};

TEST(YamlReader, KeepsPlaces) {
  const Reading reading("a: 1\nb:\n  - x\n  - {c: 'y', d: }\ne:\n");
  ASSERT_TRUE(reading.root) << reading.errors();
  EXPECT_TRUE(reading.diagnostics.empty());
  const YamlNode& list = *reading.root->Find("b");
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].text, "x");
  EXPECT_EQ(list.items[0].place.line, 3u);
  EXPECT_EQ(list.items[0].place.column, 5u);
  EXPECT_EQ(list.items[1].Find("c")->text, "y");
  EXPECT_TRUE(list.items[1].Find("d")->is_null());
  EXPECT_TRUE(reading.root->Find("e")->is_null());
  EXPECT_EQ(reading.root->Find("e")->place.line, 5u);
  EXPECT_EQ(reading.root->entries[1].place.line, 2u);
}

TEST(YamlReader, ColumnsCountBytes) {
  const Reading reading("ä: {b: c}\n");
  ASSERT_TRUE(reading.root);
  EXPECT_EQ(reading.root->Find("ä")->Find("b")->place.column, 9u);
}

TEST(YamlReader, QuotedNothingIsText) {
  const Reading reading("a: ~\nb: 'null'\nc: null\nd: \"\"\n");
  ASSERT_TRUE(reading.root);
  EXPECT_TRUE(reading.root->Find("a")->is_null());
  EXPECT_TRUE(reading.root->Find("b")->is_text());
  EXPECT_TRUE(reading.root->Find("c")->is_null());
  EXPECT_TRUE(reading.root->Find("d")->is_text());
}

TEST(YamlReader, EmptyTextsAreEmptyMaps) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const Reading reading(text);
    ASSERT_TRUE(reading.root) << text;
    EXPECT_TRUE(reading.root->is_map()) << text;
  }
}

TEST(YamlReader, RefusesRepeatedKeys) {
  const Reading reading("a: 1\nb: {c: 1, c: 2}\na: 2\n");
  EXPECT_TRUE(reading.Says("f:2:11: error[DH103]: 'c' stands here a second time; the first is at f:2:5"))
      << reading.errors();
  EXPECT_TRUE(reading.Says("f:3:1: error[DH103]: 'a' stands here a second time; the first is at f:1:1"))
      << reading.errors();
}

TEST(YamlReader, RefusesWhatIsNotYaml) {
  for (const char* text : {"a: [1", "a: b: c", "\"x", "a:\n\t- 1", "}", "{a: ${env:X}}", "- a\nb: 1", "a: 'x\n",
                           "a: 'x''\n", "a: \"x\\\"\nb: y\n", "? [", "*x"}) {
    const Reading reading(text);
    EXPECT_FALSE(reading.root && reading.diagnostics.empty()) << text;
    EXPECT_NE(reading.diagnostics.count(), 0u) << text;
  }
  const Reading closed("a: 'it''s'\nb: \"x\\\\\"\nc: |\n  'open\n");
  EXPECT_TRUE(closed.root && closed.diagnostics.empty()) << closed.errors();
  EXPECT_TRUE(Reading("a: {b: ${env:X}}").Says("must be quoted"));
}

TEST(YamlReader, RefusesFeatures) {
  EXPECT_TRUE(Reading("a: !!python/object x").Says("DH104"));
  EXPECT_TRUE(Reading("a: !!str 1").Says("DH104"));
  EXPECT_TRUE(Reading("a: &x {b: 1}\nc: {<<: *x}").Says("merge keys"));
  EXPECT_TRUE(Reading("a: 1\n---\nb: 2\n").Says("second document"));
  EXPECT_TRUE(Reading("? [a]\n: 1\n").Says("a field's name is text"));
}

TEST(YamlReader, FollowsAliases) {
  const Reading reading("a: &flush {rows: 1}\nb: *flush\n");
  ASSERT_TRUE(reading.root) << reading.errors();
  EXPECT_EQ(reading.root->Find("b")->Find("rows")->text, "1");
  EXPECT_EQ(reading.root->Find("b")->place.line, 2u);
  EXPECT_FALSE(Reading("a: &x [*x]").root);
}

TEST(YamlReader, AliasBombsAreBounded) {
  std::string nodes = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    nodes += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) nodes += (k ? ",*a" : "*a") + std::to_string(i - 1);
    nodes += "]\n";
  }
  EXPECT_TRUE(Reading(nodes).Says("DH104"));
  std::string bytes = "a: &a " + std::string(500'000, 'x') + "\nb: [*a";
  for (int i = 0; i < 10'000; ++i) bytes += ",*a";
  EXPECT_TRUE(Reading(bytes + "]").Says("DH104"));
}

TEST(YamlReader, DepthAndSizeAreBounded) {
  EXPECT_TRUE(Reading(std::string(1'000'000, '[')).Says("error"));
  EXPECT_TRUE(Reading(std::string(1'000'000, '{')).Says("error"));
  std::string dashes;
  for (int i = 0; i < 200'000; ++i) dashes += "- ";
  EXPECT_TRUE(Reading(dashes).Says("DH104"));
  EXPECT_TRUE(Reading(std::string(kYamlBytesMax + 1, ' ')).Says("DH101"));
}

TEST(YamlReader, RefusesOtherEncodings) {
  EXPECT_TRUE(Reading("a: \xff\n").Says("f:1:4: error[DH101]"));
  EXPECT_TRUE(Reading(std::string("a: 1\nb: \0\n", 10)).Says("NUL"));
  EXPECT_FALSE(Reading("\xFE\xFF").root);
}

}  // namespace
}  // namespace datahub::app
