#include "datahub/query/script.h"

#include <algorithm>
#include <array>

#include <duckdb.h>
#include <fmt/format.h>

#include "datahub/query/query_error.h"
#include "datahub/query/statement_names.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

Error Refused(std::string_view what) {
  return Error{
      Code::kInvalidInput,
      fmt::format("query: {} is not allowed: SQL here only reads. Use SELECT, WITH, VALUES, DESCRIBE, SHOW TABLES, "
                  "SUMMARIZE or EXPLAIN; `datahub run` writes tables, settings belong in the project file",
                  what)};
}

std::string UpperCase(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

// Other words are mistakes in the SQL, which DuckDB explains better.
bool IsKnownWord(std::string_view word) {
  static constexpr std::array<std::string_view, 40> kWords = {
      "alter",     "analyze",    "attach",  "begin",    "abort",   "call",    "checkpoint", "comment",
      "commit",    "copy",       "create",  "delete",   "detach",  "drop",    "end",        "execute",
      "export",    "force",      "import",  "insert",   "install", "load",    "merge",      "pragma",
      "prepare",   "deallocate", "refresh", "reindex",  "release", "replace", "reset",      "rollback",
      "savepoint", "set",        "start",   "truncate", "update",  "use",     "vacuum",     "grant"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

}  // namespace

Result<std::vector<PreparedStatement>> Script::Prepare(std::string_view sql) {
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

Error Script::ErrorFrom(const char* text) const { return SqlError(text, tables_); }

// Before DuckDB binds anything: already binding some table functions reads files.
Result<void> Script::CheckCalls(const std::string& text) {
  const std::string tree = DH_TRY(session_.SyntaxTree(text));
  if (!tree.starts_with(R"({"error":false)")) {
    return Error{Code::kInvalidInput, fmt::format("query: this statement is not one that can be checked to only read; "
                                                  "write it otherwise. {}",
                                                  tree)};
  }
  return CheckNames(DH_TRY(NamesOf(tree)));
}

// The first word is looked at before DuckDB sees the text, because already preparing a COPY touches its file.
Result<PreparedStatement> Script::PrepareReading(const std::string& text, bool may_explain) {
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
  // EXPLAIN has no tree of its own; what it explains was looked at above.
  if (word != "explain") DH_TRY(CheckCalls(text));
  PreparedStatement statement;
  if (duckdb_prepare_extracted_statement(session_.connection(), extracted.get(), 0, statement.out()) != DuckDBSuccess) {
    return ErrorFrom(duckdb_prepare_error(statement.get()));
  }
  const duckdb_statement_type type = duckdb_prepared_statement_type(statement.get());
  const bool explains = type == DUCKDB_STATEMENT_TYPE_EXPLAIN && word == "explain";
  if (type != DUCKDB_STATEMENT_TYPE_SELECT && !explains) return Refused("this statement");
  return statement;
}

}  // namespace datahub::query
