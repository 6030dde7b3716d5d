#include "datahub/query/function_list.h"

#include <filesystem>
#include <map>
#include <set>

#include <duckdb.h>
#include <fmt/format.h>

#include "datahub/query/session.h"
#include "datahub/query/statement_names.h"
#include "datahub/query/statement_text.h"
#include "datahub/query/test_project.h"

namespace datahub::query {
namespace {

std::vector<std::vector<std::string>> RowsOf(Session& session, const std::string& sql) {
  std::vector<std::vector<std::string>> rows;
  QueryResult result;
  if (duckdb_query(session.connection(), sql.c_str(), result.out()) != DuckDBSuccess) {
    ADD_FAILURE() << duckdb_result_error(result.out());
    return rows;
  }
  for (idx_t row = 0; row < duckdb_row_count(result.out()); ++row) {
    rows.emplace_back();
    for (idx_t column = 0; column < duckdb_column_count(result.out()); ++column) {
      char* value = duckdb_value_varchar(result.out(), column, row);
      rows.back().emplace_back(value == nullptr ? "" : value);
      duckdb_free(value);
    }
  }
  return rows;
}

Session OpenSession() {
  EngineOptions options;
  options.threads = 1;
  options.memory_bytes_max = 256 << 20;
  return *Session::Open(options);
}

// Of names that DuckDB has, whoever adds one to the list must have looked at it.
TEST(FunctionListTest, NothingIsOnItThatReachesOutside) {
  for (const char* name : {"read_csv",
                           "READ_PARQUET",
                           "read_text",
                           "read_blob",
                           "glob",
                           "sniff_csv",
                           "query",
                           "query_table",
                           "enable_logging",
                           "enable_profiling",
                           "checkpoint",
                           "write_log",
                           "getenv",
                           "getvariable",
                           "current_setting",
                           "duckdb_settings",
                           "duckdb_secrets",
                           "duckdb_logs",
                           "which_secret",
                           "nextval",
                           "json_execute_serialized_sql",
                           "json_serialize_plan",
                           "pragma_storage_info",
                           "parquet_metadata",
                           "sleep_ms",
                           "pg_sleep",
                           "finalize",
                           "combine",
                           "seq_scan",
                           "pandas_scan",
                           "arrow_scan",
                           "",
                           "x"}) {
    EXPECT_FALSE(IsAllowedFunction(name)) << name;
  }
  for (const char* name : {"sum", "SUM", "+", "range", "Unnest", "count_star", "list_value", "json_extract"}) {
    EXPECT_TRUE(IsAllowedFunction(name)) << name;
  }
  Session session = OpenSession();
  for (const auto& row : RowsOf(session,
                                "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'pragma' "
                                "AND function_name NOT IN (SELECT function_name FROM duckdb_functions() WHERE "
                                "function_type <> 'pragma')")) {
    EXPECT_FALSE(IsAllowedFunction(row[0])) << row[0];
  }
}

// Each function that DuckDB lists is called, by all ways; those of the list with arguments of their types too. What is not on
// the list is refused by name, and nothing that is on it ends the process, or makes a file.
TEST(FunctionListTest, EveryFunctionIsTried) {
  TestProject project;
  project.AddTable("users", {MakeField("id", record::Kind::kInt64)}, {});
  const auto before = std::filesystem::current_path();
  const std::filesystem::path empty = project.Location("empty");
  std::filesystem::create_directories(empty);
  std::filesystem::current_path(empty);
  Session session = OpenSession();
  ASSERT_TRUE(session.Execute("SET enable_external_access = false; SET lock_configuration = true"));
  std::map<std::string, std::set<std::pair<std::string, std::string>>> functions;  // kind and types, by name
  for (const auto& row : RowsOf(session,
                                "SELECT function_name, function_type, array_to_string(list_transform(parameter_types, "
                                "x -> coalesce(x, 'ANY')), '|') FROM duckdb_functions()")) {
    functions[row[0]].emplace(row[1], row[2]);
  }
  EXPECT_GT(functions.size(), 900u);
  size_t called = 0;
  std::set<std::string> broken;
  for (const auto& [name, forms] : functions) {
    const std::string quoted = QuotedName(name);
    if (!IsAllowedFunction(name)) {
      for (const char* call : {"SELECT {}()", "FROM {}()", "SELECT {}('x')", "FROM {}('x')", "SELECT ('x').{}()",
                               "SELECT system.main.{}(1)"}) {
        const std::string sql = fmt::format(fmt::runtime(call), quoted);
        const Result<StatementNames> names = NamesOf(*session.SyntaxTree(sql));
        ASSERT_TRUE(names) << sql;
        const Result<void> checked = CheckNames(*names);
        ASSERT_FALSE(checked) << sql;
        EXPECT_NE(checked.error().message.find("is not allowed"), std::string::npos) << checked.error().message;
      }
      continue;
    }
    for (const auto& [kind, types] : forms) {
      for (const std::string_view value : {"NULL", "'1'"}) {
        std::string arguments;
        for (size_t at = 0; !types.empty() && at <= types.size();) {
          const size_t end = std::min(types.find('|', at), types.size());
          const std::string type = types.substr(at, end - at);
          const bool plain = type == "ANY" || type == "T" || type.find("LAMBDA") != type.npos ||
                             type.find("ANY") != type.npos || type.find('T') == 0 || type.find('K') == 0;
          arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ",
                                   plain ? std::string(value) : fmt::format("TRY_CAST({} AS {})", value, type));
          at = end + 1;
        }
        const char* call = kind.starts_with("table") ? "SELECT count(*) FROM (FROM {}({}) LIMIT 10)" : "SELECT {}({})";
        QueryResult result;
        const std::string sql = fmt::format(fmt::runtime(call), quoted, arguments);
        if (duckdb_query(session.connection(), sql.c_str(), result.out()) == DuckDBSuccess) {
          ++called;
          continue;
        }
        // A bug of DuckDB's (a list of names that is no constant, for regexp_extract): it ends the query, in its process.
        const std::string_view why = duckdb_result_error(result.out());
        if (!why.starts_with("INTERNAL") && !why.starts_with("FATAL")) continue;
        broken.insert(name);
        session = OpenSession();
      }
    }
  }
  EXPECT_LE(broken.size(), 3u) << fmt::format("{}", fmt::join(broken, ", "));
  EXPECT_GT(called, 2000u);
  EXPECT_TRUE(std::filesystem::is_empty(empty));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace datahub::query
