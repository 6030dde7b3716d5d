#include "datahub/query/engine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include <duckdb.h>
#include <fmt/format.h>

#include "datahub/query/query_error.h"
#include "datahub/query/result_writer.h"
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

Error Refused(std::string_view what) {
  return Error{
      Code::kInvalidInput,
      fmt::format("query: {} is not allowed: SQL here only reads. Use SELECT, WITH, VALUES, DESCRIBE, SHOW TABLES, "
                  "SUMMARIZE or EXPLAIN; `datahub run` writes tables, settings belong in the project file",
                  what)};
}

Result<void> CheckText(std::string_view sql) {
  if (sql.size() > kSqlBytesMax) {
    return Error{Code::kLimit, fmt::format("query: the SQL has {} bytes, {} are the limit", sql.size(), kSqlBytesMax)};
  }
  const size_t zero = sql.find('\0');
  if (zero == sql.npos) return {};
  return Error{Code::kInvalidInput, fmt::format("query: byte {} of the SQL is zero; take it out", zero)};
}

std::string UpperCase(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

// The schemas and catalogs DuckDB has already, and ours. Tables of such a database are known by their own names only.
bool IsTakenSchema(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kTaken = {
      "main", "information_schema", "pg_catalog", "memory", "temp", "system", kSystemSchema};
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view taken) { return taken.size() == name.size() && Mentions(name, taken); });
}

// Words by which SQL asks for tables that it does not name.
bool AsksForAllTables(std::string_view sql) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "show", "describe", "information_schema", "query_table", "duckdb_", "pg_", "sqlite_", "pragma_"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return Mentions(sql, word); });
}

// Views of the tables that the SQL names; the names of all there are. A statement of ours costs a short query a tenth of a
// millisecond or more, so nothing is made that is not asked for.
Result<std::vector<std::string>> CreateViews(Session& session, std::string_view sql, ledger::Ledger* ledger,
                                             const storage::Store& store, const EngineOptions& options) {
  std::vector<std::string> tables;
  std::string schema = "main";
  if (!options.database.empty() && Mentions(sql, options.database) && !IsTakenSchema(options.database)) {
    schema = options.database;
    DH_TRY(session.Execute(fmt::format("CREATE SCHEMA {}", QuotedName(schema))));
    DH_TRY(session.Execute(fmt::format("SET schema = {}", QuotedText(QuotedName(schema)))));
  }
  if (ledger != nullptr) tables = DH_TRY(ledger->Tables());
  const bool all = AsksForAllTables(sql);
  for (const std::string& table : tables) {
    if (!all && !Mentions(sql, table)) continue;
    const std::optional<ledger::TableColumns> columns = DH_TRY(ledger->Columns(table));
    if (!columns) continue;
    const std::vector<ledger::DataFile> files = DH_TRY(ledger->Files(table));
    DH_TRY(TableView(schema, *columns).Create(session, files, store));
  }
  DH_TRY(CreateSystemTables(session, sql, ledger, options.commits_max));
  if (!tables.empty()) {
    for (std::string& name : SystemTableNames()) tables.push_back(std::move(name));
  }
  return tables;
}

// Finds each statement of the SQL to be one that only reads, before any runs.
class Script {
 public:
  Script(Session& session, std::vector<std::string> tables, size_t statements_max)
      : session_(session), tables_(std::move(tables)), statements_max_(statements_max) {}

  Result<std::vector<PreparedStatement>> Prepare(std::string_view sql) {
    std::vector<PreparedStatement> statements;
    const std::vector<std::string> texts = SplitStatements(sql);
    if (texts.size() > statements_max_) {
      return Error{Code::kInvalidInput, fmt::format("query: the SQL has {} statements, {} at a time is the limit",
                                                    texts.size(), statements_max_)};
    }
    for (const std::string& text : texts) {
      statements.push_back(DH_TRY(PrepareReading(text, true)));
    }
    if (statements.empty())
      return Error{Code::kInvalidInput, "query: the SQL is empty; try SELECT * FROM a table LIMIT 10"};
    return statements;
  }

  Error ErrorFrom(const char* text) const { return SqlError(text, tables_); }

 private:
  // The first word is looked at before DuckDB sees the text, because already preparing a COPY touches its file.
  Result<PreparedStatement> PrepareReading(const std::string& text, bool may_explain) {
    const std::string word = FirstWord(text);
    if (!IsReadingWord(word) && IsKnownWord(word)) return Refused(UpperCase(word));
    if (word == "explain") {
      if (!may_explain) return Refused("EXPLAIN of EXPLAIN");
      DH_TRY(PrepareReading(std::string(ExplainedStatement(text)), false));
    }
    ExtractedStatements extracted;
    const idx_t count = duckdb_extract_statements(session_.connection(), text.c_str(), extracted.out());
    if (count == 0) return ErrorFrom(duckdb_extract_statements_error(extracted.get()));
    if (!IsReadingWord(word)) return Refused(UpperCase(word));
    if (count > 1) return Refused("a PIVOT that must look for its columns (write PIVOT … ON column IN (values))");
    PreparedStatement statement;
    if (duckdb_prepare_extracted_statement(session_.connection(), extracted.get(), 0, statement.out()) !=
        DuckDBSuccess) {
      return ErrorFrom(duckdb_prepare_error(statement.get()));
    }
    const duckdb_statement_type type = duckdb_prepared_statement_type(statement.get());
    const bool explains = type == DUCKDB_STATEMENT_TYPE_EXPLAIN && word == "explain";
    if (type != DUCKDB_STATEMENT_TYPE_SELECT && !explains) return Refused("this statement");
    return statement;
  }

  // Other words are mistakes in the SQL, which DuckDB explains better.
  static bool IsKnownWord(std::string_view word);

  Session& session_;
  std::vector<std::string> tables_;
  size_t statements_max_;
};

bool Script::IsKnownWord(std::string_view word) {
  static constexpr std::array<std::string_view, 40> kWords = {
      "alter",     "analyze",    "attach",  "begin",    "abort",   "call",    "checkpoint", "comment",
      "commit",    "copy",       "create",  "delete",   "detach",  "drop",    "end",        "execute",
      "export",    "force",      "import",  "insert",   "install", "load",    "merge",      "pragma",
      "prepare",   "deallocate", "refresh", "reindex",  "release", "replace", "reset",      "rollback",
      "savepoint", "set",        "start",   "truncate", "update",  "use",     "vacuum",     "grant"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
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

Result<Answer> Engine::Run(std::string_view sql, const OutputOptions& output, const Sink& sink) const {
  DH_TRY(CheckText(sql));
  Answer answer;
  Stopwatch watch;
  Session session = DH_TRY(Session::Open(options_));
  answer.open_seconds = watch.Lap();
  Watch limits(session.connection(), options_.time_us_max, options_.stop);
  const auto run = [&]() -> Result<void> {
    std::vector<std::string> tables = DH_TRY(CreateViews(session, sql, ledger_, store_, options_));
    DH_TRY(session.Lock());
    answer.view_seconds = watch.Lap();
    Script script(session, std::move(tables), options_.statements_max);
    return RunScript(script, sql, output, sink, answer);
  };
  Result<void> done = run();
  if (!done) {
    // What was interrupted fails in many ways; the reason is ours.
    if (std::optional<Error> why = limits.ended()) return *std::move(why);
    return std::move(done).error();
  }
  answer.run_seconds = watch.Lap();
  return answer;
}

std::string DuckDbVersion() { return duckdb_library_version(); }

}  // namespace datahub::query
