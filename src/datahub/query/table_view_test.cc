#include <fmt/format.h>

#include "datahub/query/statement_text.h"
#include "datahub/query/table_view.h"
#include "datahub/query/test_project.h"

namespace datahub::query {
namespace {

using ledger::PartitionValues;
using record::Kind;

std::vector<record::Field> UserFields() {
  return {MakeField("eid", Kind::kString), MakeField("age", Kind::kInt64),
          MakeField("address", Kind::kStruct, {MakeField("street", Kind::kString), MakeField("number", Kind::kInt64)}),
          MakeField("created_at", Kind::kTimestamp)};
}

std::string User(const std::string& eid, int age) {
  return fmt::format(
      "SELECT '{}' AS eid, CAST({} AS BIGINT) AS age, CAST({{'street': 'S', 'number': {}}} AS "
      "STRUCT(street VARCHAR, number BIGINT)) AS address, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS created_at",
      eid, age, age);
}

PartitionValues Day(const std::string& day) { return {{"created_at_day", day}}; }

bool IsMapped(TestProject& project, const std::string& table) {
  return project.Rows("EXPLAIN SELECT * FROM " + table).find("regexp_extract") != std::string::npos ||
         project.Rows(fmt::format("SELECT sql FROM duckdb_views() WHERE view_name = '{}'", table))
                 .find("regexp_extract") != std::string::npos;
}

TEST(TableViewTest, ShowsColumnsKeysAndLineage) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddFile("users", Day("2026-01-01"), User("a", 1));
  project.AddFile("users", Day("2026-01-02"), User("b", 2));
  EXPECT_EQ(project.Rows("SELECT column_name, column_type FROM (DESCRIBE users)"),
            "eid,VARCHAR\n"
            "age,BIGINT\n"
            "address,\"STRUCT(street VARCHAR, number BIGINT)\"\n"
            "created_at,TIMESTAMP WITH TIME ZONE\n"
            "created_at_day,DATE\n"
            "dh_received_at,TIMESTAMP WITH TIME ZONE\n"
            "dh_source,VARCHAR\n"
            "dh_shard,VARCHAR\n"
            "dh_offset,VARCHAR\n"
            "dh_contract_version,INTEGER\n");
  EXPECT_EQ(project.Rows("SELECT eid, created_at_day, address.number, dh_source, dh_offset FROM users ORDER BY eid"),
            "a,2026-01-01,1,inbox,00000000000000000000\nb,2026-01-02,2,inbox,00000000000000000000\n");
  EXPECT_EQ(project.Rows("SELECT count(*) FROM sales.USERS"), "2\n");
  EXPECT_FALSE(IsMapped(project, "users"));
}

TEST(TableViewTest, OnlyTheLedgersFilesAreRead) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddFile("users", Day("2026-01-01"), User("a", 1));
  project.AddFile("users", Day("2026-01-01"), User("ghost", 2));
  project.ledger.files["users"].pop_back();  // still on disk
  EXPECT_EQ(project.Rows("SELECT eid FROM users"), "a\n");
}

TEST(TableViewTest, ATableWithoutFilesHasItsColumns) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  EXPECT_EQ(project.Rows("SELECT * FROM users"), "");
  EXPECT_EQ(project.Rows("SELECT count(*), typeof(max(age)), typeof(max(created_at_day)) FROM users"),
            "0,BIGINT,DATE\n");
}

TEST(TableViewTest, OldFilesGiveNullAndWiden) {
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt32)}, {"day"});
  project.AddFile("users", {{"day", "1"}}, "SELECT CAST(1 AS INTEGER) AS id");
  // Version 2: id is widened, name, a list of structs and a map are gained.
  const auto item = [](bool grown) {
    std::vector<record::Field> fields = {MakeField("n", grown ? Kind::kInt64 : Kind::kInt32)};
    if (grown) fields.push_back(MakeField("more", Kind::kString));
    return MakeField("items", Kind::kList, {MakeField("element", Kind::kStruct, std::move(fields))});
  };
  project.AddTable("users", {MakeField("id", Kind::kInt64), MakeField("name", Kind::kString), item(false)}, {"day"});
  project.AddFile("users", {{"day", "2"}},
                  "SELECT CAST(2 AS BIGINT) AS id, 'two' AS name, CAST([{'n': 5}] AS STRUCT(n INTEGER)[]) AS items", 2);
  // Version 3: inside the list, n is widened and more is gained.
  project.AddTable("users", {MakeField("id", Kind::kInt64), MakeField("name", Kind::kString), item(true)}, {"day"});
  project.AddFile("users", {{"day", "3"}},
                  "SELECT CAST(30000000000 AS BIGINT) AS id, 'three' AS name, "
                  "CAST([{'n': 6, 'more': 'x'}] AS STRUCT(n BIGINT, more VARCHAR)[]) AS items",
                  3);
  EXPECT_EQ(project.Json("SELECT id, name, items, day FROM users ORDER BY id"),
            "{\"id\":1,\"name\":null,\"items\":null,\"day\":\"1\"}\n"
            "{\"id\":2,\"name\":\"two\",\"items\":[{\"n\":5,\"more\":null}],\"day\":\"2\"}\n"
            "{\"id\":30000000000,\"name\":\"three\",\"items\":[{\"n\":6,\"more\":\"x\"}],\"day\":\"3\"}\n");
  EXPECT_EQ(project.Rows("SELECT id FROM users WHERE name IS NULL"), "1\n");
  EXPECT_EQ(project.Rows("SELECT sum(id) FROM users WHERE day IN ('1', '2') AND id < 100"), "3\n");
}

TEST(TableViewTest, AWriterOfAnOlderContractLeavesNull) {
  // Same version of the table's columns, but the older contract's files lack one.
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt64), MakeField("name", Kind::kString)}, {});
  project.AddFile("users", {}, "SELECT CAST(1 AS BIGINT) AS id, 'x' AS name", 1, 2);
  project.AddFile("users", {}, "SELECT CAST(2 AS BIGINT) AS id", 1, 1);
  EXPECT_EQ(project.Rows("SELECT id, name FROM users ORDER BY id"), "1,x\n2,\n");
}

TEST(TableViewTest, KeysAreDecodedAndNullIsNull) {
  TestProject project;
  project.AddTable("t", {MakeField("Country", Kind::kString), MakeField("id", Kind::kInt64)}, {"country=Country"});
  const auto add = [&](const std::string& encoded, int id) {
    project.AddFile("t", {{"country", encoded}}, fmt::format("SELECT CAST({} AS BIGINT) AS id", id));
  };
  add("a%2Fb%3Dc%25", 1);
  add("__HIVE_DEFAULT_PARTITION__", 2);
  add("NULL", 3);
  add("null", 4);
  add("a+b é", 5);
  add("C%C3%B4te", 6);
  EXPECT_EQ(project.Rows("SELECT id, Country FROM t ORDER BY id"), "1,a/b=c%\n2,\n3,NULL\n4,null\n5,a+b é\n6,Côte\n");
  EXPECT_EQ(project.Rows("SELECT id FROM t WHERE country = 'NULL'"), "3\n");
  EXPECT_EQ(project.Rows("SELECT id FROM t WHERE country IS NULL"), "2\n");
  EXPECT_EQ(project.Rows("SELECT id FROM t WHERE country = 'a/b=c%'"), "1\n");
}

TEST(TableViewTest, AColumnMovedIntoAKeyOfAnotherNameIsReadUnderBoth) {
  for (const std::string folder : {"lake", "land=99/lake"}) {  // below the second, DuckDB would find one key too many
    TestProject project(folder);
    project.AddTable("t", {MakeField("store no", Kind::kInt32), MakeField("id", Kind::kInt64)}, {"store=store no"});
    project.AddFile("t", {{"store", "-7"}}, "SELECT CAST(1 AS BIGINT) AS id");
    project.AddFile("t", {{"store", "__HIVE_DEFAULT_PARTITION__"}}, "SELECT CAST(2 AS BIGINT) AS id");
    EXPECT_EQ(project.Rows("SELECT \"store no\" + 1, store, id FROM t ORDER BY id"), "-6,-7,1\n,,2\n");
    EXPECT_EQ(project.Rows("SELECT id FROM t WHERE \"store no\" = -7"), "1\n");
  }
}

TEST(TableViewTest, AColumnMovedIntoItsKeyKeepsItsType) {
  TestProject project;
  project.AddTable("t",
                   {MakeField("store", Kind::kInt32), MakeField("open", Kind::kBool), MakeField("since", Kind::kDate),
                    MakeField("id", Kind::kInt64)},
                   {"since=since", "store=store", "open=open"});
  const auto add = [&](const std::string& since, const std::string& store, const std::string& open, int id) {
    project.AddFile("t", {{"since", since}, {"store", store}, {"open", open}},
                    fmt::format("SELECT CAST({} AS BIGINT) AS id", id));
  };
  add("2026-01-31", "-7", "true", 1);
  add("__HIVE_DEFAULT_PARTITION__", "10", "false", 2);
  const std::string rows = "-7,true,2026-01-31,1\n10,false,,2\n";
  const std::string types = "INTEGER,BOOLEAN,DATE\n";
  EXPECT_EQ(project.Rows("SELECT store, open, since, id FROM t ORDER BY store"), rows);
  EXPECT_EQ(project.Rows("SELECT typeof(store), typeof(open), typeof(since) FROM t LIMIT 1"), types);
  // The same below a folder that DuckDB would take for a key of that name.
  TestProject nested("store=99/id=5/lake");
  nested.AddTable("t", project.ledger.columns["t"].schema.fields, {"since=since", "store=store", "open=open"});
  nested.AddFile("t", {{"since", "2026-01-31"}, {"store", "-7"}, {"open", "true"}}, "SELECT CAST(1 AS BIGINT) AS id");
  nested.AddFile("t", {{"since", "__HIVE_DEFAULT_PARTITION__"}, {"store", "10"}, {"open", "false"}},
                 "SELECT CAST(2 AS BIGINT) AS id");
  EXPECT_EQ(nested.Rows("SELECT store, open, since, id FROM t ORDER BY store"), rows);
  EXPECT_EQ(nested.Rows("SELECT typeof(store), typeof(open), typeof(since) FROM t LIMIT 1"), types);
}

TEST(TableViewTest, DaysAreDatesMonthsAndHoursAreText) {
  for (const char* folder : {"lake", "x=y/lake"}) {  // plain and mapped
    TestProject project(folder);
    project.AddTable("t", {MakeField("id", Kind::kInt64)}, {"x_day", "hour"});
    const auto add = [&](const std::string& day, const std::string& hour, int id) {
      project.AddFile("t", {{"x_day", day}, {"hour", hour}}, fmt::format("SELECT CAST({} AS BIGINT) AS id", id));
    };
    add("2026-01-31", "2026-01-31-13", 1);
    add("2026-02-01", "2026-02-01-00", 2);
    add("__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__", 3);
    EXPECT_EQ(project.Rows("SELECT DISTINCT typeof(x_day), typeof(hour) FROM t"), "DATE,VARCHAR\n");
    EXPECT_EQ(project.Rows("SELECT id, x_day, hour, x_day + 1 FROM t ORDER BY id"),
              "1,2026-01-31,2026-01-31-13,2026-02-01\n2,2026-02-01,2026-02-01-00,2026-02-02\n3,,,\n");
    EXPECT_EQ(project.Rows("SELECT id FROM t WHERE x_day >= DATE '2026-03-02' - 29"), "2\n");
    EXPECT_EQ(project.Rows("SELECT id FROM t WHERE x_day = '2026-01-31'"), "1\n");
    EXPECT_EQ(project.Rows("SELECT min(x_day), max(x_day), min(hour), max(hour) FROM t"),
              "2026-01-31,2026-02-01,2026-01-31-13,2026-02-01-00\n");
    EXPECT_EQ(project.Rows("SELECT min(hour), max(hour), min(x_day) FROM t WHERE x_day = '2026-01-31'"),
              "2026-01-31-13,2026-01-31-13,2026-01-31\n");
    EXPECT_EQ(project.Rows("SELECT count(*) FROM t WHERE x_day >= current_date - 30000"), "2\n");
  }
}

// Those that DuckDB may answer from statistics, without reading.
bool IsFromStatistics(std::string_view aggregate) {
  return aggregate == "min" || aggregate == "max" || aggregate == "count" || aggregate == "any_value" ||
         aggregate == "first" || aggregate == "last";
}

// Every aggregate that DuckDB has over a column of every type and every kind of key, from one file, from several, and from one
// that a filter leaves of several: it may refuse the type, but must not break.
TEST(TableViewTest, EveryAggregateOverEveryColumn) {
  const std::vector<record::Field> fields = {
      MakeField("c_bool", Kind::kBool),
      MakeField("c_int32", Kind::kInt32),
      MakeField("c_int64", Kind::kInt64),
      MakeField("c_double", Kind::kDouble),
      MakeField("c_string", Kind::kString),
      MakeField("c_json", Kind::kJson),
      MakeField("c_bytes", Kind::kBytes),
      MakeField("c_time", Kind::kTimestamp),
      MakeField("c_date", Kind::kDate),
      MakeField("c_decimal", Kind::kDecimal),
      MakeField("c_struct", Kind::kStruct, {MakeField("a", Kind::kInt64)}),
      MakeField("c_list", Kind::kList, {MakeField("element", Kind::kString)}),
      MakeField("c_map", Kind::kMap, {MakeField("key", Kind::kString), MakeField("value", Kind::kInt64)}),
      MakeField("k_int", Kind::kInt32),
      MakeField("k_bool", Kind::kBool),
      MakeField("k_date", Kind::kDate),
      MakeField("k_text", Kind::kString)};
  const std::string row =
      "SELECT true AS c_bool, CAST(1 AS INTEGER) AS c_int32, CAST(2 AS BIGINT) AS c_int64, CAST(1.5 AS DOUBLE) AS "
      "c_double, "
      "'x' AS c_string, '{}' AS c_json, 'b'::BLOB AS c_bytes, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS c_time, "
      "DATE '2026-01-01' AS c_date, CAST(1 AS DECIMAL(38, 0)) AS c_decimal, {'a': CAST(1 AS BIGINT)} AS c_struct, "
      "['x'] AS c_list, MAP {'k': CAST(1 AS BIGINT)} AS c_map";
  std::vector<std::string> columns = {"r_day", "hour", "dh_received_at", "dh_offset", "dh_contract_version"};
  for (const record::Field& field : fields) columns.push_back(field.name);
  for (const auto& [files, where] : {std::pair(1, ""), std::pair(2, ""), std::pair(2, " WHERE r_day = '2026-01-01'")}) {
    for (const char* folder : {"lake", "x=y/lake"}) {  // plain and mapped
      TestProject project(folder);
      project.AddTable("t", fields,
                       {"r_day", "hour", "k_int=k_int", "k_bool=k_bool", "k_date=k_date", "k_text=k_text"});
      for (int file = 1; file <= files; ++file) {
        project.AddFile("t",
                        {{"r_day", fmt::format("2026-01-0{}", file)},
                         {"hour", "2026-01-01-13"},
                         {"k_int", "-7"},
                         {"k_bool", "true"},
                         {"k_date", "2026-01-31"},
                         {"k_text", "a"}},
                        row);
      }
      // One DuckDB for all, with the view that a query would have.
      const QueryTask task = *project.TaskOf("FROM t", {});
      Session session = *Session::Open(project.options);
      ASSERT_TRUE(TableView("main", task.snapshot.tables[0].columns).Create(session, task.snapshot.tables[0].files));
      QueryResult names;
      ASSERT_EQ(duckdb_query(session.connection(),
                             "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'",
                             names.out()),
                DuckDBSuccess);
      size_t answered = 0;
      const bool all = files == 2 && *where == '\0';  // else the scan is as it is for all
      for (idx_t i = 0; i < duckdb_row_count(names.out()); ++i) {
        char* name = duckdb_value_varchar(names.out(), 0, i);
        if (!all && !IsFromStatistics(name)) {
          duckdb_free(name);
          continue;
        }
        for (const std::string& column : columns) {
          const std::string sql = fmt::format("SELECT {}({}) FROM t{}", QuotedName(name), column, where);
          QueryResult result;
          if (duckdb_query(session.connection(), sql.c_str(), result.out()) == DuckDBSuccess) {
            ++answered;
            continue;
          }
          const std::string_view why = duckdb_result_error(result.out());
          ASSERT_FALSE(why.starts_with("INTERNAL") || why.starts_with("FATAL")) << sql << ": " << why;
        }
        duckdb_free(name);
      }
      EXPECT_GT(answered, all ? 500u : 100u) << folder;
    }
  }
}

TEST(TableViewTest, FoldersMayHaveAnyName) {
  for (const char* folder : {"it's", "a[1]", "b*", "c?", "d\\e", "f\"g", "h i", "x=y", "ü", "%20", "$$"}) {
    TestProject project(folder);
    project.AddTable("users", UserFields(), {"created_at_day"});
    project.AddFile("users", Day("2026-01-01"), User("a", 1));
    EXPECT_EQ(project.Rows("SELECT eid, created_at_day FROM users"), "a,2026-01-01\n") << folder;
  }
}

// "Scanning Files: 1/3" in the profile.
std::string FilesRead(TestProject& project, const std::string& where) {
  const std::string plan = project.Rows("EXPLAIN ANALYZE SELECT string_agg(eid) FROM users WHERE " + where);
  const size_t at = plan.find("Total Files Read: ");
  return at == plan.npos ? plan : plan.substr(at + 18, plan.find(' ', at + 18) - at - 18);
}

TEST(TableViewTest, PartitionsThatCannotMatchAreNotRead) {
  for (const char* folder : {"lake", "x=y/lake"}) {  // plain and mapped
    TestProject project(folder);
    project.AddTable("users", UserFields(), {"created_at_day"});
    for (int day = 1; day <= 3; ++day) {
      project.AddFile("users", Day(fmt::format("2026-01-0{}", day)), User("a", day));
    }
    EXPECT_EQ(FilesRead(project, "created_at_day = '2026-01-02'"), "1") << folder;
    EXPECT_EQ(FilesRead(project, "created_at_day >= '2026-01-02'"), "2") << folder;
    EXPECT_EQ(FilesRead(project, "created_at_day > current_date - 30000 AND created_at_day < DATE '2026-01-02'"), "1")
        << folder;
    EXPECT_EQ(FilesRead(project, "age > 0"), "3") << folder;
  }
}

TEST(TableViewTest, FiltersAndProjectionsReachTheScan) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddFile("users", Day("2026-01-01"), User("a", 1) + " UNION ALL " + User("b", 9));
  const std::string plan = project.Rows("EXPLAIN SELECT eid FROM users WHERE age = 7");
  EXPECT_NE(plan.find("age=7"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("address"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("FILTER "), std::string::npos) << plan;
}

TEST(TableViewTest, AColumnMayBeCalledFilename) {
  for (const char* folder : {"lake", "x=y/lake"}) {
    TestProject project(folder);
    project.AddTable("t", {MakeField("Filename", Kind::kString)}, {"day"});
    project.AddFile("t", {{"day", "1"}}, "SELECT 'mine' AS \"Filename\"");
    project.AddFile("t", {{"day", "2"}}, "SELECT 'yours' AS \"Filename\"");
    EXPECT_EQ(project.Rows("SELECT filename, day FROM t WHERE day = '2'"), "yours,2\n") << folder;
    EXPECT_EQ(project.Rows("SELECT column_name FROM (DESCRIBE t) LIMIT 1"), "Filename\n") << folder;
  }
}

TEST(TableViewTest, TablesNotNamedAreNotLookedAt) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddTable("users_quarantine", {MakeField("raw", Kind::kBytes)}, {});
  project.AddFile("users", Day("2026-01-01"), User("a", 1));
  project.ledger.files_calls = 0;
  EXPECT_EQ(project.Rows("SELECT count(*) FROM users"), "1\n");
  EXPECT_EQ(project.ledger.files_calls, 1);
  EXPECT_NE(project.Failure("FROM nothing").find("Tables: users, users_quarantine"), std::string::npos);
  EXPECT_EQ(project.ledger.files_calls, 1);
  EXPECT_EQ(project.Rows("SHOW TABLES"), "users\nusers_quarantine\n");
}

TEST(TableViewTest, AMissingFileNamesTableAndFile) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddFile("users", Day("2026-01-01"), User("a", 1));
  project.ledger.files["users"][0].key = "sales/users/created_at_day=2026-01-01/gone.parquet";
  const std::string message = project.Failure("FROM users");
  EXPECT_NE(message.find("table 'users': data file"), std::string::npos) << message;
  EXPECT_NE(message.find("gone.parquet"), std::string::npos) << message;
}

TEST(TableViewTest, AFileOutsideItsPartitionsFolderIsCorruption) {
  TestProject project;
  project.AddTable("users", UserFields(), {"created_at_day"});
  project.AddFile("users", Day("2026-01-01"), User("a", 1));
  project.ledger.files["users"][0].partition = Day("2026-01-02");
  std::string text;
  const Result<Answer> answer = project.Run("FROM users", &text);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kCorruption);
}

TEST(TableViewTest, AFileUnlikeItsGroupFailsAndIsNeverMisread) {
  TestProject project;
  project.AddTable("users", {MakeField("id", Kind::kInt64), MakeField("name", Kind::kString)}, {});
  project.AddFile("users", {}, "SELECT CAST(1 AS BIGINT) AS id, 'x' AS name");
  project.AddFile("users", {}, "SELECT CAST(2 AS BIGINT) AS id");
  project.AddFile("users", {}, "SELECT CAST(3 AS BIGINT) AS id, 'z' AS name");
  const std::string message = project.Failure("SELECT id, name FROM users");
  EXPECT_NE(message.find("name"), std::string::npos) << message;
  EXPECT_EQ(message.find("no error"), std::string::npos) << message;
}

}  // namespace
}  // namespace datahub::query
