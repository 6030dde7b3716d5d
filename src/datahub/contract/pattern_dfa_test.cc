// Tables against PCRE2: the same texts found.
#include "datahub/contract/pattern_dfa.h"

#include <random>

#include <gtest/gtest.h>

#include "datahub/contract/pattern.h"

namespace datahub::contract {
namespace {

constexpr uint64_t kSeed = 20261121;

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  std::string Expression(int depth) {
    std::string text;
    if (depth == 3 && Below(8) == 0) {
      static const char* const kRuns[] = {"^[a-c]+$", "^[0-9a-f]{8}$", "^[\\w-]{2,20}$",
                                          "^\\d*$",   "^[ -~]{9,}$",   "^a{3}$"};
      return kRuns[Below(std::size(kRuns))];
    }
    if (depth == 3 && Below(3) == 0) text += '^';
    for (size_t n = Below(4) + (depth == 3 ? 1 : 0); n > 0; --n) text += Quantified(depth);
    if (depth > 0 && Below(5) == 0) text += "|" + Expression(depth - 1);
    if (depth == 3 && Below(3) == 0) text += '$';
    return text;
  }
  std::string Text() {
    static const char* const kParts[] = {"a",  "b", "c", "ab", "0", "9", "-", "_",       " ",
                                         "\n", "é", "€", "😀",  "A", ".", "/", "\xC2\xA0"};
    std::string text;
    if (Below(4) == 0) return std::string(Below(40), "abc09-_ "[Below(8)]);
    for (size_t n = Below(8) * (Below(4) == 0 ? 5 : 1); n > 0; --n) text += kParts[Below(std::size(kParts))];
    return text;
  }

 private:
  size_t Below(size_t end) { return random_() % end; }

  std::string Quantified(int depth) {
    static const char* const kQuantifiers[] = {"", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"};
    return Term(depth) + kQuantifiers[Below(std::size(kQuantifiers))];
  }
  std::string Term(int depth) {
    static const char* const kTerms[] = {"a",     "b",        "c",   "ab",     "[a-c]",  "[^a]",   "[0-9_-]",  "\\d",
                                         "\\D",   "\\w",      "\\W", "\\s",    "\\S",    ".",      "é",        "[é-€]",
                                         "[^é😀]", "\\.",      "[]",  "[^]",    "[\\d-]", "[\\w.]", "[\\S\\n]", "\\/",
                                         "😀",     "[A-Za-z]", "-",   "[\\-a]", "\\$",    "_"};
    const size_t kind = Below(6);
    if (kind == 0 && depth > 0) return "(" + Expression(depth - 1) + ")";
    if (kind == 1 && depth > 0) return "(?:" + Expression(depth - 1) + ")";
    return kTerms[Below(std::size(kTerms))];
  }

  std::mt19937_64 random_;
};

TEST(PatternDfa, FindsWhatPcre2Finds) {
  Maker maker(kSeed);
  size_t tables = 0;
  size_t found = 0;
  size_t searches = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string expression = maker.Expression(3);
    const auto slow = Pattern::Compile(expression, Pattern::Engine::kPcre2);
    if (!slow) continue;
    const auto table = PatternDfa::Make(expression);
    tables += table.has_value();
    if (!table) continue;
    for (int n = 0; n < 30; ++n) {
      const std::string text = maker.Text();
      const Pattern::Outcome outcome = (*slow)->Search(text);
      if (outcome == Pattern::Outcome::kLimit) continue;
      ++searches;
      found += outcome == Pattern::Outcome::kFound;
      ASSERT_EQ(table->Search(text), outcome == Pattern::Outcome::kFound)
          << expression << " on '" << text << "', seed " << kSeed;
    }
  }
  EXPECT_GT(tables, 2000u);
  EXPECT_GT(found, searches / 5);
  EXPECT_LT(found, searches * 9 / 10);
}

TEST(PatternDfa, HasATableForWhatContractsSay) {
  for (const char* expression :
       {"^[0-9a-f]{32}$", "^[a-z]{2}(-[A-Z]{2})?$", "^-?\\d+\\.\\d{2}$", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "^x-",
        "\\.json$", "^(@[a-z0-9-]+/)?[a-z0-9-]+$", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "foo|bar", "^\\S+@\\S+$"}) {
    EXPECT_TRUE(PatternDfa::Make(expression)) << expression;
  }
}

TEST(PatternDfa, LeavesTheRestToPcre2) {
  for (const char* expression : {"(?=a)b", "(?!a)b", "(?<=a)b", "(a)\\1", "\\bword", "\\p{L}", "(?<year>\\d+)",
                                 "a{5000}", "(a{100}){100}", "(x+x+)+y{500}.*z{500}[^q]{3000}", "[a", "a)", "a**"}) {
    EXPECT_FALSE(PatternDfa::Make(expression)) << expression;
  }
}

}  // namespace
}  // namespace datahub::contract
