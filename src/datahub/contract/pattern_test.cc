#include "datahub/contract/pattern.h"

#include <gtest/gtest.h>

namespace datahub::contract {
namespace {

using Outcome = Pattern::Outcome;

bool Found(std::string_view expression, std::string_view text) {
  auto pattern = Pattern::Compile(expression);
  EXPECT_TRUE(pattern) << expression << ": " << pattern.error().message;
  return pattern && (*pattern)->Matches(text);
}

std::string Repeated(std::string_view piece, size_t times) {
  std::string text;
  while (times-- > 0) text += piece;
  return text;
}

std::string Refusal(std::string_view expression) {
  auto pattern = Pattern::Compile(expression);
  return pattern ? "" : pattern.error().message;
}

TEST(Pattern, IsNotAnchoredAndEndsOnlyAtTheEnd) {
  EXPECT_TRUE(Found("b", "abc"));
  EXPECT_FALSE(Found("^b", "abc"));
  EXPECT_TRUE(Found("c$", "abc"));
  EXPECT_FALSE(Found("c$", "abc\n"));
  EXPECT_FALSE(Found("^b", "a\nb"));
  EXPECT_TRUE(Found("", ""));
}

TEST(Pattern, SetsAreThoseOfEcma) {
  EXPECT_FALSE(Found("\\d", "\xE0\xA7\xAA"));  // BENGALI DIGIT FOUR
  EXPECT_TRUE(Found("^\\D$", "\xE0\xA7\xAA"));
  EXPECT_FALSE(Found("\\w", "\xC3\xA9"));
  EXPECT_TRUE(Found("^[\\w-]+$", "a_0-Z"));
  for (const char* space :
       {" ", "\t", "\n", "\v", "\f", "\r", "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\xA9", "\xE2\x80\x83"}) {
    EXPECT_TRUE(Found("^\\s$", space));
    EXPECT_TRUE(Found("^[x\\s]$", space));
    EXPECT_FALSE(Found("\\S", space));
    EXPECT_FALSE(Found("[\\S]", space));
  }
  for (const char* other : {"\x01", "\xC2\x85", "\xE1\xA0\x8E", "a", "\xF0\x9F\x98\x80"}) {
    EXPECT_FALSE(Found("\\s", other));
    EXPECT_TRUE(Found("^[\\S]$", other));
  }
  for (const char* end : {"\n", "\r", "\xE2\x80\xA8", "\xE2\x80\xA9"}) EXPECT_FALSE(Found(".", end));
  EXPECT_TRUE(Found("^.$", "\xF0\x9F\x98\x80"));
  EXPECT_TRUE(Found("^[^]$", "\n"));
  EXPECT_FALSE(Found("[]", "a"));
}

TEST(Pattern, Escapes) {
  EXPECT_TRUE(Found("^\\u0041\\x42\\u{43}\\cI\\0\\v\\/\\-\\.$", std::string_view("ABC\t\0\v/-.", 9)));
  EXPECT_TRUE(Found("^\\ud83d\\ude00$", "\xF0\x9F\x98\x80"));
  EXPECT_TRUE(Found("^\\u{1F600}+$", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"));
  EXPECT_TRUE(Found("^[\\u{1F600}-\\u{1F602}]$", "\xF0\x9F\x98\x81"));
  EXPECT_TRUE(Found("^[\\b\\-\\]\\\\]+$", "\b-]\\"));
  EXPECT_TRUE(Found("^a{2}b{1,}c{0,2}d{,5}{x}$", "aabcd{,5}{x}"));
  EXPECT_TRUE(Found("^é+日$", "éé日"));
  EXPECT_FALSE(Found("^é+$",
                     "é\xC3"
                     "\xA8"));
  EXPECT_TRUE(Found("#[a-f] x", "#a x"));
}

TEST(Pattern, Properties) {
  EXPECT_TRUE(Found("^\\p{Letter}+$", "Zürich"));
  EXPECT_TRUE(Found("^\\p{L}+\\P{L}$", "ö1"));
  EXPECT_TRUE(Found("^\\p{Lu}\\p{gc=Ll}\\p{General_Category=Decimal_Number}$", "Aa7"));
  EXPECT_TRUE(Found("^[\\p{Script=Greek}\\p{sc=Cyrl}]+$", "αж"));
  EXPECT_TRUE(Found("^\\p{Alphabetic}\\p{Emoji}\\p{ASCII}\\p{Assigned}\\P{Cn}\\p{Any}$", "é😀aaaa"));
  EXPECT_NE(Refusal("\\p{Greek}"), "");
  EXPECT_NE(Refusal("\\p{Xan}"), "");
  EXPECT_NE(Refusal("\\p{^L}"), "");
  EXPECT_NE(Refusal("\\p{Script=Klingon}"), "");
  EXPECT_NE(Refusal("\\pL"), "");
}

TEST(Pattern, GroupsAndReferences) {
  EXPECT_TRUE(Found("^(a)(b)\\2\\1$", "abba"));
  EXPECT_TRUE(Found("^(?<year>\\d{4})-\\k<year>$", "2020-2020"));
  EXPECT_TRUE(Found("^\\k<x>(?<x>a)$", "a"));  // not yet captured: empty
  EXPECT_TRUE(Found("^(?:(a)|b)\\1c$", "bc"));
  EXPECT_TRUE(Found("^(?=a)(?!b)[a-z]+(?<=c)(?<!d)$", "abc"));
  EXPECT_EQ(Refusal("^(a)\\10$"), "at byte 4: there is no group 10");
  EXPECT_TRUE(Found("^[(]a$", "(a"));
}

TEST(Pattern, RefusesWhatOnlyPcreKnowsAndWhatIsWrong) {
  for (const char* expression : {"(?i)a",    "(?P<n>a)", "(*UTF)a",  "(?>a)",
                                 "(?|a)",    "(?#c)",    "a++",      "a*+",
                                 "a{2}+",    "a**",      "*",        "+a",
                                 "a|*",      "(?:+)",    "^*",       "$+",
                                 "\\b+",     "(?=a)*",   "\\A",      "\\Z",
                                 "\\z",      "\\Q",      "\\h",      "\\R",
                                 "\\X",      "\\K",      "\\G",      "\\a",
                                 "\\e",      "\\N",      "\\o{7}",   "\\g1",
                                 "\\u12",    "\\ud800",  "\\udc00x", "\\u{110000}",
                                 "\\u{}",    "\\x1",     "\\c1",     "\\01",
                                 "\\1",      "(a)\\2",   "[\\1]",    "\\k<x>",
                                 "\\kx",     "[a-\\d]",  "[\\s-z]",  "[b-a]",
                                 "[a",       "(a",       "a)",       "(?<n>a)(?<n>b)",
                                 "(?<1>a)",  "(?<>a)",   "\\",       "a{2,1}",
                                 "(?<=a+)b", "[\\B]",    "\xFF"}) {
    EXPECT_NE(Refusal(expression), "") << expression;
  }
}

TEST(Pattern, NamesThePlace) { EXPECT_EQ(Refusal("ab(?i)"), "at byte 2: '(?i' is not ECMA-262"); }

TEST(Pattern, EndsAfterItsSteps) {
  const std::string hostile = Repeated("a", 60).append("b");
  const auto by_table = Pattern::Compile("^(a|a)*$");
  ASSERT_TRUE(by_table && (*by_table)->has_table());
  EXPECT_EQ((*by_table)->Search(hostile), Outcome::kNotFound);
  for (const char* expression : {"^(a|a)*$", "^(a|a)*\\1$"}) {
    const auto pattern = Pattern::Compile(expression, Pattern::Engine::kPcre2);
    ASSERT_TRUE(pattern);
    EXPECT_EQ((*pattern)->Search(hostile), Outcome::kLimit) << expression;
  }
}

// Each takes few steps that go over all of a long text, again and again: minutes without a count of what they go over.
TEST(Pattern, EndsOnLongTexts) {
  for (const char* expression : {"a(?=.*z)", "(?:aa)+$", "(a{1000}){1000}", "a\\w*\\d"}) {
    auto pattern = Pattern::Compile(expression, Pattern::Engine::kPcre2);
    ASSERT_TRUE(pattern) << expression;
    EXPECT_EQ((*pattern)->Search("z" + Repeated("a", 200'001).append("!")), Outcome::kLimit) << expression;
    EXPECT_NE((*pattern)->Search(Repeated("a", 2'000).append("!")), Outcome::kLimit) << expression;
  }
  auto whole = Pattern::Compile("^[^<>]*$", Pattern::Engine::kPcre2);
  EXPECT_EQ((*whole)->Search(Repeated("a", 1'000'000)), Outcome::kFound);
  EXPECT_EQ((*whole)->Search(Repeated("a", 1'000'000).append(">")), Outcome::kNotFound);
}

TEST(Pattern, LongTextsThatNeedAStack) {
  auto pattern = Pattern::Compile("^(?:(?:a|b)c?)*$", Pattern::Engine::kPcre2);
  ASSERT_TRUE(pattern);
  EXPECT_EQ((*pattern)->Search(Repeated("a", 20'000)), Outcome::kFound);
  EXPECT_EQ((*pattern)->Search(Repeated("b", 20'000).append("c")), Outcome::kFound);
}

TEST(Pattern, BoundsItsExpression) {
  EXPECT_EQ(Pattern::Compile(Repeated("a", Pattern::kTextBytesMax + 1)).error().code, Code::kLimit);
  EXPECT_NE(Refusal(Repeated("(", 30'000).append(Repeated(")", 30'000))), "");
}

}  // namespace
}  // namespace datahub::contract
