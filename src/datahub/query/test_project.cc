#include "datahub/query/test_project.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "datahub/base/hash.h"
#include "datahub/query/statement_text.h"

namespace datahub::query {
namespace {

constexpr std::string_view kLineage =
    "TIMESTAMPTZ '2026-02-01 00:00:00.25Z' AS dh_received_at, 'inbox' AS dh_source, 'a.ndjson' AS dh_shard, "
    "lpad(CAST(row_number() OVER () - 1 AS VARCHAR), 20, '0') AS dh_offset, CAST(1 AS INTEGER) AS dh_contract_version";

// A store that only knows where objects are.
class Places : public storage::Store {
 public:
  explicit Places(std::filesystem::path root) : root_(std::move(root)) {}
  std::string LocationOf(const storage::ObjectKey& key) const override { return (root_ / key.text).string(); }

  Result<std::unique_ptr<storage::UnseenWriter>> CreateUnseen(std::string_view, const storage::ObjectKey&) override {
    return No();
  }
  Result<void> SyncUnseen(std::string_view) override { return No(); }
  Result<void> Reveal(std::span<const storage::UnseenObject>) override { return No(); }
  Result<std::optional<storage::ObjectFacts>> Look(const storage::ObjectKey&) override { return No(); }
  Result<bool> UnseenExists(const storage::UnseenObject&) override { return No(); }
  Result<void> Remove(const storage::ObjectKey&) override { return No(); }
  Result<void> Discard(const storage::UnseenObject&) override { return No(); }
  Result<std::vector<std::string>> UnseenIncarnations() override { return No(); }
  Result<void> RemoveUnseen(std::string_view) override { return No(); }
  Result<void> Note(std::string_view, std::string_view, std::string_view) override { return No(); }
  Result<std::vector<std::pair<std::string, std::string>>> Notes() override { return No(); }
  Result<std::string> Read(const storage::ObjectKey&) override { return No(); }
  Result<std::vector<storage::ObjectKey>> List(std::string_view) override { return No(); }

 private:
  static Error No() { return Error{Code::kInternal, "a query never lists or writes"}; }
  std::filesystem::path root_;
};

}  // namespace

Result<std::vector<ledger::Commit>> FakeLedger::Commits(size_t newest_max) {
  return std::vector<ledger::Commit>(commits.begin(), commits.begin() + std::min(newest_max, commits.size()));
}

Result<std::optional<ledger::TableColumns>> FakeLedger::Columns(const std::string& table) {
  const auto found = columns.find(table);
  if (found == columns.end()) return std::optional<ledger::TableColumns>();
  return std::optional(found->second);
}

Result<std::vector<std::string>> FakeLedger::Tables() {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : columns) names.push_back(name);
  return names;
}

Result<std::vector<ledger::DataFile>> FakeLedger::Files(const std::string& table) {
  ++files_calls;
  return files[table];
}

Result<std::vector<ledger::PartitionRow>> FakeLedger::Partitions(const std::string& table) {
  std::map<ledger::PartitionValues, ledger::PartitionRow> rows;
  for (const ledger::DataFile& file : files[table]) {
    ledger::PartitionRow& row = rows[file.partition];
    row.table = table;
    row.values = file.partition;
    ++row.files;
    row.rows += file.rows;
    row.bytes += file.bytes;
  }
  std::vector<ledger::PartitionRow> list;
  for (auto& [ignored, row] : rows) list.push_back(row);
  return list;
}

TestProject::TestProject(const std::string& folder) {
  std::string pattern = (std::filesystem::temp_directory_path() / "datahub-query-XXXXXX").string();
  scratch_ = mkdtemp(pattern.data());
  root_ = scratch_ / folder;
  store_ = std::make_unique<Places>(root_);
  snapshot.database = "sales";
  options.threads = 1;
}

TestProject::~TestProject() { std::filesystem::remove_all(scratch_); }

void TestProject::AddTable(const std::string& table, std::vector<record::Field> fields, std::vector<std::string> keys) {
  ledger::TableColumns& columns = ledger.columns[table];
  columns.table = table;
  ++columns.version;
  columns.schema.fields = std::move(fields);
  columns.partition_keys.clear();
  for (const std::string& key : keys) {
    const size_t equal = key.find('=');
    if (equal == key.npos) {
      columns.partition_keys.push_back({key, key.ends_with("_day") ? "day" : "hour", "received_at"});
    } else {
      columns.partition_keys.push_back({key.substr(0, equal), "identity", key.substr(equal + 1)});
    }
  }
}

void TestProject::AddFile(const std::string& table, const ledger::PartitionValues& partition, const std::string& select,
                          int schema_version, int contract_version) {
  ledger::DataFile file;
  file.table = table;
  file.key = "sales/" + table + "/";
  for (const auto& [key, value] : partition) file.key += key + "=" + value + "/";
  std::filesystem::create_directories(root_ / file.key);
  file.key += fmt::format("p-000001-00ff-{:06}-0.parquet", ++files_);
  file.commit = fmt::format("p-000001-00ff-{:06}", files_);
  file.partition = partition;
  file.layout = fmt::format("{}-{}", schema_version, contract_version);
  file.schema_version = schema_version;
  file.contract_version = contract_version;
  Result<Session> session = Session::Open({});
  ASSERT_TRUE(session) << session.error().message;
  const Result<void> copied = session->Execute(fmt::format("COPY (SELECT *, {} FROM ({})) TO {} (FORMAT parquet)",
                                                           kLineage, select, QuotedText(Location(file.key))));
  ASSERT_TRUE(copied) << copied.error().message;
  file.bytes = std::filesystem::file_size(root_ / file.key);
  std::ifstream content(root_ / file.key, std::ios::binary);
  file.checksum = HashBytes(std::string(std::istreambuf_iterator<char>(content), {})).ToHex();
  file.rows = 1;
  ledger.files[table].push_back(file);
}

Result<Answer> TestProject::RunInto(const std::string& sql, const OutputOptions& how, const Sink& sink) {
  // As a process of its own would be given it.
  const QueryTask whole = DH_TRY(TaskOf(sql, how));
  const QueryTask task = DH_TRY(DecodeTask(Encode(whole)));
  Engine engine = DH_TRY(Engine::Open(options));
  return std::move(engine).Run(task.snapshot, task.sql, task.output, sink);
}

Result<QueryTask> TestProject::TaskOf(const std::string& sql, const OutputOptions& how) {
  return QueryTask{DH_TRY(TakeSnapshot(&ledger, *store_, sql, snapshot)), sql, how};
}

Result<Answer> TestProject::Run(const std::string& sql, std::string* text, Format format) {
  output.format = format;
  return RunInto(sql, output, [&](std::string_view more) -> Result<void> {
    *text += more;
    return {};
  });
}

std::string TestProject::Rows(const std::string& sql) {
  std::string text;
  const Result<Answer> answer = Run(sql, &text);
  if (!answer) return "error: " + answer.error().message;
  std::erase(text, '\r');
  return text.substr(text.find('\n') + 1);
}

std::string TestProject::Json(const std::string& sql) {
  std::string text;
  const Result<Answer> answer = Run(sql, &text, Format::kJson);
  return answer ? text : "error: " + answer.error().message;
}

std::string TestProject::Failure(const std::string& sql) {
  std::string text;
  const Result<Answer> answer = Run(sql, &text);
  return answer ? "no error, but: " + text : answer.error().message;
}

record::Field MakeField(std::string name, record::Kind kind, std::vector<record::Field> children) {
  record::Field field;
  field.name = std::move(name);
  field.kind = kind;
  field.children = std::move(children);
  return field;
}

}  // namespace datahub::query
