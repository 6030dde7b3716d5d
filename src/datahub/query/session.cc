#include "datahub/query/session.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "datahub/query/query_error.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

Result<Config> ConfigOf(const EngineOptions& options) {
  std::vector<std::pair<const char*, std::string>> settings = {
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"temp_directory", options.temp_folder},
  };
  if (options.threads > 0) settings.emplace_back("threads", fmt::format("{}", options.threads));
  if (options.memory_bytes_max > 0) settings.emplace_back("memory_limit", fmt::format("{}B", options.memory_bytes_max));
  if (options.temp_bytes_max > 0) {
    settings.emplace_back("max_temp_directory_size", fmt::format("{}B", options.temp_bytes_max));
  }
  Config config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess) {
    return Error{Code::kInternal, "query: DuckDB gave no configuration"};
  }
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name, value.c_str()) != DuckDBSuccess) {
      return Error{Code::kInternal, fmt::format("query: DuckDB does not take the setting {}={}", name, value)};
    }
  }
  return config;
}

}  // namespace

Result<Session> Session::Open(const EngineOptions& options) {
  Session session;
  Config config = DH_TRY(ConfigOf(options));
  char* why = nullptr;
  if (duckdb_open_ext(nullptr, session.database_.out(), config.get(), &why) != DuckDBSuccess) {
    Error error = ErrorOf("query: DuckDB did not start", why);
    duckdb_free(why);
    return error;
  }
  if (duckdb_connect(session.database_.get(), session.connection_.out()) != DuckDBSuccess) {
    return Error{Code::kInternal, "query: DuckDB gave no connection"};
  }
  DH_TRY(session.Execute("SET TimeZone = 'UTC'"));
  session.parser_ = DH_TRY(session.Prepare(
      "SELECT json_serialize_sql(CAST($1 AS VARCHAR), skip_null := true, skip_empty := true, skip_default := true)"));
  DH_TRY(session.SyntaxTree("SELECT 1"));  // what the first one brings into memory
  return session;
}

Result<void> Session::Execute(const std::string& sql) {
  QueryResult result;
  if (duckdb_query(connection_.get(), sql.c_str(), result.out()) == DuckDBSuccess) return {};
  return ErrorOf("query", duckdb_result_error(result.out()));
}

Result<PreparedStatement> Session::Prepare(const std::string& sql) {
  PreparedStatement statement;
  if (duckdb_prepare(connection_.get(), sql.c_str(), statement.out()) == DuckDBSuccess) return statement;
  return ErrorOf("query", duckdb_prepare_error(statement.get()));
}

Result<std::string> Session::SyntaxTree(std::string_view statement) {
  QueryResult result;
  if (duckdb_bind_varchar_length(parser_.get(), 1, statement.data(), statement.size()) != DuckDBSuccess ||
      duckdb_execute_prepared(parser_.get(), result.out()) != DuckDBSuccess) {
    return ErrorOf("query", duckdb_result_error(result.out()));
  }
  const DataChunk chunk(duckdb_fetch_chunk(result.get()));
  if (chunk.get() == nullptr || duckdb_data_chunk_get_size(chunk.get()) != 1) {
    return Error{Code::kInternal, "query: DuckDB gave no syntax tree"};
  }
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
  return std::string(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

void Session::WarmUp() {
  const int memory = ::memfd_create("warm-up", MFD_CLOEXEC);
  if (memory < 0) return;
  const std::string file = fmt::format("/proc/self/fd/{}", memory);
  for (const std::string& sql :
       {fmt::format("COPY (SELECT 1::BIGINT AS i, 'a' AS s, now() AS t) TO '{}' (FORMAT parquet, COMPRESSION zstd, "
                    "USE_TMP_FILE false)",
                    file),
        fmt::format("CREATE TEMP VIEW warm_up AS SELECT i, nullif(s, 'b') AS s, CAST(t AS DATE) AS d FROM "
                    "read_parquet(['{}'], hive_partitioning = false, explicit_cardinality = 1)",
                    file),
        std::string(
            "SELECT s, count(*) AS n, max(i) AS m FROM warm_up WHERE d > DATE '2000-01-01' GROUP BY s ORDER BY n "
            "LIMIT 1"),
        std::string("SELECT * FROM warm_up"), std::string("DROP VIEW warm_up")}) {
    if (!Execute(sql)) break;  // then the first query takes a little longer
  }
  ::close(memory);
}

Result<std::string> Session::AllowFiles(const std::vector<std::string>& paths) {
  std::string list = "[";
  for (const std::string& path : paths) {
    AppendQuotedText(list, path);
    list += ',';
  }
  list.back() = ']';
  if (paths.size() > kWrittenPathsMax) {
    const std::string name = fmt::format("datahub_files_{}", file_lists_.size());
    DH_TRY(Execute(fmt::format("SET VARIABLE {} = {}", name, list)));
    list = fmt::format("getvariable('{}')", name);
  }
  file_lists_.push_back(list);
  return list;
}

Result<void> Session::Lock() {
  std::string lists;
  for (const std::string& list : file_lists_) {
    lists += (lists.empty() ? "SET allowed_paths = " : " || ") + list;
  }
  return Execute(lists + "; SET enable_external_access = false; SET lock_configuration = true");
}

}  // namespace datahub::query
