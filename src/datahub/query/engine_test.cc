#include "datahub/query/engine.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "datahub/query/query_process.h"
#include "datahub/query/test_project.h"

namespace datahub::query {
namespace {

using record::Kind;

TEST(EngineTest, AProjectThatNeverRanHasNoTables) {
  TestProject project;
  EXPECT_EQ(project.Rows("SELECT 1 + 1"), "2\n");
  const std::string message = project.Failure("FROM users");
  EXPECT_NE(message.find("there is no table 'users'; the project has no tables yet: `datahub run` makes them"),
            std::string::npos)
      << message;
}

TEST(EngineTest, AnUnknownTableNamesTheNearestAndAll) {
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt64)}, {});
  project.AddTable("orders", {MakeField("id", Kind::kInt64)}, {});
  const std::string message = project.Failure("FROM user");
  EXPECT_NE(message.find("there is no table 'user'; did you mean 'users'? Tables: orders, users, datahub.files"),
            std::string::npos)
      << message;
  EXPECT_EQ(message.find("pg_"), std::string::npos) << message;
  EXPECT_NE(project.Failure("FROM zzzzzzzzz").find("there is no table 'zzzzzzzzz'. Tables: orders, users"),
            std::string::npos);
}

TEST(EngineTest, AQueryEndsWhenItsTimeIsOver) {
  TestProject project;
  project.options.time_us_max = 100'000;
  std::string text;
  const Result<Answer> answer =
      project.Run("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 7", &text);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kTimeout) << answer.error().message;
  EXPECT_EQ(project.Rows("SELECT 1"), "1\n");
}

TEST(EngineTest, MoreStatementsThanMayBeAreRefusedBeforeOneRuns) {
  TestProject project;
  project.options.statements_max = 1;
  EXPECT_EQ(project.Rows("SELECT 1;"), "1\n");
  std::string text;
  const Result<Answer> answer = project.Run("SELECT 1; SELECT 2", &text);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kInvalidInput);
  EXPECT_EQ(text, "");
}

TEST(EngineTest, AnArrayHoldsTheObjectsOfTheLines) {
  TestProject project;
  for (const auto& [sql, expected] :
       {std::pair("SELECT range AS n FROM range(3)", "[{\"n\":0},\n{\"n\":1},\n{\"n\":2}]\n"),
        std::pair("SELECT 1 AS n WHERE false", "[]\n")}) {
    std::string text;
    ASSERT_TRUE(project.Run(sql, &text, Format::kJsonArray)) << sql;
    EXPECT_EQ(text, expected);
  }
  // More than a chunk, more than a buffer.
  std::string lines;
  std::string array;
  const std::string sql = "SELECT range AS n, repeat('x', 100) AS t FROM range(5000)";
  ASSERT_TRUE(project.Run(sql, &lines, Format::kJson));
  ASSERT_TRUE(project.Run(sql, &array, Format::kJsonArray));
  EXPECT_EQ(array.size(), lines.size() + 5000 - 1 + 2);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 5000);
  EXPECT_TRUE(lines.ends_with("}\n"));
}

TEST(EngineTest, AnUnknownColumnIsDuckDBsToExplain) {
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt64)}, {});
  EXPECT_NE(project.Failure("SELECT idd FROM users").find("\"idd\" not found"), std::string::npos);
}

TEST(EngineTest, SystemTablesAreFilledFromTheLedger) {
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt64)}, {"day"});
  project.AddFile("users", {{"day", "a%2Fb"}}, "SELECT CAST(1 AS BIGINT) AS id");
  project.AddFile("users", {{"day", "c"}}, "SELECT CAST(1 AS BIGINT) AS id");
  ledger::Commit commit;
  commit.id = {"p", {1, 255}, 7};
  commit.target = "p";
  commit.records = 10;
  commit.accepted = 9;
  commit.rejected = 1;
  commit.added.resize(2);
  commit.state = ledger::CommitState::kCommitted;
  commit.created_at_us = 1'000'000;
  commit.committed_at_us = 2'500'000;
  project.ledger.commits = {commit, commit};
  project.ledger.commits[1].state = ledger::CommitState::kIntent;
  project.ledger.commits[1].committed_at_us = 0;
  project.ledger.positions = {{{"inbox", "a.ndjson", "p"}, "{\"at\":5}"}};

  EXPECT_EQ(project.Rows("SELECT table_name, file, partition, rows, schema_version FROM datahub.files ORDER BY file"),
            "users,sales/users/day=a%2Fb/p-000001-00ff-000001-0.parquet,day=a%2Fb,1,1\n"
            "users,sales/users/day=c/p-000001-00ff-000002-0.parquet,day=c,1,1\n");
  EXPECT_EQ(project.Rows("SELECT pipeline, target, state, records, accepted, rejected, files_added, created_at, "
                         "committed_at FROM datahub.commits ORDER BY state"),
            "p,p,committed,10,9,1,2,1970-01-01T00:00:01Z,1970-01-01T00:00:02.5Z\n"
            "p,p,intent,10,9,1,2,1970-01-01T00:00:01Z,\n");
  EXPECT_EQ(project.Rows("SELECT table_name, partition, files, rows, registered FROM datahub.partitions ORDER BY 2"),
            "users,day=a%2Fb,1,1,false\nusers,day=c,1,1,false\n");
  EXPECT_EQ(project.Rows("SELECT * FROM DataHub.Positions"), "inbox,a.ndjson,p,\"{\"\"at\"\":5}\"\n");
  project.snapshot.commits_max = 1;
  EXPECT_EQ(project.Rows("SELECT count(*) FROM datahub.commits"), "1\n");
  // A join of both worlds.
  EXPECT_EQ(project.Rows("SELECT count(*) FROM users JOIN datahub.files ON day = 'c' AND partition = 'day=c'"), "1\n");
}

TEST(EngineTest, TheDatabaseMayHaveAnyName) {
  for (const char* name : {"main", "datahub", "memory", "sa\"les", "select", "", "Temp", "system"}) {
    TestProject project;
    project.snapshot.database = name;
    project.AddTable("users", {MakeField("id", Kind::kInt64)}, {});
    project.AddFile("users", {}, "SELECT CAST(1 AS BIGINT) AS id");
    EXPECT_EQ(project.Rows("SELECT id FROM users"), "1\n") << name;
    EXPECT_EQ(project.Rows("SELECT count(*) FROM datahub.files"), "1\n") << name;
  }
}

TEST(EngineTest, ASinkThatFailsEndsTheQuery) {
  TestProject project;
  for (const Format format : {Format::kTable, Format::kJson, Format::kCsv}) {
    int calls = 0;
    OutputOptions output;
    output.format = format;
    const Sink sink = [&](std::string_view) -> Result<void> {
      ++calls;
      return Error{Code::kUnavailable, "the reader went away"};
    };
    const Result<Answer> answer = project.RunInto("FROM range(100000000)", output, sink);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "the reader went away");
    EXPECT_EQ(calls, 1);
  }
}

TEST(EngineTest, RowsComeWhileTheQueryRuns) {
  TestProject project;
  size_t largest = 0;
  uint64_t bytes = 0;
  OutputOptions output;
  output.format = Format::kJson;
  const Result<Answer> answer =
      project.RunInto("FROM range(1000000)", output, [&](std::string_view text) -> Result<void> {
        largest = std::max(largest, text.size());
        bytes += text.size();
        return {};
      });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows, 1'000'000u);
  EXPECT_GT(bytes, 10'000'000u);
  EXPECT_LT(largest, 66'000u);
}

TEST(EngineTest, ErrorsInTheMiddleOfAResultAreErrors) {
  TestProject project;
  const std::string message = project.Failure("SELECT CAST(if(range = 500000, 'x', '1') AS INT) FROM range(1000000)");
  EXPECT_NE(message.find("Could not convert string 'x'"), std::string::npos) << message;
}

TEST(EngineTest, MemoryIsLimitedAndSpillsWhereItMay) {
  TestProject project;
  project.options.memory_bytes_max = 64 << 20;
  const std::string sql =
      "SELECT count(*) FROM (SELECT md5(CAST(range AS VARCHAR)) AS m, md5(CAST(range + 1 AS VARCHAR)) AS n "
      "FROM range(1500000) ORDER BY m, n OFFSET 1)";
  std::string text;
  const Result<Answer> answer = project.Run(sql, &text);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kLimit) << answer.error().message;
  std::filesystem::create_directories(project.Location(""));
  project.options.temp_folder = project.Location("temp");
  project.options.temp_bytes_max = 1 << 30;
  EXPECT_EQ(project.Rows(sql), "1499999\n");
}

TEST(EngineTest, SeveralStatementsGiveTheirResultsInOrder) {
  TestProject project;
  EXPECT_EQ(project.Json("SELECT 1 AS a; SELECT 2 AS b;"), "{\"a\":1}\n{\"b\":2}\n");
}

// Whatever DuckDB makes of it: an answer it may still give, an error says which file.
TEST(EngineTest, ErrorsOfDamagedFilesNameThem) {
  TestProject project;
  project.AddTable("t", {MakeField("i", Kind::kInt64), MakeField("s", Kind::kString)}, {});
  for (int file = 0; file < 2; ++file) {
    project.AddFile("t", {}, "SELECT range AS i, md5(range::VARCHAR) AS s FROM range(2000)");
  }
  const std::string& key = project.ledger.files["t"][1].key;
  std::fstream content(project.Location(key), std::ios::in | std::ios::out | std::ios::binary);
  std::minstd_rand random(7);
  size_t failures = 0;
  for (int round = 0; round < 60; ++round) {
    const auto at = static_cast<std::streamoff>(random() % project.ledger.files["t"][1].bytes);
    content.seekg(at);
    const char was = static_cast<char>(content.get());
    content.seekp(at).put(static_cast<char>(was ^ (1 << (random() % 8)))).flush();
    std::string text;
    const Result<Answer> answer = project.Run("SELECT max(i), max(s), count(dh_offset) FROM t", &text);
    if (!answer) {
      ++failures;
      EXPECT_NE(answer.error().message.find(key), std::string::npos) << at << ": " << answer.error().message;
    }
    content.seekp(at).put(was).flush();
  }
  EXPECT_GT(failures, 5u);
  for (const char* sql :
       {"SELECT CAST(s AS INT) FROM t", "SELECT error('Invalid Error: no') FROM t", "SELECT x FROM t"}) {
    EXPECT_EQ(project.Failure(sql).find("damaged"), std::string::npos) << sql;
  }
}

}  // namespace
}  // namespace datahub::query
