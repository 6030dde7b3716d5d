#include "datahub/query/statement_names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "datahub/query/function_list.h"
#include "datahub/query/query_error.h"

namespace datahub::query {
namespace {

// The text of the JSON string that begins at `at` (a quote), escapes undone as far as names need it; `at` goes behind it.
std::string TakeString(std::string_view json, size_t& at) {
  std::string text;
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
    if (at < json.size()) text += json[at];
  }
  ++at;
  return text;
}

// Tables of DuckDB's own catalog that say what runs, and how: nothing of the project.
constexpr std::array<std::string_view, 4> kHiddenTables = {"duckdb_logs", "pg_settings", "pg_prepared_statements",
                                                           "duckdb_secrets"};

}  // namespace

// Every string behind such a key, wherever it stands: an expression cannot be in a place that this does not know of. What the
// user writes is a value in this text, or (names in WITH, of struct fields) a value behind "key" or "alias"; never a key.
Result<StatementNames> NamesOf(std::string_view tree) {
  StatementNames names;
  std::string key;
  bool is_value = false;
  for (size_t at = 0; at < tree.size();) {
    if (tree[at] != '"') {
      if (tree[at] == ':') is_value = true;
      if (tree[at] != ':' && tree[at] != ' ') is_value = false;
      ++at;
      continue;
    }
    std::string text = TakeString(tree, at);
    if (at > tree.size()) return Error{Code::kInternal, "query: DuckDB gave a syntax tree that is not whole"};
    if (!is_value) {
      key = std::move(text);
    } else if (key == "function_name") {
      names.functions.push_back(std::move(text));
    } else if (key == "table_name") {
      names.tables.push_back(std::move(text));
    }
    is_value = false;
  }
  return names;
}

Result<void> CheckNames(const StatementNames& names) {
  for (const std::string& name : names.functions) {
    if (IsAllowedFunction(name)) continue;
    const std::string nearest = NearestName(name, {AllowedFunctions().begin(), AllowedFunctions().end()});
    return Error{
        Code::kInvalidInput,
        fmt::format("query: the function {}() is not allowed: SQL here only reads the project's tables, and calls "
                    "functions of its list{}",
                    name, nearest.empty() ? "" : fmt::format("; did you mean {}()?", nearest))};
  }
  for (const std::string& name : names.tables) {
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool hidden = std::ranges::find(kHiddenTables, lower) != kHiddenTables.end();
    if (!hidden && name.find_first_of("./:*?\\") == name.npos) continue;
    return Error{
        Code::kInvalidInput,
        fmt::format("query: '{}' is no table: SQL here reads the project's tables, no other files, and changes "
                    "nothing",
                    name)};
  }
  return {};
}

}  // namespace datahub::query
