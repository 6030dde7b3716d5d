// Reads what TableWriter wrote with a program that is not ours.

#include <algorithm>
#include <map>
#include <optional>

#include <duckdb.h>
#include <gtest/gtest.h>

#include "datahub/lake/partition_index.h"
#include "datahub/lake/quarantine_rows.h"
#include "datahub/lake/table_writer.h"
#include "datahub/lake/test_lake.h"

namespace datahub::lake {
namespace {

using Row = std::vector<std::optional<std::string>>;

// All values as text.
class Database {
 public:
  Database() {
    EXPECT_EQ(duckdb_open(nullptr, &database_), DuckDBSuccess);
    EXPECT_EQ(duckdb_connect(database_, &connection_), DuckDBSuccess);
    Query("SET TimeZone = 'UTC'");
    Query("SET threads = 1");  // ThreadSanitizer does not see what DuckDB's threads wait for
  }
  ~Database() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }

  std::vector<Row> Query(const std::string& sql) {
    duckdb_result result;
    const bool good = duckdb_query(connection_, sql.c_str(), &result) == DuckDBSuccess;
    EXPECT_TRUE(good) << sql << "\n" << (good ? "" : duckdb_result_error(&result));
    std::vector<Row> rows(good ? duckdb_row_count(&result) : 0);
    for (idx_t row = 0; row < rows.size(); ++row) {
      for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
        char* value = duckdb_value_varchar(&result, column, row);
        rows[row].push_back(value == nullptr ? std::nullopt : std::optional<std::string>(value));
        duckdb_free(value);
      }
    }
    duckdb_destroy_result(&result);
    return rows;
  }

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

std::string FileList(const TestLake& lake, const std::vector<ledger::DataFile>& files) {
  std::string list = "read_parquet([";
  for (const ledger::DataFile& file : files) list += "'" + lake.folder() + "/" + file.unseen + "',";
  return list + "], hive_partitioning = false)";
}

std::optional<std::string> OptionalText(const auto& value) {
  return value ? std::optional<std::string>(std::to_string(*value)) : std::nullopt;
}

// As the query below shows it.
Row Shown(const TestRow& row, const std::string& shard, int64_t received_at_us, bool with_country) {
  std::optional<std::string> tags;
  if (row.tags) {
    tags = "[";
    for (const auto& tag : *row.tags) *tags += (tags->size() > 1 ? ", " : "") + tag.value_or("NULL");
    *tags += "]";
  }
  std::string offset = std::to_string(row.offset);
  offset.insert(0, 20 - offset.size(), '0');
  Row shown = {offset,
               "source",
               shard,
               std::to_string(received_at_us),
               "1",
               OptionalText(row.created_at),
               OptionalText(row.amount),
               OptionalText(row.day),
               row.paid ? std::optional<std::string>(*row.paid ? "true" : "false") : std::nullopt,
               tags};
  if (with_country) shown.push_back(row.country);
  return shown;
}

constexpr char kSelect[] =
    "SELECT dh_offset, dh_source, dh_shard, epoch_us(dh_received_at)::VARCHAR, dh_contract_version::VARCHAR, "
    "epoch_us(created_at)::VARCHAR, amount::VARCHAR, (day - DATE '1970-01-01')::VARCHAR, paid::VARCHAR, tags::VARCHAR";

TEST(ReadBack, EveryRowOnceInItsPartitionWithItsValues) {
  Database database;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const bool by_country = seed % 2 == 1;  // moved out of the files
    RandomRows random(seed);
    TestLake lake;
    TableSpec spec = TestTable({by_country ? "country" : "day(created_at) as d"});
    spec.buffer_bytes_max = 30'000 + 100'000 * (seed % 3);
    spec.file_bytes_max = 30'000;
    spec.row_group_rows_max = 200;
    TableWriter writer(lake.store(), spec, "000001-1", "stem");
    PartitionIndex index(spec.partition_by, spec.schema);
    std::map<std::string, std::vector<Row>> expected, read;
    for (int chunk = 0; chunk < 40; ++chunk) {
      const std::vector<TestRow> rows = random.Rows(random.Below(120));
      const std::string shard = "shard-" + std::to_string(chunk % 3);
      const auto columns = ColumnsOf(rows, 1000 + chunk, shard);
      std::vector<uint32_t> numbers;
      ASSERT_TRUE(index.Assign(*columns, numbers).empty());
      for (size_t i = 0; i < rows.size(); ++i) {
        expected[index.partition(numbers[i]).path].push_back(Shown(rows[i], shard, 1000 + chunk, !by_country));
      }
      ASSERT_TRUE(writer.Append(columns));
    }
    const auto files = writer.Finish();
    ASSERT_TRUE(files) << files.error().ToString();
    for (const ledger::DataFile& file : *files) {
      const std::string key = file.key.substr(5);  // "db/t/"
      std::vector<Row>& rows = read[key.substr(0, key.rfind('/') + 1)];
      const auto found =
          database.Query(kSelect + std::string(by_country ? "" : ", country") + " FROM " + FileList(lake, {file}));
      EXPECT_EQ(found.size(), file.rows);
      rows.insert(rows.end(), found.begin(), found.end());
    }
    ASSERT_EQ(read.size(), expected.size());
    for (auto& [path, rows] : expected) {
      std::sort(rows.begin(), rows.end());
      std::sort(read[path].begin(), read[path].end());
      ASSERT_EQ(read[path], rows) << "seed " << seed << " " << path;
    }
  }
}

TEST(ReadBack, RowGroupsHaveALimit) {
  Database database;
  TestLake lake;
  TableSpec spec = TestTable({});
  spec.row_group_rows_max = 30;
  TableWriter writer(lake.store(), spec, "000001-1", "stem");
  RandomRows random(10);
  ASSERT_TRUE(writer.Append(ColumnsOf(random.Rows(100))));
  ASSERT_TRUE(writer.Append(ColumnsOf(random.Rows(11))));
  const auto files = writer.Finish();
  ASSERT_TRUE(files) << files.error().ToString();
  const std::string path = lake.folder() + "/" + files->at(0).unseen;
  EXPECT_EQ(database.Query("SELECT DISTINCT row_group_id, row_group_num_rows::VARCHAR FROM parquet_metadata('" + path +
                           "') ORDER BY 1"),
            (std::vector<Row>{{"0", "30"}, {"1", "30"}, {"2", "30"}, {"3", "21"}}));
  EXPECT_EQ(
      database.Query("SELECT count(DISTINCT dh_offset)::VARCHAR, min(dh_offset), max(dh_offset) FROM '" + path + "'"),
      (std::vector<Row>{{"111", "00000000000000000001", "00000000000000000111"}}));
}

TEST(ReadBack, AnIdentityColumnIsOnlyInTheKey) {
  Database database;
  TestLake lake;
  TableWriter writer(lake.store(), TestTable({"country as land", "day(created_at)"}), "000001-1", "stem");
  ASSERT_TRUE(writer.Append(ColumnsOf({TestRow{.offset = 1, .created_at = 0, .country = "de"}})));
  const auto files = writer.Finish();
  ASSERT_TRUE(files) << files.error().ToString();
  EXPECT_EQ(
      database.Query("SELECT string_agg(column_name) FROM (DESCRIBE SELECT * FROM " + FileList(lake, *files) + ")"),
      (std::vector<Row>{{"created_at,amount,day,paid,tags,dh_received_at,dh_source,dh_shard,dh_offset,"
                         "dh_contract_version"}}));
}

// One day, and here and there a late event of one of twenty others: those wait until there are many.
TEST(ReadBack, StragglersDoNotMakeTinyRowGroups) {
  Database database;
  TestLake lake;
  TableSpec spec = TestTable({"day(created_at) as d"});
  spec.buffer_bytes_max = 1'500'000;
  TableWriter writer(lake.store(), spec, "000001-1", "stem");
  RandomRows random(9);
  for (int chunk = 0; chunk < 50; ++chunk) {
    std::vector<TestRow> rows = random.Rows(2000);
    for (TestRow& row : rows) row.created_at = random.Below(20) == 0 ? 86'400'000'000 * random.Below(20) : -1;
    ASSERT_TRUE(writer.Append(ColumnsOf(rows)));
    ASSERT_LE(writer.buffered_bytes(), spec.buffer_bytes_max);
  }
  const auto files = writer.Finish();
  ASSERT_TRUE(files) << files.error().ToString();
  ASSERT_EQ(files->size(), 21u);
  std::string list;
  for (const ledger::DataFile& file : *files) list += "'" + lake.folder() + "/" + file.unseen + "',";
  const auto groups = database.Query(
      "SELECT count(*)::VARCHAR, sum(row_group_num_rows)::VARCHAR FROM (SELECT DISTINCT file_name, row_group_id, "
      "row_group_num_rows FROM parquet_metadata([" +
      list + "]))");
  EXPECT_EQ(groups[0][1], "100000");
  EXPECT_LE(std::stoi(groups[0][0].value()), 60);  // 20 times the number of drains when each took all partitions
}

TEST(ReadBack, QuarantineIsATableLikeAnyOther) {
  Database database;
  TestLake lake;
  auto chunk = std::make_shared<record::Chunk>();
  chunk->bytes = std::string_view("{\"a\":1\n\xff\x00\n", 9);
  chunk->source = "source";
  chunk->shard = "file";
  QuarantineRows rows(chunk, 2);
  rows.Add(0, chunk->bytes.substr(0, 6));
  rows.AddReason("", "dh:json", "byte 6: the text ends");
  rows.AddReason("/a", "#/type", "second");
  rows.Add(7, chunk->bytes.substr(7, 2));
  TableSpec spec = TestTable({});
  spec.schema = QuarantineRows::Schema();
  spec.partition_by = QuarantineRows::PartitionBy();
  TableWriter writer(lake.store(), spec, "000001-1", "stem");
  ASSERT_TRUE(writer.Append(std::move(rows).Take()));
  const auto files = writer.Finish();
  ASSERT_TRUE(files) << files.error().ToString();
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ((*files)[0].partition, (ledger::PartitionValues{{"received_day", "1970-01-01"}}));
  const auto read = database.Query(
      "SELECT hex(raw), len(reasons)::VARCHAR, reasons[1].keyword, reasons[2].message, "
      "dh_offset FROM " +
      FileList(lake, *files) + " ORDER BY dh_offset");
  EXPECT_EQ(read, (std::vector<Row>{{"7B2261223A31", "2", "dh:json", "second", "00000000000000000000"},
                                    {"FF00", "0", std::nullopt, std::nullopt, "00000000000000000007"}}));
}

}  // namespace
}  // namespace datahub::lake
