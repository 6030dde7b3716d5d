#include <filesystem>
#include <fstream>

#include <fmt/format.h>

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
