#include "datahub/query/engine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include <duckdb.h>
#include <fmt/format.h>

#include "datahub/query/damaged_file.h"
#include "datahub/query/query_error.h"
#include "datahub/query/result_writer.h"
#include "datahub/query/script.h"
#include "datahub/query/session.h"
#include "datahub/query/statement_text.h"
#include "datahub/query/system_tables.h"
#include "datahub/query/table_view.h"
#include "datahub/query/watch.h"

namespace datahub::query {
namespace {

class Stopwatch {
 public:
  // Since the last call or the beginning.
  double Lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(since_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// The schemas and catalogs DuckDB has already, and ours. Tables of such a database are known by their own names only.
bool IsTakenSchema(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kTaken = {
      "main", "information_schema", "pg_catalog", "memory", "temp", "system", kSystemSchema};
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view taken) { return taken.size() == name.size() && Mentions(name, taken); });
}

// The snapshot's tables and system tables; the names of all there are.
Result<std::vector<std::string>> CreateViews(Session& session, std::string_view sql, const Snapshot& snapshot) {
  std::vector<std::string> tables = snapshot.table_names;
  const std::string& database = snapshot.database;
  std::string schema = "main";
  if (!database.empty() && Mentions(sql, database) && !IsTakenSchema(database)) {
    schema = database;
    DH_TRY(session.Execute(fmt::format("CREATE SCHEMA {}", QuotedName(schema))));
    DH_TRY(session.Execute(fmt::format("SET schema = {}", QuotedText(QuotedName(schema)))));
  }
  for (const SnapshotTable& table : snapshot.tables) {
    DH_TRY(TableView(schema, table.columns).Create(session, table.files));
  }
  DH_TRY(CreateSystemTables(session, snapshot));
  if (!tables.empty()) {
    for (std::string& name : SystemTableNames()) tables.push_back(std::move(name));
  }
  return tables;
}

Result<std::vector<ResultColumn>> ColumnsOf(duckdb_result* result) {
  std::vector<ResultColumn> columns;
  for (idx_t i = 0; i < duckdb_column_count(result); ++i) {
    const LogicalType type(duckdb_column_logical_type(result, i));
    columns.push_back(DH_TRY(ResultColumn::Of(type.get(), duckdb_column_name(result, i))));
  }
  return columns;
}

// Chunks go to the writer as DuckDB makes them.
Result<void> Stream(const Script& script, const PreparedStatement& statement, ResultWriter& writer) {
  PendingResult pending;
  if (duckdb_pending_prepared_streaming(statement.get(), pending.out()) != DuckDBSuccess) {
    return script.ErrorFrom(duckdb_pending_error(pending.get()));
  }
  QueryResult result;
  if (duckdb_execute_pending(pending.get(), result.out()) != DuckDBSuccess) {
    return script.ErrorFrom(duckdb_result_error(result.out()));
  }
  std::vector<ResultColumn> columns = DH_TRY(ColumnsOf(result.out()));
  DH_TRY(writer.Begin(*result.out(), columns));
  for (;;) {
    const DataChunk chunk(duckdb_fetch_chunk(result.get()));
    if (chunk.get() == nullptr) break;
    for (size_t i = 0; i < columns.size(); ++i) columns[i].Bind(duckdb_data_chunk_get_vector(chunk.get(), i));
    const bool more = DH_TRY(writer.Write(chunk.get(), columns, duckdb_data_chunk_get_size(chunk.get())));
    if (!more) return writer.End();
  }
  if (const char* why = duckdb_result_error(result.out()); why != nullptr && *why != '\0') return script.ErrorFrom(why);
  return writer.End();
}

Result<void> RunScript(Script& script, std::string_view sql, const OutputOptions& output, const Sink& sink,
                       Answer& answer) {
  std::vector<PreparedStatement> statements = DH_TRY(script.Prepare(sql));
  for (const PreparedStatement& statement : statements) {
    const std::unique_ptr<ResultWriter> writer = MakeResultWriter(output, sink);
    DH_TRY(Stream(script, statement, *writer));
    answer.rows += writer->rows();
    answer.truncated = answer.truncated || writer->truncated();
  }
  return {};
}

}  // namespace

Result<void> CheckText(std::string_view sql) {
  if (sql.size() > kSqlBytesMax) {
    return Error{Code::kLimit, fmt::format("query: the SQL has {} bytes, {} are the limit", sql.size(), kSqlBytesMax)};
  }
  const size_t zero = sql.find('\0');
  if (zero == sql.npos) return {};
  return Error{Code::kInvalidInput, fmt::format("query: byte {} of the SQL is zero; take it out", zero)};
}

Result<Engine> Engine::Open(const EngineOptions& options) {
  Stopwatch watch;
  Session session = DH_TRY(Session::Open(options));
  if (options.warms_up) session.WarmUp();
  return Engine(options, std::move(session), watch.Lap());
}

Result<Answer> Engine::Run(const Snapshot& snapshot, std::string_view sql, const OutputOptions& output,
                           const Sink& sink) && {
  DH_TRY(CheckText(sql));
  Answer answer;
  answer.open_seconds = open_seconds_;
  Stopwatch watch;
  Watch limits(session_.connection(), options_.time_us_max);
  const auto run = [&]() -> Result<void> {
    std::vector<std::string> tables = DH_TRY(CreateViews(session_, sql, snapshot));
    DH_TRY(session_.Lock());
    answer.view_seconds = watch.Lap();
    Script script(session_, std::move(tables), options_.statements_max);
    return RunScript(script, sql, output, sink, answer);
  };
  Result<void> done = run();
  if (!done) {
    // What was interrupted fails in many ways; the reason is ours.
    if (std::optional<Error> why = limits.ended()) return *std::move(why);
    if (std::optional<Error> why = FindDamagedFile(snapshot, done.error().message)) return *std::move(why);
    return std::move(done).error();
  }
  answer.run_seconds = watch.Lap();
  return answer;
}

std::string DuckDbVersion() { return duckdb_library_version(); }

}  // namespace datahub::query
