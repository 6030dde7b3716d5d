#include <fmt/format.h>

#include "datahub/query/display_width.h"
#include "datahub/query/test_project.h"
#include "datahub/query/value_text.h"

namespace datahub::query {
namespace {

// The one value of `SELECT <expression>` in CSV and in JSON.
std::string Both(const std::string& expression) {
  TestProject project;
  std::string csv = project.Rows("SELECT " + expression + " AS x");
  std::string json = project.Json("SELECT " + expression + " AS x");
  if (!csv.empty()) csv.pop_back();
  if (json.starts_with("{\"x\":")) json = json.substr(5, json.size() - 7);
  return csv + " | " + json;
}

TEST(OutputTest, Numbers) {
  EXPECT_EQ(Both("CAST(-128 AS TINYINT)"), "-128 | -128");
  EXPECT_EQ(Both("CAST(255 AS UTINYINT)"), "255 | 255");
  EXPECT_EQ(Both("CAST(-32768 AS SMALLINT)"), "-32768 | -32768");
  EXPECT_EQ(Both("CAST(65535 AS USMALLINT)"), "65535 | 65535");
  EXPECT_EQ(Both("CAST(-2147483648 AS INTEGER)"), "-2147483648 | -2147483648");
  EXPECT_EQ(Both("CAST(4294967295 AS UINTEGER)"), "4294967295 | 4294967295");
  EXPECT_EQ(Both("CAST(-9223372036854775808 AS BIGINT)"), "-9223372036854775808 | -9223372036854775808");
  EXPECT_EQ(Both("CAST(18446744073709551615 AS UBIGINT)"), "18446744073709551615 | 18446744073709551615");
  EXPECT_EQ(Both("CAST('-170141183460469231731687303715884105728' AS HUGEINT)"),
            "-170141183460469231731687303715884105728 | -170141183460469231731687303715884105728");
  EXPECT_EQ(Both("CAST('340282366920938463463374607431768211455' AS UHUGEINT)"),
            "340282366920938463463374607431768211455 | 340282366920938463463374607431768211455");
  EXPECT_EQ(Both("CAST(1.5 AS FLOAT)"), "1.5 | 1.5");
  EXPECT_EQ(Both("CAST(0.1 AS DOUBLE)"), "0.1 | 0.1");
  EXPECT_EQ(Both("CAST(3 AS DOUBLE)"), "3.0 | 3.0");
  EXPECT_EQ(Both("1e300"), "1e+300 | 1e+300");
  EXPECT_EQ(Both("CAST('nan' AS DOUBLE)"), "nan | null");
  EXPECT_EQ(Both("CAST('-inf' AS FLOAT)"), "-inf | null");
  EXPECT_EQ(Both("true"), "true | true");
}

TEST(OutputTest, Decimals) {
  EXPECT_EQ(Both("CAST(-0.5 AS DECIMAL(4, 2))"), "-0.50 | -0.50");       // int16
  EXPECT_EQ(Both("CAST(12.345 AS DECIMAL(9, 3))"), "12.345 | 12.345");   // int32
  EXPECT_EQ(Both("CAST(12.345 AS DECIMAL(18, 3))"), "12.345 | 12.345");  // int64
  EXPECT_EQ(Both("CAST('0.00000000000000000000000000000000000001' AS DECIMAL(38, 38))"),
            "0.00000000000000000000000000000000000001 | 0.00000000000000000000000000000000000001");
  EXPECT_EQ(Both("CAST(7 AS DECIMAL(38, 0))"), "7 | 7");
}

TEST(OutputTest, Times) {
  EXPECT_EQ(Both("DATE '2026-01-31'"), "2026-01-31 | \"2026-01-31\"");
  EXPECT_EQ(Both("DATE '0044-03-15 (BC)'"), "-0043-03-15 | \"-0043-03-15\"");
  EXPECT_EQ(Both("DATE '12026-01-31'"), "12026-01-31 | \"12026-01-31\"");
  EXPECT_EQ(Both("DATE 'infinity'"), "infinity | \"infinity\"");
  EXPECT_EQ(Both("TIMESTAMP '2026-01-31 12:34:56'"), "2026-01-31T12:34:56 | \"2026-01-31T12:34:56\"");
  EXPECT_EQ(Both("TIMESTAMP '1969-12-31 23:59:59.999999'"),
            "1969-12-31T23:59:59.999999 | \"1969-12-31T23:59:59.999999\"");
  EXPECT_EQ(Both("TIMESTAMPTZ '2026-01-31 12:34:56.50+02:00'"), "2026-01-31T10:34:56.5Z | \"2026-01-31T10:34:56.5Z\"");
  EXPECT_EQ(Both("TIMESTAMPTZ '-infinity'"), "-infinity | \"-infinity\"");
  EXPECT_EQ(Both("TIMESTAMP_S '2026-01-31 12:34:56'"), "2026-01-31T12:34:56 | \"2026-01-31T12:34:56\"");
  EXPECT_EQ(Both("TIMESTAMP_MS '2026-01-31 12:34:56.789'"), "2026-01-31T12:34:56.789 | \"2026-01-31T12:34:56.789\"");
  EXPECT_EQ(Both("TIMESTAMP_NS '2026-01-31 12:34:56.123456789'"),
            "2026-01-31T12:34:56.123456789 | \"2026-01-31T12:34:56.123456789\"");
  EXPECT_EQ(Both("TIME '01:02:03.000004'"), "01:02:03.000004 | \"01:02:03.000004\"");
  EXPECT_EQ(Both("TIMETZ '01:02:03-05:30'"), "01:02:03-05:30 | \"01:02:03-05:30\"");
  EXPECT_EQ(Both("INTERVAL '14 months 3 days 4 hours 5.5 seconds'"),
            "1 year 2 months 3 days 04:00:05.5 | \"1 year 2 months 3 days 04:00:05.5\"");
  EXPECT_EQ(Both("INTERVAL '-1 second'"), "-00:00:01 | \"-00:00:01\"");
  EXPECT_EQ(Both("INTERVAL '0 days'"), "00:00:00 | \"00:00:00\"");
}

// Each day of some centuries, against DuckDB's own text.
TEST(OutputTest, DatesAgreeWithDuckDB) {
  TestProject project;
  std::string text;
  const Result<Answer> answer = project.Run(
      "SELECT d, strftime(d, '%Y-%m-%d') FROM (SELECT CAST(DATE '1580-01-01' + CAST(range * 3 AS INT) AS DATE) AS d "
      "FROM range(100000))",
      &text);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->rows, 100'000u);
  for (size_t at = text.find('\n') + 1; at < text.size(); at += 23) {
    ASSERT_EQ(text.substr(at, 10), text.substr(at + 11, 10));
  }
}

TEST(OutputTest, TheSmallestTimestampsDoNotOverflow) {
  std::string text;
  AppendTimestamp(text, INT64_MIN, 1'000'000, false);
  EXPECT_EQ(text, "-290308-12-21T19:59:05.224192");
  text.clear();
  AppendTimestamp(text, INT64_MIN + 2, 1'000'000'000, false);
  EXPECT_EQ(text, "1677-09-21T00:12:43.145224194");
}

TEST(OutputTest, TextsAndBytes) {
  EXPECT_EQ(Both("'plain'"), "plain | \"plain\"");
  EXPECT_EQ(Both("''"), "\"\" | \"\"");
  EXPECT_EQ(Both("NULL"), " | null");
  EXPECT_EQ(Both("CAST(NULL AS BIGINT)"), " | null");
  EXPECT_EQ(Both("'a,\"b\"'"), "\"a,\"\"b\"\"\" | \"a,\\\"b\\\"\"");
  EXPECT_EQ(Both("'line' || chr(10) || chr(1) || 'é'"), "\"line\n\x01é\" | \"line\\n\\u0001é\"");
  EXPECT_EQ(Both("'longer than twelve bytes'"), "longer than twelve bytes | \"longer than twelve bytes\"");
  EXPECT_EQ(Both("' x'"), "\" x\" | \" x\"");
  EXPECT_EQ(Both("BLOB '\\x00\\xFFab'"), "AP9hYg== | \"AP9hYg==\"");
  EXPECT_EQ(Both("BLOB 'abc'"), "YWJj | \"YWJj\"");
  EXPECT_EQ(Both("BIT '0101001110'"), "0101001110 | \"0101001110\"");
  EXPECT_EQ(Both("UUID 'f1234567-89ab-cdef-0123-456789abcdef'"),
            "f1234567-89ab-cdef-0123-456789abcdef | \"f1234567-89ab-cdef-0123-456789abcdef\"");
  EXPECT_EQ(Both("UUID '00000000-0000-0000-0000-000000000001'"),
            "00000000-0000-0000-0000-000000000001 | \"00000000-0000-0000-0000-000000000001\"");
  EXPECT_EQ(Both("CAST('b' AS ENUM('a', 'b'))"), "b | \"b\"");
}

TEST(OutputTest, Nested) {
  EXPECT_EQ(Both("[1, NULL, 3]"), "\"[1,null,3]\" | [1,null,3]");
  EXPECT_EQ(Both("CAST([] AS INTEGER[])"), "[] | []");
  EXPECT_EQ(Both("CAST([1, 2] AS INTEGER[2])"), "\"[1,2]\" | [1,2]");
  EXPECT_EQ(Both("{'a': 'x\"', 'b': [DATE '2026-01-01'], 'c': NULL}"),
            "\"{\"\"a\"\":\"\"x\\\"\"\"\",\"\"b\"\":[\"\"2026-01-01\"\"],\"\"c\"\":null}\" | "
            "{\"a\":\"x\\\"\",\"b\":[\"2026-01-01\"],\"c\":null}");
  EXPECT_EQ(Both("row(1, 'b')"), "\"[1,\"\"b\"\"]\" | [1,\"b\"]");
  EXPECT_EQ(Both("MAP {'k': [1], 'l': NULL}"), "\"{\"\"k\"\":[1],\"\"l\"\":null}\" | {\"k\":[1],\"l\":null}");
  EXPECT_EQ(Both("MAP {1: true}"), "\"{\"\"1\"\":true}\" | {\"1\":true}");
  EXPECT_EQ(Both("CAST(union_value(num := 7) AS UNION(num BIGINT, txt VARCHAR))"), "7 | 7");
  EXPECT_EQ(Both("CAST('seven' AS UNION(num BIGINT, txt VARCHAR))"), "\"\"\"seven\"\"\" | \"seven\"");
  EXPECT_EQ(Both("CAST('{\"a\":\n [1, 2.50]}' AS JSON)"), "\"{\"\"a\"\":\n [1, 2.50]}\" | {\"a\":[1,2.50]}");
  EXPECT_EQ(Both("[{'a': [[1], NULL]}, NULL]"), "\"[{\"\"a\"\":[[1],null]},null]\" | [{\"a\":[[1],null]},null]");
}

TEST(OutputTest, NestedValuesOverManyChunks) {
  TestProject project;
  std::string text;
  const Result<Answer> answer = project.Run(
      "SELECT {'c': 'constant text, long enough', 'n': range, 'l': list_value(range, 1)} AS s FROM range(5000)", &text,
      Format::kJson);
  ASSERT_TRUE(answer);
  size_t at = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string line =
        fmt::format("{{\"s\":{{\"c\":\"constant text, long enough\",\"n\":{},\"l\":[{},1]}}}}\n", i, i);
    ASSERT_EQ(text.substr(at, line.size()), line);
    at += line.size();
  }
  EXPECT_EQ(at, text.size());
}

TEST(OutputTest, EveryTypeOfDuckDBHasTextOrIsRefused) {
  TestProject project;
  EXPECT_NE(project.Failure("SELECT CAST(1 AS BIGNUM) AS b").find("the type of column 'b' is BIGNUM; cast it"),
            std::string::npos);
  const std::string all = project.Json("SELECT * EXCLUDE (\"bignum\", geometry) FROM test_all_types()");
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << all.substr(0, 300);
}

TEST(OutputTest, JsonKeysOfOneObjectDiffer) {
  TestProject project;
  EXPECT_EQ(project.Json("SELECT 1 AS a, 2 AS a, 3 AS \"a\"\"\", 4 AS a_1"),
            "{\"a\":1,\"a_1\":2,\"a\\\"\":3,\"a_1_1\":4}\n");
}

TEST(OutputTest, CsvHasAHeaderAndCrlf) {
  TestProject project;
  std::string text;
  ASSERT_TRUE(project.Run("SELECT 1 AS a, 'x' AS \"b,c\"", &text, Format::kCsv));
  EXPECT_EQ(text, "a,\"b,c\"\r\n1,x\r\n");
}

std::string Table(TestProject& project, const std::string& sql) {
  std::string text;
  const Result<Answer> answer = project.Run(sql, &text, Format::kTable);
  return answer ? text : "error: " + answer.error().message;
}

TEST(OutputTest, TablesAreAligned) {
  TestProject project;
  EXPECT_EQ(Table(project, "SELECT * FROM (VALUES (1, 'é'), (22, NULL), (NULL, '日本')) t(n, t)"),
            "┌──────┬──────┐\n"
            "│    n │ t    │\n"
            "├──────┼──────┤\n"
            "│    1 │ é    │\n"
            "│   22 │ NULL │\n"
            "│ NULL │ 日本 │\n"
            "└──────┴──────┘\n"
            "(3 rows)\n");
  EXPECT_NE(Table(project, "SELECT 1").find("(1 row)\n"), std::string::npos);
}

TEST(OutputTest, TablesHaveALimitAndSaySo) {
  TestProject project;
  project.output.rows_max = 3000;
  const std::string text = Table(project, "FROM range(100000000000)");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3000 + 5);
  EXPECT_NE(text.find("the first 3000 rows; there are more: use LIMIT, --json or --csv\n"), std::string::npos);
  project.output.rows_max = 2;
  EXPECT_NE(Table(project, "FROM range(2)").find("(2 rows)"), std::string::npos);
}

TEST(OutputTest, TablesFitTheTerminal) {
  TestProject project;
  project.output.width_max = 30;
  EXPECT_EQ(Table(project, "SELECT 123456789 AS n, repeat('long ', 20) AS t"),
            "┌───────────┬────────────────┐\n"
            "│         n │ t              │\n"
            "├───────────┼────────────────┤\n"
            "│ 123456789 │ long long lon… │\n"
            "└───────────┴────────────────┘\n"
            "(1 row)\n");
}

TEST(OutputTest, TablesCannotSteerTheTerminal) {
  TestProject project;
  EXPECT_NE(
      Table(project, "SELECT chr(27) || '[31mred' || chr(10) || chr(155) AS t").find("│ \\x1B[31mred\\n\\xC2\\x9B │"),
      std::string::npos);
  EXPECT_NE(Table(project, "SELECT BLOB 'ab\\x00\\xFF' AS b").find("│ ab\\x00\\xFF │"), std::string::npos);
  EXPECT_LT(Table(project, "SELECT repeat('é', 100000) AS t").size(), 40'000u);
}

TEST(OutputTest, WidthsOfCharacters) {
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);  // combining acute
  EXPECT_EQ(DisplayWidth("😀"), 2u);
  EXPECT_EQ(DisplayWidth("\xFF"), 1u);
  EXPECT_EQ(CutToWidth("日本語", 4), "日…");
  EXPECT_EQ(CutToWidth("abc", 3), "abc");
}

}  // namespace
}  // namespace datahub::query
