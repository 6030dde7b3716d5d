#include "datahub/lake/test_lake.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

namespace datahub::lake {

TestLake::TestLake() {
  const std::filesystem::path memory = "/dev/shm";  // where syncing hundreds of files costs nothing
  const std::filesystem::path parent =
      ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "datahub-lake-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  store_ = storage::OpenLocalStore(folder_).value();
}

TestLake::~TestLake() { std::filesystem::remove_all(folder_); }

std::vector<std::string> TestLake::UnseenFiles() const {
  std::vector<std::string> files;
  const std::filesystem::path unseen = std::filesystem::path(folder_) / ".unseen";
  if (!std::filesystem::exists(unseen)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(unseen)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  return files;
}

TableSpec TestTable(const std::vector<std::string>& partition_by) {
  TableSpec spec;
  spec.table = "t";
  spec.folder = "db/t";
  spec.schema = TestSchema();
  spec.schema_version = 5;
  for (const std::string& text : partition_by) spec.partition_by.push_back(ParsePartitionField(text).value());
  return spec;
}

TestRow RandomRows::Row() {
  TestRow row;
  row.offset = next_offset_++;
  constexpr uint64_t kSpanUs = 28ull * 86'400'000'000;  // four weeks
  if (Below(8) != 0) row.created_at = static_cast<int64_t>(1'767'225'600'000'000 + Below(kSpanUs));
  if (Below(4) != 0) row.country = std::string(1 + 17 * Below(3), static_cast<char>('a' + Below(6)));
  if (Below(4) != 0) row.amount = static_cast<int64_t>(random_());
  if (Below(4) != 0) row.day = static_cast<int32_t>(Below(20000));
  if (Below(4) != 0) row.paid = Below(2) == 0;
  if (Below(4) != 0) {
    row.tags.emplace();
    for (uint64_t i = Below(4); i > 0; --i) {
      const bool null = Below(4) == 0;
      row.tags->push_back(null ? std::nullopt : std::optional<std::string>(std::string(1 + Below(9), 't')));
    }
  }
  return row;
}

std::vector<TestRow> RandomRows::Rows(size_t count) {
  std::vector<TestRow> rows;
  while (rows.size() < count) rows.push_back(Row());
  return rows;
}

}  // namespace datahub::lake
