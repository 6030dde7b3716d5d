#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "datahub/query/script.h"
#include "datahub/query/session.h"
#include "datahub/query/table_view.h"
#include "datahub/query/test_project.h"

namespace datahub::query {
namespace {

using record::Kind;

class SafetyTest : public testing::Test {
 protected:
  SafetyTest() {
    project.AddTable("users", {MakeField("id", Kind::kInt64)}, {});
    project.AddFile("users", {}, "SELECT CAST(7 AS BIGINT) AS id");
    secret = project.Location("secret.csv");
    out = project.Location("out.csv");
    std::ofstream(secret) << "secret\n42\n";
    file = project.Location(project.ledger.files["users"][0].key);
  }

  TestProject project;
  std::string secret;  // a file that is no table's
  std::string out;     // one that must never come to be
  std::string file;    // the table's
};

TEST_F(SafetyTest, StatementsThatDoMoreThanReadAreRefused) {
  for (const std::string& sql : {
           fmt::format("COPY (SELECT 1) TO '{}'", out),
           fmt::format("COPY users TO '{}'", out),
           fmt::format("COPY (SELECT 1 AS id) TO '{}' (FORMAT parquet)", file),
           fmt::format("/* SELECT */ copy (SELECT 1) to '{}'", out),
           fmt::format("EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", out),
           fmt::format("EXPLAIN (ANALYZE) COPY (SELECT 1 AS id) TO '{}'", file),
           fmt::format("EXPLAIN EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", out),
           fmt::format("SELECT 1; COPY (SELECT 1) TO '{}'", out),
           fmt::format("ATTACH '{}'", out),
           fmt::format("ATTACH DATABASE '{}' AS other (TYPE sqlite)", out),
           fmt::format("EXPORT DATABASE '{}'", out),
           fmt::format("IMPORT DATABASE '{}'", out),
           std::string("DETACH memory"),
           std::string("INSTALL httpfs"),
           std::string("FORCE INSTALL httpfs"),
           std::string("LOAD httpfs"),
           std::string("LOAD '/tmp/evil.duckdb_extension'"),
           std::string("SET threads = 64"),
           std::string("SET enable_external_access = true"),
           std::string("SET GLOBAL lock_configuration = false"),
           std::string("SET VARIABLE datahub_files_0 = ['/etc/passwd']"),
           std::string("RESET lock_configuration"),
           std::string("PRAGMA enable_external_access = true"),
           std::string("PRAGMA table_info('users')"),
           std::string("CALL pragma_version()"),
           std::string("CALL enable_logging()"),
           std::string("CREATE TABLE x (i INT)"),
           std::string("CREATE TEMP TABLE x AS SELECT 1"),
           std::string("CREATE OR REPLACE VIEW users AS SELECT 1 AS id"),
           std::string("CREATE MACRO one() AS 1"),
           std::string("CREATE SECRET s (TYPE s3)"),
           std::string("DROP VIEW users"),
           std::string("ALTER VIEW users RENAME TO losers"),
           std::string("INSERT INTO users VALUES (1)"),
           std::string("EXPLAIN ANALYZE INSERT INTO datahub.files SELECT * FROM datahub.files"),
           std::string("UPDATE datahub.files SET rows = 0"),
           std::string("DELETE FROM datahub.files"),
           std::string("TRUNCATE datahub.files"),
           std::string("MERGE INTO datahub.files USING users ON true WHEN MATCHED THEN DELETE"),
           std::string("WITH x AS (SELECT 1) INSERT INTO datahub.files SELECT * FROM x"),
           std::string("WITH x AS (DELETE FROM datahub.files RETURNING *) SELECT * FROM x"),
           std::string("BEGIN"),
           std::string("COMMIT"),
           std::string("USE main"),
           std::string("VACUUM"),
           std::string("ANALYZE"),
           std::string("CHECKPOINT"),
           std::string("PREPARE p AS SELECT 1"),
           std::string("EXECUTE p"),
           std::string("COMMENT ON VIEW users IS 'x'"),
           std::string("PIVOT users ON id USING count(*)"),
       }) {
    std::string text;
    const Result<Answer> answer = project.Run(sql, &text);
    ASSERT_FALSE(answer) << sql << " gave " << text;
    EXPECT_EQ(answer.error().code, Code::kInvalidInput) << sql << ": " << answer.error().message;
    EXPECT_EQ(text, "") << sql;
  }
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(project.Rows("SELECT id FROM users"), "7\n");
}

TEST_F(SafetyTest, TheMessageSaysWhatIsAllowed) {
  const std::string message = project.Failure("INSERT INTO nothing VALUES (1)");
  EXPECT_NE(message.find("INSERT is not allowed: SQL here only reads"), std::string::npos) << message;
  EXPECT_NE(project.Failure(fmt::format("FROM '{}'", secret)).find("reads the project's tables, no other files"),
            std::string::npos);
  EXPECT_NE(project.Failure("PIVOT users ON id USING count(*)").find("PIVOT … ON column IN"), std::string::npos);
}

TEST_F(SafetyTest, OtherFilesCannotBeRead) {
  for (const std::string& sql : {
           fmt::format("FROM '{}'", secret),
           fmt::format("SELECT * FROM read_csv('{}')", secret),
           fmt::format("SELECT * FROM read_text('{}')", secret),
           fmt::format("SELECT * FROM read_blob('{}')", secret),
           fmt::format("SELECT * FROM read_json('{}')", secret),
           fmt::format("SELECT * FROM sniff_csv('{}')", secret),
           fmt::format("SELECT * FROM parquet_metadata('{}')", secret),
           fmt::format("SELECT * FROM glob('{}/*')", std::filesystem::path(secret).parent_path().string()),
           fmt::format("SELECT * FROM read_text('{}/../../../../../../etc/passwd')",
                       std::filesystem::path(file).parent_path().string()),
           fmt::format("EXPLAIN ANALYZE SELECT * FROM read_csv('{}')", secret),
           fmt::format("SELECT * FROM query('FROM read_text(''{}'')')", secret),
           fmt::format("WITH x AS (FROM read_text('{}')) FROM x", secret),
           fmt::format("DESCRIBE SELECT * FROM '{}'", secret),
           fmt::format("SUMMARIZE FROM '{}'", secret),
           std::string("SELECT * FROM read_text('/etc/passwd')"),
           std::string("SELECT * FROM read_csv('https://example.org/x.csv')"),
           std::string("SELECT * FROM 's3://bucket/x.parquet'"),
           std::string("SELECT * FROM duckdb_secrets()"),
           std::string("SELECT * FROM sqlite_scan('x.db', 't')"),
           std::string("SELECT getenv('HOME')"),
       }) {
    const std::string message = project.Failure(sql);
    EXPECT_EQ(message.find("no error"), std::string::npos) << sql << ": " << message;
  }
}

// Whatever stands for the call, wherever it stands.
TEST_F(SafetyTest, FunctionsThatAreNotOnTheListCannotBeCalled) {
  Session session = *Session::Open(project.options);
  const Snapshot snapshot = project.TaskOf("FROM users", {})->snapshot;
  ASSERT_TRUE(TableView("main", snapshot.tables[0].columns).Create(session, snapshot.tables[0].files));
  Script script(session, {"users"}, 2);
  const auto failure = [&](const std::string& sql) {
    const auto prepared = script.Prepare(sql);
    return prepared ? std::string("no error") : prepared.error().message;
  };
  for (const char* call :
       {"getenv('HOME')", "\"getenv\"('HOME')", "main.getenv('HOME')", "\"system\".main.\"GetEnv\" ('HOME')",
        "getenv /* x */ ('HOME')", "('HOME').getenv()", "current_setting('threads')", "getvariable('datahub_files_0')",
        "write_log('x')", "nextval('x')", "pg_sleep(1)"}) {
    for (const char* place : {"SELECT {}",
                              "SELECT DISTINCT ON ({}) 1",
                              "SELECT 1 FROM users WHERE {} = ''",
                              "SELECT 1 FROM users GROUP BY {}",
                              "SELECT count(*) FROM users HAVING {} = ''",
                              "SELECT 1 FROM users QUALIFY {} = ''",
                              "SELECT 1 ORDER BY {}",
                              "SELECT 1 LIMIT {}",
                              "SELECT string_agg(id, {}) FROM users",
                              "SELECT sum(id ORDER BY {}) FROM users",
                              "SELECT sum(id) FILTER ({} = '') FROM users",
                              "SELECT sum(id) OVER (PARTITION BY {}) FROM users",
                              "SELECT sum(id) OVER w FROM users WINDOW w AS (ORDER BY {})",
                              "SELECT 1 FROM users JOIN users u ON {} = ''",
                              "SELECT * FROM users, LATERAL (SELECT {})",
                              "WITH x AS (SELECT {}) FROM x",
                              "WITH RECURSIVE x AS (SELECT '' UNION SELECT {}) FROM x",
                              "SELECT 1 UNION ALL SELECT {}",
                              "SELECT (SELECT {})",
                              "SELECT id IN (SELECT {}) FROM users",
                              "SELECT CASE WHEN true THEN {} END",
                              "SELECT [x FOR x IN [{}]]",
                              "SELECT list_transform([1], x -> {})",
                              "SELECT list_transform([1], LAMBDA x: {})",
                              "SELECT * REPLACE ({} AS id) FROM users",
                              "SELECT COLUMNS(x -> {} = x) FROM users",
                              "VALUES ({})",
                              "FROM unnest([{}])",
                              "FROM users AT (VERSION => {})",
                              "EXPLAIN SELECT {}",
                              "EXPLAIN (SELECT {})",
                              "EXPLAIN (FORMAT json) SELECT {}",
                              "EXPLAIN ANALYZE (SELECT {})",
                              "DESCRIBE SELECT {}",
                              "SUMMARIZE SELECT {}",
                              "PIVOT users ON id IN (7) USING count({})",
                              "UNPIVOT (SELECT {} AS a) ON a",
                              "SELECT 1; SELECT {}"}) {
      const std::string sql = fmt::format(fmt::runtime(place), call);
      const std::string message = failure(sql);
      EXPECT_NE(message.find("is not allowed: SQL here only reads"), std::string::npos) << sql << ": " << message;
    }
  }
  for (const char* from : {"enable_logging(storage = 'stdout')",
                           "enable_logging(storage := 'file')",
                           "enable_profiling()",
                           "\"ENABLE_LOGGING\"()",
                           "system.main.enable_logging()",
                           "disable_logging()",
                           "checkpoint()",
                           "force_checkpoint()",
                           "query('SELECT 1')",
                           "query_table('users')",
                           "duckdb_settings()",
                           "duckdb_logs",
                           "duckdb_logs()",
                           "pg_catalog.pg_settings",
                           "\"pg_settings\"",
                           "sniff_csv('x')",
                           "read_parquet('x')",
                           "parquet_metadata('x')",
                           "seq_scan('x')",
                           "json_execute_serialized_sql('x')",
                           "pragma_storage_info('users')",
                           "summary(users)",
                           "'x.csv'",
                           "\"x.parquet\"",
                           "'/etc/passwd'",
                           "'*.parquet'",
                           "'s3://x/y'",
                           "read_blob('x')"}) {
    for (const char* place :
         {"FROM {}", "SELECT 1 FROM users, {}", "WITH x AS (FROM {}) FROM x", "EXPLAIN ANALYZE FROM {}",
          "SELECT (SELECT 1 FROM {})", "DESCRIBE FROM {}", "PIVOT (FROM {}) ON a IN (1) USING count(*)"}) {
      const std::string sql = fmt::format(fmt::runtime(place), from);
      const std::string message = failure(sql);
      EXPECT_TRUE(message.find("is not allowed: SQL here only reads") != std::string::npos ||
                  message.find("is no table: SQL here reads") != std::string::npos)
          << sql << ": " << message;
    }
  }
  EXPECT_NE(project.Failure("SELECT uper('x')").find("did you mean upper()?"), std::string::npos);
}

TEST_F(SafetyTest, SyntaxThatStandsForFunctionsIsAllowed) {
  for (const char* sql :
       {"SELECT EXTRACT(year FROM DATE '2026-01-02'), INTERVAL 3 DAY, now() AT TIME ZONE 'UTC', current_date, "
        "current_user",
        "SELECT 'a' LIKE 'b' ESCAPE 'c', 'a' NOT ILIKE 'b', 'a' SIMILAR TO 'b', 'a' GLOB 'b', 'a' ~ 'b', 'a' !~ 'b'",
        "SELECT [1, 2][1], [1, 2][1:2], {'a': 1}.a, MAP {'a': 1}['a'], [x * 2 FOR x IN [1, 2] IF x > 1], (1, 2)",
        "SELECT 1 + 2 - 3 * 4 / 5 // 6 % 7 ** 2, -1, 5!, ~1, 1 & 2 | 3, 1 << 2 >> 1, 'a' || 'b', 'a' ^@ 'a', @ -1",
        "SELECT POSITION('a' IN 'b'), SUBSTRING('abc' FROM 1 FOR 2), TRIM(BOTH 'a' FROM 'b')",
        "SELECT COALESCE(NULL, 1), NULLIF(1, 2), IFNULL(1, 2), IF(true, 1, 2), TRY(1 / 0), CAST('1' AS INT), '1'::INT",
        "SELECT '{\"a\": 1}'::JSON ->> 'a', '{\"a\": 1}'::JSON -> '$.a', 'a' COLLATE de < 'b', 1 IS DISTINCT FROM 2",
        "SELECT row_number() OVER (), lag(id) OVER (ORDER BY id), count(*), sum(id) FILTER (id > 1) FROM users GROUP "
        "BY id",
        "SELECT grouping(id), grouping_id(id) FROM users GROUP BY ROLLUP (id)",
        "FROM generate_series(1, 3) t(i), unnest([1]) u(j)",
        "SELECT list_aggregate([1, 2], 'sum'), list_sum([1]), [3, 1].list_sort(), ('x').upper().length()",
        "SELECT mode(id), median(id), quantile_cont(id, 0.5), percentile_cont(0.5) WITHIN GROUP (ORDER BY id), "
        "listagg(id, ',') FROM users",
        "SELECT * FROM information_schema.tables", "SELECT * FROM duckdb_columns()", "FROM pragma_table_info('users')",
        "SELECT date_trunc('day', now()), strftime(now(), '%Y'), time_bucket(INTERVAL 1 DAY, now()), "
        "regexp_replace('a', 'b', 'c')"}) {
    const std::string rows = project.Rows(sql);
    EXPECT_FALSE(rows.starts_with("error: ")) << sql << ": " << rows;
  }
}

TEST_F(SafetyTest, FilesOfTablesNotNamedCannotBeReadEither) {
  EXPECT_NE(project
                .Failure(fmt::format("FROM read_parquet(replace('{}', 'XX', 'us'))",
                                     std::string(file).replace(file.find("users"), 2, "XX")))
                .find("query: "),
            std::string::npos);
}

TEST_F(SafetyTest, ReadingStatementsOfAllKindsAreAllowed) {
  for (const char* sql : {"SELECT id FROM users", "(SELECT id FROM users)", "FROM users", "TABLE users", "VALUES (1)",
                          "WITH x AS (FROM users) FROM x", "DESCRIBE users", "DESC users", "SHOW TABLES",
                          "SHOW ALL TABLES", "SUMMARIZE users", "EXPLAIN SELECT * FROM users",
                          "EXPLAIN ANALYZE SELECT * FROM users", "EXPLAIN (FORMAT json) SELECT 1",
                          "PIVOT users ON id IN (7) USING count(*)", "SELECT 1; SELECT 2;", "-- x\nSELECT 1"}) {
    const std::string rows = project.Rows(sql);
    EXPECT_FALSE(rows.starts_with("error: ")) << sql << ": " << rows;
  }
}

TEST_F(SafetyTest, NothingRunsWhenAnyStatementIsRefused) {
  std::string text;
  EXPECT_FALSE(project.Run("SELECT 1; DROP VIEW users", &text));
  EXPECT_EQ(text, "");
}

TEST_F(SafetyTest, ATextThatDuckDBWouldSeeOtherwiseIsRefused) {
  EXPECT_NE(project.Failure(std::string("SELECT 1\0; x", 12)).find("byte 8 of the SQL is zero"), std::string::npos);
  EXPECT_NE(project.Failure("").find("the SQL is empty"), std::string::npos);
  EXPECT_NE(project.Failure(";; -- nothing").find("the SQL is empty"), std::string::npos);
  EXPECT_NE(project.Failure("SELEC 1").find("syntax error"), std::string::npos);
  EXPECT_NE(project.Failure(std::string(kSqlBytesMax + 1, ' ')).find("are the limit"), std::string::npos);
}

}  // namespace
}  // namespace datahub::query
