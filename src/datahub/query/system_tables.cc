#include "datahub/query/system_tables.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "datahub/query/query_error.h"
#include "datahub/query/statement_text.h"
#include "datahub/query/wire.h"

namespace datahub::query {
namespace {

// Cells as bytes: a letter that says what, then the value.
class Cells {
 public:
  Cells& Text(std::string_view text) {
    out_.text += 't';
    out_.Text(text);
    return *this;
  }
  Cells& Number(uint64_t number) { return Add('n', number); }
  Cells& Bool(bool value) { return Add('b', value ? 1 : 0); }
  // 0 = not yet.
  Cells& Time(int64_t micros) { return Add('m', static_cast<uint64_t>(micros)); }
  void EndRow() { out_.text += 'r'; }
  std::string Take() { return std::move(out_.text); }

 private:
  Cells& Add(char what, uint64_t value) {
    out_.text += what;
    out_.Number(value);
    return *this;
  }
  Encoder out_;
};

// Cells into a table of the system schema. An error of any append shows at Close().
class Appender {
 public:
  Appender(Session& session, const std::string& table) {
    duckdb_appender_create(session.connection(), std::string(kSystemSchema).c_str(), table.c_str(), &appender_);
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() { duckdb_appender_destroy(&appender_); }

  void Add(Decoder& cells) {
    switch (cells.Byte()) {
      case 't': {
        const std::string_view text = cells.Text();
        return Note(duckdb_append_varchar_length(appender_, text.data(), text.size()));
      }
      case 'n':
        return Note(duckdb_append_int64(appender_, static_cast<int64_t>(cells.Number())));
      case 'b':
        return Note(duckdb_append_bool(appender_, cells.Number() != 0));
      case 'm': {
        const auto micros = static_cast<int64_t>(cells.Number());
        return Note(micros == 0 ? duckdb_append_null(appender_) : duckdb_append_timestamp(appender_, {micros}));
      }
      case 'r':
        return Note(duckdb_appender_end_row(appender_));
      default:
        failed_ = true;
    }
  }

  Result<void> Close() {
    if (duckdb_appender_close(appender_) != DuckDBSuccess) failed_ = true;
    if (!failed_) return {};
    const char* why = duckdb_appender_error(appender_);
    return Error{Code::kInternal, fmt::format("query: a system table was not filled: {}", why == nullptr ? "" : why)};
  }

 private:
  void Note(duckdb_state state) { failed_ = failed_ || state != DuckDBSuccess; }

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

Result<void> FillFiles(ledger::Ledger& ledger, size_t, Cells& rows) {
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

Result<void> FillCommits(ledger::Ledger& ledger, size_t commits_max, Cells& rows) {
  for (const ledger::Commit& commit : DH_TRY(ledger.Commits(commits_max))) {
    rows.Text(commit.id.ToString()).Text(commit.id.pipeline).Text(commit.target).Text(StateName(commit.state));
    rows.Number(commit.records).Number(commit.accepted).Number(commit.rejected).Number(commit.bytes_in);
    rows.Number(commit.added.size()).Number(commit.removed.size());
    rows.Time(commit.created_at_us).Time(commit.committed_at_us);
    rows.EndRow();
  }
  return {};
}

Result<void> FillPartitions(ledger::Ledger& ledger, size_t, Cells& rows) {
  for (const std::string& table : DH_TRY(ledger.Tables())) {
    for (const ledger::PartitionRow& partition : DH_TRY(ledger.Partitions(table))) {
      rows.Text(table).Text(PathOf(partition.values)).Number(partition.files).Number(partition.rows);
      rows.Number(partition.bytes).Bool(partition.registered);
      rows.EndRow();
    }
  }
  return {};
}

Result<void> FillPositions(ledger::Ledger& ledger, size_t, Cells& rows) {
  for (const auto& [key, position] : DH_TRY(ledger.AllPositions())) {
    rows.Text(key.source).Text(key.shard).Text(key.target).Text(position);
    rows.EndRow();
  }
  return {};
}

struct SystemTable {
  std::string_view name;
  std::string_view columns;
  Result<void> (*fill)(ledger::Ledger&, size_t, Cells&);
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

Result<void> ReadSystemTables(std::string_view sql, ledger::Ledger* ledger, size_t commits_max, Snapshot& snapshot) {
  if (!Mentions(sql, kSystemSchema)) return {};
  for (size_t i = 0; i < kTables.size(); ++i) {
    if (!Mentions(sql, kTables[i].name)) continue;
    Cells rows;
    if (ledger != nullptr) DH_TRY(kTables[i].fill(*ledger, commits_max, rows));
    snapshot.system.push_back({i, rows.Take()});
  }
  return {};
}

Result<void> CreateSystemTables(Session& session, const Snapshot& snapshot) {
  if (snapshot.system.empty()) return {};
  DH_TRY(session.Execute(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", kSystemSchema)));
  for (const Snapshot::Rows& rows : snapshot.system) {
    if (rows.table >= kTables.size()) return Error{Code::kInternal, "query: the snapshot names no system table"};
    const SystemTable& table = kTables[rows.table];
    DH_TRY(session.Execute(fmt::format("CREATE TABLE {}.{} ({})", kSystemSchema, table.name, table.columns)));
    Appender appender(session, std::string(table.name));
    Decoder cells(rows.cells);
    while (!cells.done() && cells.whole()) appender.Add(cells);
    DH_TRY(appender.Close());
  }
  return {};
}

}  // namespace datahub::query
