#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

TEST(StatementText, SplitsAtSemicolonsThatAreNotQuoted) {
  const auto split = [](std::string_view sql) { return SplitStatements(sql); };
  using List = std::vector<std::string>;
  EXPECT_EQ(split("a;b"), (List{"a", "b"}));
  EXPECT_EQ(split(" ; /* ; */ ;a -- ;\n;"), (List{"a -- ;\n"}));
  EXPECT_EQ(split("';''';b"), (List{"';'''", "b"}));
  EXPECT_EQ(split("\";\"\"\";b"), (List{"\";\"\"\"", "b"}));
  EXPECT_EQ(split("$$;$$;$t$;$$;$t$;b"), (List{"$$;$$", "$t$;$$;$t$", "b"}));
  EXPECT_EQ(split("E'\\';';b"), (List{"E'\\';'", "b"}));
  EXPECT_EQ(split("/* /* ; */ ; */ a; b"), (List{"/* /* ; */ ; */ a", " b"}));
  EXPECT_EQ(split("$1;a$b;c"), (List{"$1", "a$b", "c"}));
  EXPECT_EQ(split("'open;"), (List{"'open;"}));
  EXPECT_EQ(split("$$open;"), (List{"$$open;"}));
  EXPECT_EQ(split("/*open;"), List{});
  EXPECT_EQ(split("E'\\"), (List{"E'\\"}));
}

TEST(StatementText, FindsTheFirstWord) {
  EXPECT_EQ(FirstWord(" -- x\n /* y */ SeLeCt 1"), "select");
  EXPECT_EQ(FirstWord("(SELECT 1)"), "(");
  EXPECT_EQ(FirstWord("  "), "");
}

TEST(StatementText, FindsWhatIsExplained) {
  EXPECT_EQ(FirstWord(ExplainedStatement("EXPLAIN COPY x")), "copy");
  EXPECT_EQ(FirstWord(ExplainedStatement("explain /* a */ ANALYZE COPY x")), "copy");
  EXPECT_EQ(FirstWord(ExplainedStatement("explain (ANALYZE, FORMAT json) COPY x")), "copy");
  EXPECT_EQ(FirstWord(ExplainedStatement("explain (SELECT ')')")), "(");
  EXPECT_EQ(FirstWord(ExplainedStatement("explain")), "");
}

TEST(StatementText, Quotes) {
  EXPECT_EQ(QuotedText("it's"), "'it''s'");
  EXPECT_EQ(QuotedName("a\"b"), "\"a\"\"b\"");
  EXPECT_TRUE(Mentions("select * FROM Users", "users"));
  EXPECT_FALSE(Mentions("select * FROM user", "users"));
}

}  // namespace
}  // namespace datahub::query
