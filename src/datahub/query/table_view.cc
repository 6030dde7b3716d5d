#include "datahub/query/table_view.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "datahub/query/column_type.h"
#include "datahub/query/damaged_file.h"
#include "datahub/query/query_error.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

using record::Field;

constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";

bool SameName(std::string_view a, std::string_view b) { return a.size() == b.size() && Mentions(a, b); }

size_t EqualSignFolders(std::string_view path) {
  size_t count = 0;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (path.substr(0, slash).find('=') != path.npos) ++count;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return count;
}

}  // namespace

TableView::TableView(std::string database, const ledger::TableColumns& columns)
    : database_(std::move(database)), table_(columns.table), keys_(columns.partition_keys) {
  std::vector<bool> named(keys_.size());
  for (const Field& field : columns.schema.fields) {
    Column column{field, false, 0};
    for (size_t k = 0; k < keys_.size(); ++k) {
      if (keys_[k].transform != "identity" || keys_[k].column != field.name) continue;
      column.is_key = true;
      column.key = k;
      named[k] = SameName(keys_[k].name, field.name);
    }
    columns_.push_back(std::move(column));
  }
  for (size_t k = 0; k < keys_.size(); ++k) {
    if (named[k]) continue;
    Column column{{}, true, k};
    column.field.name = keys_[k].name;
    column.field.kind = KeyKind(keys_[k].transform);
    columns_.push_back(std::move(column));
  }
  for (const Field& field : LineageFields()) columns_.push_back({field, false, 0});
}

Result<void> TableView::Create(Session& session, const std::vector<SnapshotFile>& files) const {
  std::string sql = fmt::format("CREATE VIEW {}.{} AS ", QuotedName(database_), QuotedName(table_));
  for (const SnapshotFile& file : files) {
    if (file.damage.empty()) continue;
    return DamagedFile(table_, file.key, file.damage);
  }
  if (files.empty()) return session.Execute(sql + EmptySelect());
  const auto [plain, mapped] = DH_TRY(Sort(session, files));
  if (!plain.locations.empty()) {
    const std::string list = DH_TRY(session.AllowFiles(plain.locations));
    sql += PlainSelect(list, plain.rows);
  }
  if (!mapped.locations.empty()) {
    const std::string list = DH_TRY(session.AllowFiles(mapped.locations));
    sql += (plain.locations.empty() ? "" : " UNION ALL ") + MappedSelect(list, mapped.rows);
  }
  return session.Execute(sql);
}

Result<std::pair<TableView::Scan, TableView::Scan>> TableView::Sort(Session& session,
                                                                    const std::vector<SnapshotFile>& files) const {
  std::map<std::string, bool> holds;  // by layout
  for (auto file = files.rbegin(); file != files.rend() && holds.size() < kSampledLayoutsMax; ++file) {
    if (holds.contains(file->layout)) continue;
    holds[file->layout] = DH_TRY(HoldsColumns(session, file->location));
  }
  std::pair<Scan, Scan> scans;
  for (const SnapshotFile& file : files) {
    DH_TRY(CheckPath(file));
    const auto held = holds.find(file.layout);
    const bool plain = held != holds.end() && held->second && IsHivePath(file);
    Scan& scan = plain ? scans.first : scans.second;
    scan.rows += file.rows;
    scan.locations.push_back(file.location);
  }
  return scans;
}

Result<bool> TableView::HoldsColumns(Session& session, const std::string& location) const {
  Result<PreparedStatement> sample =
      session.Prepare(fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false)", QuotedText(location)));
  if (!sample) {
    return Error{sample.error().code,
                 fmt::format("table '{}': data file {} of the ledger cannot be read; `datahub status` tells whether a "
                             "worker is recovering. {}",
                             table_, location, sample.error().message)};
  }
  std::map<std::string, idx_t, std::less<>> held;
  const duckdb_prepared_statement statement = sample->get();
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(statement); ++i) {
    const char* name = duckdb_prepared_statement_column_name(statement, i);
    held.emplace(name, i);
    duckdb_free(const_cast<char*>(name));
  }
  return std::all_of(columns_.begin(), columns_.end(), [&](const Column& column) {
    if (column.is_key) return true;
    const auto found = held.find(column.field.name);
    if (found == held.end()) return false;
    return IsType(LogicalType(duckdb_prepared_statement_column_logical_type(statement, found->second)).get(),
                  column.field);
  });
}

// DuckDB takes every folder with a '=' for a key, and any spelling of "null" for null.
bool TableView::IsHivePath(const SnapshotFile& file) const {
  const auto null_word = [](const auto& value) { return SameName(value.second, "null"); };
  return EqualSignFolders(file.location) == keys_.size() &&
         std::none_of(file.partition.begin(), file.partition.end(), null_word);
}

Result<void> TableView::CheckPath(const SnapshotFile& file) const {
  std::string folders = "/";
  for (const auto& [key, value] : file.partition) folders += key + "=" + value + "/";
  const size_t name = file.key.rfind('/');
  const std::string_view folder = std::string_view(file.key).substr(0, name == file.key.npos ? 0 : name + 1);
  const bool right_keys =
      std::equal(file.partition.begin(), file.partition.end(), keys_.begin(), keys_.end(),
                 [](const auto& value, const ledger::PartitionKey& key) { return value.first == key.name; });
  if (right_keys && folder.ends_with(folders)) return {};
  return Error{
      Code::kCorruption,
      fmt::format("table '{}': the ledger's file {} is not in the folder of its partition {}; do not go on before "
                  "a person has looked at the ledger",
                  table_, file.key, folders)};
}

// A key stands in an expression, never bare: DuckDB 1.5 answers min() and max() of a bare one from the statistics of a file that
// does not have the column, and breaks. Files are left out by the expression just as well.
std::string TableView::PlainSelect(const std::string& list, uint64_t rows) const {
  std::string select = "SELECT ";
  for (const Column& column : columns_) {
    if (&column != columns_.data()) select += ", ";
    const std::string name = QuotedName(column.field.name);
    if (!column.is_key) {
      select += name;
      continue;
    }
    const std::string key = QuotedName(keys_[column.key].name);
    const std::string type = TypeOf(column.field);
    select += type == "VARCHAR" ? fmt::format("nullif({}, '{}') AS {}", key, kHiveNull, name)
                                : fmt::format("CAST({} AS {}) AS {}", key, type, name);
  }
  std::string types;
  for (const ledger::PartitionKey& key : keys_) {
    types += fmt::format("{}{}: VARCHAR", types.empty() ? "" : ", ", QuotedText(key.name));
  }
  const std::string hive = types.empty() ? "false" : fmt::format("true, hive_types = {{{}}}", types);
  return fmt::format("{} FROM read_parquet({}, hive_partitioning = {}, explicit_cardinality = {})", select, list, hive,
                     rows);
}

std::string TableView::MappedSelect(const std::string& list, uint64_t rows) const {
  std::string select = "SELECT ";
  std::string schema;
  for (const Column& column : columns_) {
    if (&column != columns_.data()) select += ", ";
    const std::string name = QuotedName(column.field.name);
    if (column.is_key) {
      select += fmt::format("{} AS {}", KeyFromPath(column), name);
      continue;
    }
    // DuckDB adds the path as `filename`, and only under that name does it leave out files by it.
    const std::string read_as = SameName(column.field.name, "filename") ? "dh_filename_column" : column.field.name;
    select += fmt::format("{} AS {}", QuotedName(read_as), name);
    schema += fmt::format("{}{}: {{name: {}, type: {}, default_value: NULL}}", schema.empty() ? "" : ", ",
                          QuotedText(column.field.name), QuotedText(read_as), QuotedText(TypeOf(column.field)));
  }
  return fmt::format(
      "{} FROM read_parquet({}, hive_partitioning = false, filename = true, "
      "schema = MAP {{{}}}, explicit_cardinality = {})",
      select, list, schema, rows);
}

// The file's path ends with `/k1=v1/k2=v2/name`. A regular expression, because DuckDB computes it once a file.
std::string TableView::KeyFromPath(const Column& column) const {
  std::string pattern = fmt::format("/{}=([^/]*)", keys_[column.key].name);
  for (size_t after = column.key; after < keys_.size(); ++after) pattern += "/[^/]*";
  const std::string text =
      fmt::format("nullif(regexp_extract(filename, {}, 1), '{}')", QuotedText(pattern + "$"), kHiveNull);
  return fmt::format("CAST(url_decode({}) AS {})", text, TypeOf(column.field));
}

std::string TableView::EmptySelect() const {
  std::string select = "SELECT ";
  for (const Column& column : columns_) {
    if (&column != columns_.data()) select += ", ";
    select += fmt::format("CAST(NULL AS {}) AS {}", TypeOf(column.field), QuotedName(column.field.name));
  }
  return select + " WHERE false";
}

}  // namespace datahub::query
