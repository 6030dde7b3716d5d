#include "datahub/query/system_tables.h"

#include <array>

#include <fmt/format.h>

#include "datahub/query/query_error.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

// Rows into a table of the system schema. An error of any append shows at Close().
class Appender {
 public:
  Appender(Session& session, const std::string& table) {
    duckdb_appender_create(session.connection(), std::string(kSystemSchema).c_str(), table.c_str(), &appender_);
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() { duckdb_appender_destroy(&appender_); }

  Appender& Text(std::string_view text) {
    return Note(duckdb_append_varchar_length(appender_, text.data(), text.size()));
  }
  Appender& Number(uint64_t number) { return Note(duckdb_append_int64(appender_, static_cast<int64_t>(number))); }
  Appender& Bool(bool value) { return Note(duckdb_append_bool(appender_, value)); }
  // 0 = not yet.
  Appender& Time(int64_t micros) {
    if (micros == 0) return Note(duckdb_append_null(appender_));
    return Note(duckdb_append_timestamp(appender_, {micros}));
  }
  void EndRow() { Note(duckdb_appender_end_row(appender_)); }

  Result<void> Close() {
    if (duckdb_appender_close(appender_) != DuckDBSuccess) failed_ = true;
    if (!failed_) return {};
    const char* why = duckdb_appender_error(appender_);
    return Error{Code::kInternal, fmt::format("query: a system table was not filled: {}", why == nullptr ? "" : why)};
  }

 private:
  Appender& Note(duckdb_state state) {
    failed_ = failed_ || state != DuckDBSuccess;
    return *this;
  }

  duckdb_appender appender_ = nullptr;
  bool failed_ = false;
};

std::string PathOf(const ledger::PartitionValues& values) {
  std::string path;
  for (const auto& [key, value] : values) path += (path.empty() ? "" : "/") + key + "=" + value;
  return path;
}

std::string_view StateName(ledger::CommitState state) {
  switch (state) {
    case ledger::CommitState::kIntent:
      return "intent";
    case ledger::CommitState::kCommitted:
      return "committed";
    case ledger::CommitState::kAbandoned:
      return "abandoned";
  }
  return "unknown";
}

Result<void> FillFiles(ledger::Ledger& ledger, size_t, Appender& rows) {
  for (const std::string& table : DH_TRY(ledger.Tables())) {
    for (const ledger::DataFile& file : DH_TRY(ledger.Files(table))) {
      rows.Text(table).Text(file.key).Text(PathOf(file.partition)).Number(file.rows).Number(file.bytes);
      rows.Text(file.checksum).Text(file.commit);
      rows.Number(static_cast<uint64_t>(file.schema_version)).Number(static_cast<uint64_t>(file.contract_version));
      rows.EndRow();
    }
  }
  return {};
}

Result<void> FillCommits(ledger::Ledger& ledger, size_t commits_max, Appender& rows) {
  for (const ledger::Commit& commit : DH_TRY(ledger.Commits(commits_max))) {
    rows.Text(commit.id.ToString()).Text(commit.id.pipeline).Text(commit.target).Text(StateName(commit.state));
    rows.Number(commit.records).Number(commit.accepted).Number(commit.rejected).Number(commit.bytes_in);
    rows.Number(commit.added.size()).Number(commit.removed.size());
    rows.Time(commit.created_at_us).Time(commit.committed_at_us);
    rows.EndRow();
  }
  return {};
}

Result<void> FillPartitions(ledger::Ledger& ledger, size_t, Appender& rows) {
  for (const std::string& table : DH_TRY(ledger.Tables())) {
    for (const ledger::PartitionRow& partition : DH_TRY(ledger.Partitions(table))) {
      rows.Text(table).Text(PathOf(partition.values)).Number(partition.files).Number(partition.rows);
      rows.Number(partition.bytes).Bool(partition.registered);
      rows.EndRow();
    }
  }
  return {};
}

Result<void> FillPositions(ledger::Ledger& ledger, size_t, Appender& rows) {
  for (const auto& [key, position] : DH_TRY(ledger.AllPositions())) {
    rows.Text(key.source).Text(key.shard).Text(key.target).Text(position);
    rows.EndRow();
  }
  return {};
}

struct SystemTable {
  std::string_view name;
  std::string_view columns;
  Result<void> (*fill)(ledger::Ledger&, size_t, Appender&);
};

constexpr std::array<SystemTable, 4> kTables = {{
    {"files",
     "table_name VARCHAR, file VARCHAR, \"partition\" VARCHAR, \"rows\" BIGINT, bytes BIGINT, checksum VARCHAR, "
     "\"commit\" VARCHAR, schema_version BIGINT, contract_version BIGINT",
     FillFiles},
    {"commits",
     "\"commit\" VARCHAR, pipeline VARCHAR, target VARCHAR, state VARCHAR, records BIGINT, accepted BIGINT, "
     "rejected BIGINT, bytes_in BIGINT, files_added BIGINT, files_removed BIGINT, created_at TIMESTAMPTZ, "
     "committed_at TIMESTAMPTZ",
     FillCommits},
    {"partitions",
     "table_name VARCHAR, \"partition\" VARCHAR, files BIGINT, \"rows\" BIGINT, bytes BIGINT, registered BOOLEAN",
     FillPartitions},
    {"positions", "source VARCHAR, shard VARCHAR, target VARCHAR, \"position\" VARCHAR", FillPositions},
}};

}  // namespace

std::vector<std::string> SystemTableNames() {
  std::vector<std::string> names;
  for (const SystemTable& table : kTables) names.push_back(fmt::format("{}.{}", kSystemSchema, table.name));
  return names;
}

Result<void> CreateSystemTables(Session& session, std::string_view sql, ledger::Ledger* ledger, size_t commits_max) {
  if (!Mentions(sql, kSystemSchema)) return {};
  DH_TRY(session.Execute(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", kSystemSchema)));
  for (const SystemTable& table : kTables) {
    if (!Mentions(sql, table.name)) continue;
    DH_TRY(session.Execute(fmt::format("CREATE TABLE {}.{} ({})", kSystemSchema, table.name, table.columns)));
    if (ledger == nullptr) continue;
    Appender rows(session, std::string(table.name));
    DH_TRY(table.fill(*ledger, commits_max, rows));
    DH_TRY(rows.Close());
  }
  return {};
}

}  // namespace datahub::query
