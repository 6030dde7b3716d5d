#include "datahub/contract/evolution/inclusion.h"

#include <algorithm>

#include "datahub/contract/evolution/attack.h"
#include "datahub/contract/evolution/name_patterns.h"
#include "datahub/contract/evolution/same.h"
#include "datahub/contract/evolution/values.h"

namespace datahub::contract::evolution {
namespace {

std::vector<Break> Compare(const std::string& narrow, const std::string& wide, bool strict = false) {
  const auto from = Compiled(narrow);
  const auto to = Compiled(wide);
  return Inclusion(from->root(), strict, to->root(), strict);
}

TEST(Inclusion, ABreakNamesPlaceReasonAndEvent) {
  const auto breaks =
      Compare(R"({"type": "object", "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 150}}})",
              R"({"type": "object", "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 120}}})", true);
  ASSERT_EQ(breaks.size(), 1u);
  EXPECT_EQ(breaks[0].wide_pointer, "#/properties/age/maximum");
  EXPECT_EQ(breaks[0].narrow_pointer, "#/properties/age");
  EXPECT_EQ(breaks[0].instance, "/age");
  EXPECT_EQ(breaks[0].message, "the maximum is 120, the other version says 150");
  EXPECT_TRUE(breaks[0].proven());
}

TEST(Inclusion, EveryBreakIsTold) {
  const auto breaks = Compare(
      R"({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {}}})",
      R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "string", "maxLength": 3}}})",
      true);
  std::vector<std::string> places;
  for (const Break& one : breaks) {
    places.push_back(one.instance + " " + one.wide_pointer);
    EXPECT_TRUE(one.proven()) << places.back();
  }
  const std::vector<std::string> expected = {" #/required", "/a #/properties/a/type", "/b #/properties/b/maxLength",
                                             "/c #"};
  EXPECT_EQ(places, expected);
}

TEST(Inclusion, WhatCannotBeShownSaysSo) {
  const auto breaks = Compare(R"({"type": "string", "pattern": "^ab"})", R"({"type": "string", "pattern": "^a"})");
  ASSERT_EQ(breaks.size(), 1u);
  EXPECT_FALSE(breaks[0].proven());
  EXPECT_EQ(breaks[0].wide_pointer, "#/pattern");
}

TEST(Inclusion, StrictnessOfEachSide) {
  const auto schema = Compiled(R"({"type": "object", "properties": {"a": {"type": "integer"}}})");
  EXPECT_TRUE(Inclusion(schema->root(), true, schema->root(), false).empty());
  const auto breaks = Inclusion(schema->root(), false, schema->root(), true);
  ASSERT_FALSE(breaks.empty());
  EXPECT_TRUE(breaks[0].proven());
}

// Work is bounded: no pair of schemas may take long or deep, and what is not finished is not called included.
TEST(Inclusion, TooComplexIsABreak) {
  // Alternatives within alternatives: 4^12 forms.
  std::string many = R"({"type": "object", "allOf": [)";
  for (int i = 0; i < 12; ++i) {
    many += i == 0 ? "" : ",";
    many += R"({"anyOf": [)";
    for (int j = 0; j < 4; ++j) {
      many += (j == 0 ? "" : ",") + std::string(R"({"required": ["m)") + std::to_string(i) + "_" + std::to_string(j) +
              "\"]}";
    }
    many += "]}";
  }
  many += "]}";
  EXPECT_FALSE(Compare(many, R"({"required": ["m0_0"]})").empty());
  // Nested deeper than is looked at, the difference at the bottom.
  const auto nested = [](const std::string& bottom) {
    std::string text = bottom;
    for (int i = 0; i < 150; ++i) text = R"({"type": "object", "properties": {"a": )" + text + "}}";
    return text;
  };
  EXPECT_FALSE(Compare(nested(R"({"type": "integer"})"), nested(R"({"type": "number"})")).empty());
  EXPECT_TRUE(Compare(nested(R"({"type": "integer"})"), nested(R"({"type": "integer"})")).empty());
  // Each definition refers twice to the next: 2^30 ways down.
  const auto diamonds = [](const std::string& bottom) {
    std::string text = R"({"$ref": "#/$defs/d0", "$defs": {)";
    for (int i = 0; i < 30; ++i) {
      const std::string next = R"({"$ref": "#/$defs/d)" + std::to_string(i + 1) + "\"}";
      text += "\"d" + std::to_string(i) + R"(": {"properties": {"l": )" + next + R"(, "r": )" + next + "}},";
    }
    return text + R"("d30": )" + bottom + "}}";
  };
  EXPECT_TRUE(Compare(diamonds(R"({"type": "integer"})"), diamonds(R"({"type": "number"})")).empty());
  EXPECT_FALSE(Compare(diamonds(R"({"type": "number"})"), diamonds(R"({"type": "integer"})")).empty());
  // Not of not of recursion, and a recursion that only ends where it does not hold.
  const std::string knot =
      R"({"$ref": "#/$defs/a", "$defs": {"a": {"not": {"properties": {"n": {"$ref": "#/$defs/a"}}, "not": {"required": ["n"]}}}}})";
  Compare(knot, R"({"not": {"type": "string"}})");
  Compare(R"({"not": {"type": "string"}})", knot);
}

TEST(Same, NamesOfDefinitionsDoNotMatter) {
  const auto a = Compiled(R"({"properties": {"x": {"$ref": "#/$defs/p"}}, "$defs": {"p": {"type": "string"}}})");
  const auto b = Compiled(R"({"properties": {"x": {"$ref": "#/$defs/q"}}, "$defs": {"q": {"type": "string"}}})");
  const auto c = Compiled(R"({"properties": {"x": {"$ref": "#/$defs/q"}}, "$defs": {"q": {"type": "number"}}})");
  EXPECT_TRUE(IsSame(a->root(), b->root()));
  EXPECT_FALSE(IsSame(a->root(), c->root()));
}

TEST(Values, IntegersAtBounds) {
  const auto of = [](const char* text) { return Decimal::Parse(text); };
  EXPECT_EQ(LeastInteger(of("0.5"), false), 1);
  EXPECT_EQ(LeastInteger(of("-0.5"), false), 0);
  EXPECT_EQ(LeastInteger(of("3"), false), 3);
  EXPECT_EQ(LeastInteger(of("3"), true), 4);
  EXPECT_EQ(GreatestInteger(of("3"), false), 3);
  EXPECT_EQ(GreatestInteger(of("3"), true), 2);
  EXPECT_EQ(GreatestInteger(of("-2.5"), false), -3);
  EXPECT_EQ(LeastInteger(of("1e20"), false), std::nullopt);
}

TEST(NamePatterns, BeginningsExcludeAndImplyEachOther) {
  EXPECT_FALSE(MayMatchTogether({"^a", "^b"}, {"^a", "^b"}));
  EXPECT_TRUE(MayMatchTogether({"^a", "^ab"}, {"^a", "^ab"}));
  EXPECT_FALSE(MayMatchTogether({"^ab"}, {"^a", "^ab"}));
  EXPECT_TRUE(MayMatchTogether({"^a"}, {"^a", "^ab"}));
  EXPECT_TRUE(MayMatchTogether({"a+", "^b"}, {"a+", "^b"}));
  EXPECT_FALSE(MayMatchTogether({}, {".*"}));
}

}  // namespace
}  // namespace datahub::contract::evolution
