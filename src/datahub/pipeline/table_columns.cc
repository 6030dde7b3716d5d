#include "datahub/pipeline/table_columns.h"

#include <algorithm>

#include <fmt/format.h>

namespace datahub::pipeline {
namespace {

using record::Field;
using record::Kind;

int LargestId(const std::vector<Field>& fields) {
  int largest = 0;
  for (const Field& field : fields) largest = std::max({largest, field.id, LargestId(field.children)});
  return largest;
}

bool SameButCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Two trees grow together: `table` gains and widens, `file` gets ids.
class Agreement {
 public:
  Agreement(const std::string& table, int next_id, bool has_files)
      : table_(table), next_id_(next_id), has_files_(has_files) {}

  Result<void> Merge(std::vector<Field>& table, std::vector<Field>& file, const std::string& prefix) {
    for (Field& field : file) {
      const std::string path = prefix + field.name;
      const auto known = std::ranges::find_if(table, [&](const Field& f) { return SameButCase(f.name, field.name); });
      if (known != table.end() && known->name != field.name) {
        return Error{
            Code::kInvalidInput,
            fmt::format("column '{}' of table '{}' is called '{}' there: names that differ only in case are one "
                        "for Hive and for SQL. Spell it as the table does, or name it with x-datahub-column",
                        path, table_, known->name)};
      }
      if (known == table.end()) {
        AssignIds(field);
        table.push_back(field);
        changed_ = true;
        continue;
      }
      DH_TRY(MergeOne(*known, field, path));
    }
    return {};
  }

  bool changed() const { return changed_; }

 private:
  Result<void> MergeOne(Field& known, Field& field, const std::string& path) {
    field.id = known.id;
    if (known.kind == field.kind && known.scale == field.scale) {
      if (record::IsNested(field.kind)) return Merge(known.children, field.children, path + ".");
      return {};
    }
    const bool widens = known.kind == Kind::kInt32 && field.kind == Kind::kInt64;
    if (widens && has_files_) {
      return Error{
          Code::kInvalidInput,
          fmt::format("column '{}' of table '{}' is int32, the contract makes it int64; the table has files of the "
                      "narrow type, and some engines (Spark) fail on a table whose files mix both. Keep "
                      "\"x-datahub-column\": {{\"type\": \"int32\"}}, or write to a new table",
                      path, table_)};
    }
    if (known.kind == Kind::kInt64 && field.kind == Kind::kInt32) {
      return Error{
          Code::kInvalidInput,
          fmt::format("column '{}' of table '{}' is int64, the contract makes it int32; some engines (Spark) fail on "
                      "files that are narrower than their table. Take the type int32 out of its x-datahub-column, or "
                      "write to a new table",
                      path, table_)};
    }
    if (widens) {
      known.kind = Kind::kInt64;
      changed_ = true;
      return {};
    }
    return Error{
        Code::kInvalidInput,
        fmt::format("column '{}' of table '{}' is {}, the contract makes it {}; a table's columns are only added "
                    "or, before the first file, widened (int32 to int64). Write to a new table, or keep the type with "
                    "x-datahub-column",
                    path, table_, record::ToString(known), record::ToString(field))};
  }

  void AssignIds(Field& field) {
    field.id = next_id_++;
    for (Field& child : field.children) AssignIds(child);
  }

  const std::string& table_;
  int next_id_;
  const bool has_files_;
  bool changed_ = false;
};

std::string TextOf(const std::vector<ledger::PartitionKey>& keys) {
  std::string text;
  for (const ledger::PartitionKey& key : keys) {
    text += fmt::format("{}{}({}) as {}", text.empty() ? "" : ", ", key.transform, key.column, key.name);
  }
  return text;
}

}  // namespace

Result<AgreedColumns> AgreeColumns(const std::optional<ledger::TableColumns>& known, ledger::TableColumns wanted,
                                   bool has_files) {
  const std::string table = wanted.table;
  if (known && known->partition_keys != wanted.partition_keys) {
    return Error{
        Code::kInvalidInput,
        fmt::format("table '{}' is partitioned by [{}], the project says [{}]; a table keeps its partition keys. "
                    "Write to a new table, or put the old keys back",
                    table, TextOf(known->partition_keys), TextOf(wanted.partition_keys))};
  }
  const auto database_of = [](const std::string& folder) { return folder.substr(0, folder.rfind('/')); };
  if (known && database_of(known->folder) != database_of(wanted.folder)) {
    return Error{Code::kInvalidInput,
                 fmt::format("the files of table '{}' lie in {} of the lake, the project says {}; a table keeps its "
                             "folder. Put lake.database back, or start a new project",
                             table, known->folder, wanted.folder)};
  }
  AgreedColumns agreed;
  agreed.file = std::move(wanted.schema);
  wanted.schema = {};
  agreed.table = known ? *known : std::move(wanted);
  Agreement agreement(table, LargestId(agreed.table.schema.fields) + 1, has_files);
  DH_TRY(agreement.Merge(agreed.table.schema.fields, agreed.file.fields, ""));
  agreed.changed = !known || agreement.changed();
  if (agreed.changed) ++agreed.table.version;
  return agreed;
}

Result<AgreedColumns> AgreeColumns(ledger::Ledger& ledger, ledger::TableColumns wanted) {
  const auto known = DH_TRY(ledger.Columns(wanted.table));
  const bool has_files = known && !DH_TRY(ledger.Files(wanted.table)).empty();
  return AgreeColumns(known, std::move(wanted), has_files);
}

ledger::TableColumns WantedColumns(const lake::TableSpec& table) {
  ledger::TableColumns wanted{table.table, table.folder, 0, table.schema, {}};
  for (const lake::PartitionField& field : table.partition_by) {
    wanted.partition_keys.push_back({field.key, std::string(lake::NameOf(field.transform)), field.column});
  }
  return wanted;
}

}  // namespace datahub::pipeline
