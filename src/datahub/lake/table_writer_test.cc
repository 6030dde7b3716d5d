#include "datahub/lake/table_writer.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "datahub/base/fault.h"
#include "datahub/lake/partition_index.h"
#include "datahub/lake/test_lake.h"
#include "datahub/storage/faulty_store.h"

namespace datahub::lake {
namespace {

constexpr char kIncarnation[] = "000001-00000000000000ff";
constexpr char kStem[] = "p-000001-00000000000000ff-7-a";

std::vector<ledger::DataFile> Finished(TableWriter& writer) {
  auto files = writer.Finish();
  EXPECT_TRUE(files) << files.error().ToString();
  return files.value_or(std::vector<ledger::DataFile>());
}

void Append(TableWriter& writer, std::shared_ptr<record::Columns> columns) {
  const auto failures = writer.Append(std::move(columns));
  ASSERT_TRUE(failures) << failures.error().ToString();
  EXPECT_TRUE(failures->empty());
}

std::map<std::string, uint64_t> RowsByFolder(const std::vector<ledger::DataFile>& files) {
  std::map<std::string, uint64_t> rows;
  for (const ledger::DataFile& file : files) rows[file.key.substr(0, file.key.rfind('/'))] += file.rows;
  return rows;
}

TEST(TableWriter, NothingMakesNoFile) {
  TestLake lake;
  TableWriter writer(lake.store(), TestTable({"day(created_at)"}), kIncarnation, kStem);
  Append(writer, ColumnsOf({}));
  EXPECT_TRUE(Finished(writer).empty());
  EXPECT_TRUE(lake.UnseenFiles().empty());
}

TEST(TableWriter, FilesAreNamedByPartitionAndCommit) {
  TestLake lake;
  TableWriter writer(lake.store(), TestTable({"day(created_at) as dt", "country"}), kIncarnation, kStem);
  TestRow first{.offset = 1, .created_at = 0, .country = "a/b"};
  TestRow second{.offset = 2, .created_at = -1};
  Append(writer, ColumnsOf({first, second, first}));
  const std::vector<ledger::DataFile> files = Finished(writer);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].key, "db/t/dt=1970-01-01/country=a%2Fb/p-000001-00000000000000ff-7-a-0.parquet");
  EXPECT_EQ(files[1].key,
            "db/t/dt=1969-12-31/country=__HIVE_DEFAULT_PARTITION__/p-000001-00000000000000ff-7-a-1.parquet");
  EXPECT_EQ(files[0].partition, (ledger::PartitionValues{{"dt", "1970-01-01"}, {"country", "a%2Fb"}}));
  EXPECT_EQ(files[0].rows, 2u);
  EXPECT_EQ(files[0].table, "t");
  EXPECT_EQ(files[0].schema_version, 5);
  EXPECT_EQ(files[0].contract_version, 1);
  EXPECT_EQ(files[0].checksum.size(), 32u);
  EXPECT_EQ(writer.encoded_bytes(), files[0].bytes + files[1].bytes);
  EXPECT_EQ(lake.UnseenFiles().size(), 2u);
}

TEST(TableWriter, WithoutPartitionsFilesLieInTheTablesFolder) {
  TestLake lake;
  TableWriter writer(lake.store(), TestTable({}), kIncarnation, kStem);
  Append(writer, ColumnsOf({TestRow{.offset = 1}}));
  const std::vector<ledger::DataFile> files = Finished(writer);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].key, "db/t/" + std::string(kStem) + "-0.parquet");
  EXPECT_TRUE(files[0].partition.empty());
}

TEST(TableWriter, WhatCannotLandIsHandedBackAndNotWritten) {
  TestLake lake;
  TableWriter writer(lake.store(), TestTable({"country"}), kIncarnation, kStem);
  const auto columns = ColumnsOf({TestRow{.country = ""}, TestRow{.country = ".."},
                                  TestRow{.country = kNullPartition.data()}, TestRow{.country = "../../x"}});
  const auto failures = writer.Append(columns);
  ASSERT_TRUE(failures);
  ASSERT_EQ(failures->size(), 2u);
  EXPECT_EQ((*failures)[0].row, 0u);
  EXPECT_EQ((*failures)[1].row, 2u);
  EXPECT_EQ((*failures)[1].column, "country");
  EXPECT_EQ(writer.rows(), 2u);
  EXPECT_EQ(RowsByFolder(Finished(writer)),
            (std::map<std::string, uint64_t>{{"db/t/country=..", 1}, {"db/t/country=..%2F..%2Fx", 1}}));
}

// The heart: whatever the order, the budget and the number of partitions, counts agree and memory is bounded.
TEST(TableWriter, RandomRowsUnderTinyBudgets) {
  for (uint64_t seed = 0; seed < 9; ++seed) {
    RandomRows random(seed);
    TestLake lake;
    TableSpec spec = TestTable(seed % 3 == 0   ? std::vector<std::string>{"day(created_at) as d"}
                               : seed % 3 == 1 ? std::vector<std::string>{"country"}
                                               : std::vector<std::string>{"month(created_at) as d", "paid"});
    spec.buffer_bytes_max = 20'000 + random.Below(100'000);
    spec.files_open_max = 4 + random.Below(40);
    spec.file_bytes_max = 5'000 + random.Below(40'000);
    spec.row_group_rows_max = 1 + random.Below(300);
    const size_t budget = spec.buffer_bytes_max;
    TableWriter writer(lake.store(), spec, kIncarnation, kStem);
    PartitionIndex index(spec.partition_by, spec.schema);
    std::map<std::string, uint64_t> expected;
    uint64_t rows = 0;
    for (int chunk = 0; chunk < 40; ++chunk) {
      const auto columns = ColumnsOf(random.Rows(random.Below(120)), chunk);
      std::vector<uint32_t> numbers;
      ASSERT_TRUE(index.Assign(*columns, numbers).empty());
      for (const uint32_t number : numbers) {
        std::string folder = "db/t/" + index.partition(number).path;
        folder.pop_back();
        ++expected[folder];
      }
      rows += columns->rows;
      Append(writer, columns);
      ASSERT_LE(writer.buffered_bytes(), budget);
      writer.TakeSpent();
    }
    EXPECT_EQ(writer.rows(), rows);
    EXPECT_EQ(writer.partitions_open(), index.remembered());
    const std::vector<ledger::DataFile> files = Finished(writer);
    EXPECT_EQ(RowsByFolder(files), expected) << "seed " << seed;
    std::set<std::string> keys;
    for (const ledger::DataFile& file : files) EXPECT_TRUE(keys.insert(file.key).second) << file.key;
    EXPECT_EQ(lake.UnseenFiles().size(), files.size());
  }
}

TEST(TableWriter, SortedRowsMakeFewLargeRowGroups) {
  TestLake lake;
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 400'000;
  TableWriter writer(lake.store(), spec, kIncarnation, kStem);
  RandomRows random(3);
  size_t drains = 0;
  uint64_t encoded = 0;
  for (int chunk = 0; chunk < 100; ++chunk) {
    std::vector<TestRow> rows = random.Rows(200);
    for (TestRow& row : rows) row.created_at = chunk / 25 * 86'400'000'000;
    Append(writer, ColumnsOf(rows));
    if (writer.encoded_bytes() != encoded) ++drains;
    encoded = writer.encoded_bytes();
  }
  EXPECT_EQ(Finished(writer).size(), 4u);
  EXPECT_LE(drains, 25u);  // each of four chunks or more
  EXPECT_GE(drains, 4u);
}

// `partitions` days, evenly mixed.
std::vector<ledger::DataFile> MixedDays(const TableSpec& spec, int64_t partitions) {
  TestLake lake;
  TableWriter writer(lake.store(), spec, kIncarnation, kStem);
  RandomRows random(8);
  for (int chunk = 0; chunk < 40; ++chunk) {
    std::vector<TestRow> rows = random.Rows(120);
    for (TestRow& row : rows) row.created_at = static_cast<int64_t>(row.offset) % partitions * 86'400'000'000;
    Append(writer, ColumnsOf(rows));
  }
  return Finished(writer);
}

TEST(TableWriter, AFileThatIsFullIsSealedAndAnotherBegun) {
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 100'000;
  EXPECT_EQ(MixedDays(spec, 1).size(), 1u);
  spec.file_bytes_max = 5'000;
  const std::vector<ledger::DataFile> files = MixedDays(spec, 1);
  ASSERT_GT(files.size(), 2u);
  for (size_t i = 0; i + 1 < files.size(); ++i) EXPECT_GE(files[i].bytes, spec.file_bytes_max);
  EXPECT_EQ(RowsByFolder(files), (std::map<std::string, uint64_t>{{"db/t/d=1970-01-01", 4800}}));
}

TEST(TableWriter, OpenFilesHaveALimit) {
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 100'000;
  spec.files_open_max = 6;
  EXPECT_EQ(MixedDays(spec, 6).size(), 6u);
  spec.files_open_max = 5;
  const std::vector<ledger::DataFile> files = MixedDays(spec, 6);
  EXPECT_GT(files.size(), 6u);
  for (const auto& [folder, rows] : RowsByFolder(files)) EXPECT_EQ(rows, 800u) << folder;
}

TEST(TableWriter, ColumnsComeBackForReuse) {
  TestLake lake;
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 50'000;
  TableWriter writer(lake.store(), spec, kIncarnation, kStem);
  RandomRows random(4);
  std::set<const record::Columns*> given;
  size_t returned = 0;
  for (int chunk = 0; chunk < 50; ++chunk) {
    auto columns = ColumnsOf(random.Rows(50));
    given.insert(columns.get());
    Append(writer, std::move(columns));
    for (const auto& spent : writer.TakeSpent()) {
      EXPECT_TRUE(given.contains(spent.get()));
      EXPECT_EQ(spent.use_count(), 1);
      given.erase(spent.get());
      ++returned;
    }
  }
  Finished(writer);
  returned += writer.TakeSpent().size();
  EXPECT_EQ(returned, 50u);
}

TEST(TableWriter, DroppedItLeavesNothingOfOpenFiles) {
  TestLake lake;
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 10'000;
  {
    TableWriter writer(lake.store(), spec, kIncarnation, kStem);
    RandomRows random(5);
    Append(writer, ColumnsOf(random.Rows(500)));
    EXPECT_FALSE(lake.UnseenFiles().empty());
  }
  EXPECT_TRUE(lake.UnseenFiles().empty());
}

// The N-th call of the store fails: the error comes out of Append or Finish, and never a list of files.
TEST(TableWriter, EveryFailureOfTheStoreIsReported) {
  bool passed = false;
  for (uint64_t at = 1; !passed; at += at / 8 + 1) {
    TestLake lake;
    FaultPlan plan(FaultPlan::Kind::kOnce, at, Code::kDiskFull);
    storage::FaultyStore store(lake.store(), plan);
    TableSpec spec = TestTable({"month(created_at) as m"});
    spec.buffer_bytes_max = 20'000;
    spec.file_bytes_max = 5'000;
    TableWriter writer(store, spec, kIncarnation, kStem);
    RandomRows random(6);
    const auto run = [&]() -> Result<void> {
      for (int chunk = 0; chunk < 6; ++chunk) DH_TRY(writer.Append(ColumnsOf(random.Rows(100))));
      DH_TRY(writer.Finish());
      return {};
    };
    const Result<void> ran = run();
    passed = ran.has_value();
    EXPECT_EQ(passed, plan.failed() == 0) << "call " << at;
    if (!passed) {
      EXPECT_EQ(ran.error().code, Code::kDiskFull);
    }
    ASSERT_LT(at, 100'000u);
  }
}

}  // namespace
}  // namespace datahub::lake
