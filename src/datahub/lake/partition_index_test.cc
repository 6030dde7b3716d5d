#include "datahub/lake/partition_index.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "datahub/lake/test_rows.h"

namespace datahub::lake {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

std::vector<PartitionField> Fields(std::initializer_list<std::string_view> texts) {
  std::vector<PartitionField> fields;
  for (const std::string_view text : texts) fields.push_back(ParsePartitionField(text).value());
  EXPECT_TRUE(CheckPartitioning(fields, TestSchema()));
  return fields;
}

// The path of every row, "!" and the message for one that cannot land.
std::vector<std::string> PathsOf(PartitionIndex& index, const record::Columns& columns) {
  std::vector<uint32_t> numbers;
  const std::vector<LandingFailure> failures = index.Assign(columns, numbers);
  std::vector<std::string> paths;
  size_t failed = 0;
  for (uint32_t row = 0; row < columns.rows; ++row) {
    if (numbers[row] != PartitionIndex::kCannotLand) {
      paths.push_back(index.partition(numbers[row]).path);
      continue;
    }
    EXPECT_LT(failed, failures.size());
    EXPECT_EQ(failures[failed].row, row);
    paths.push_back("!" + failures[failed].column + ": " + failures[failed].message);
    ++failed;
  }
  EXPECT_EQ(failed, failures.size());
  return paths;
}

TestRow At(std::optional<int64_t> us) { return {.created_at = us}; }
TestRow In(std::optional<std::string> country) { return {.country = std::move(country)}; }

TEST(PartitionIndex, DaysHoursAndMonthsOfTimestamps) {
  const auto rows = ColumnsOf({At(0), At(-1), At(20454 * kDayUs + 13 * kDayUs / 24), At(std::nullopt), At(kDayUs - 1),
                               At(INT64_MAX), At(INT64_MIN)});
  PartitionIndex days(Fields({"day(created_at) as d"}), TestSchema());
  const std::string out = "!created_at: cannot be a value of partition key 'd': its year is not within 0000 to 9999";
  EXPECT_EQ(PathsOf(days, *rows),
            (std::vector<std::string>{"d=1970-01-01/", "d=1969-12-31/", "d=2026-01-01/",
                                      "d=__HIVE_DEFAULT_PARTITION__/", "d=1970-01-01/", out, out}));
  EXPECT_EQ(days.size(), 4u);
  PartitionIndex hours(Fields({"hour(created_at) as d"}), TestSchema());
  EXPECT_EQ(PathsOf(hours, *rows)[2], "d=2026-01-01-13/");
  EXPECT_EQ(PathsOf(hours, *rows)[1], "d=1969-12-31-23/");
  EXPECT_EQ(PathsOf(hours, *rows)[5], out);
  PartitionIndex months(Fields({"month(created_at) as d"}), TestSchema());
  EXPECT_EQ(PathsOf(months, *rows)[2], "d=2026-01/");
  EXPECT_EQ(PathsOf(months, *rows)[1], "d=1969-12/");
  EXPECT_EQ(PathsOf(months, *rows)[6], out);
}

TEST(PartitionIndex, OtherKindsAndReceipt) {
  const auto rows = ColumnsOf({{.amount = -5, .day = 31, .paid = true}, {.amount = 5, .day = -1, .paid = false}, {}},
                              20454 * kDayUs + 1);
  PartitionIndex index(Fields({"amount", "day", "paid", "month(day) as m", "day(received_at)"}), TestSchema());
  const std::string null = "__HIVE_DEFAULT_PARTITION__";
  EXPECT_EQ(PathsOf(index, *rows),
            (std::vector<std::string>{
                "amount=-5/day=1970-02-01/paid=true/m=1970-02/received_day=2026-01-01/",
                "amount=5/day=1969-12-31/paid=false/m=1969-12/received_day=2026-01-01/",
                "amount=" + null + "/day=" + null + "/paid=" + null + "/m=" + null + "/received_day=2026-01-01/"}));
  EXPECT_EQ(index.partition(0).values[3], (std::pair<std::string, std::string>{"m", "1970-02"}));
}

TEST(PartitionIndex, StringsThatCannotLandAreNamedAndNotRemembered) {
  const auto rows = ColumnsOf({In("de"), In(""), In("../../etc"), In("__HIVE_DEFAULT_PARTITION__"), In(std::nullopt),
                               In(std::string(201, 'x')), In("de")});
  PartitionIndex index(Fields({"country"}), TestSchema());
  const std::vector<std::string> paths = PathsOf(index, *rows);
  EXPECT_EQ(paths[0], "country=de/");
  EXPECT_NE(paths[1].find("!country"), std::string::npos);
  EXPECT_EQ(paths[2], "country=..%2F..%2Fetc/");
  EXPECT_NE(paths[3].find("spelled"), std::string::npos);
  EXPECT_EQ(paths[4], "country=__HIVE_DEFAULT_PARTITION__/");
  EXPECT_NE(paths[5].find("201 bytes"), std::string::npos);
  EXPECT_EQ(paths[6], paths[0]);
  EXPECT_EQ(index.remembered(), 3u);
}

TEST(PartitionIndex, PathsHaveALimit) {
  std::vector<PartitionField> fields;
  record::TableSchema schema;
  std::shared_ptr<record::Columns> columns = ColumnsOf({In(std::string(200, 'x')), In("short")});
  columns->leaves = std::vector<record::LeafColumn>(4, columns->leaves[1]);
  for (const char* name : {"a", "b", "c", "d"}) {
    record::Field field;
    field.name = name;
    schema.fields.push_back(field);
    fields.push_back({Transform::kIdentity, name, name});
  }
  PartitionIndex index(fields, schema);
  std::vector<uint32_t> numbers;
  const auto failures = index.Assign(*columns, numbers);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].row, 0u);
  EXPECT_NE(failures[0].message.find("700 bytes"), std::string::npos);
  EXPECT_EQ(index.partition(numbers[1]).path, "a=short/b=short/c=short/d=short/");
}

TEST(PartitionIndex, WithoutFieldsThereIsOne) {
  PartitionIndex index({}, TestSchema());
  EXPECT_EQ(PathsOf(index, *ColumnsOf({At(1), At(2)})), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(index.size(), 1u);
  EXPECT_TRUE(PathsOf(index, *ColumnsOf({})).empty());
}

// Numbers are the same whatever was seen between: against a plain map.
TEST(PartitionIndex, RandomRowsAgreeWithAMap) {
  std::mt19937_64 random(7);
  PartitionIndex index(Fields({"day(created_at) as d", "country", "hour(created_at) as h"}), TestSchema());
  std::map<std::string, uint32_t> numbers_by_path;
  for (int round = 0; round < 20; ++round) {
    std::vector<TestRow> rows;
    for (int i = 0; i < 500; ++i) {
      TestRow row = At(static_cast<int64_t>(random() % (200 * kDayUs)) - 100 * kDayUs);
      if (random() % 10 == 0) row.created_at.reset();
      if (random() % 10 != 0) row.country = std::string(1, static_cast<char>('!' + random() % 90));
      rows.push_back(row);
    }
    std::vector<uint32_t> numbers;
    EXPECT_TRUE(index.Assign(*ColumnsOf(rows), numbers).empty());
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string null(kNullPartition);
      std::string day = null, hour = null;
      if (rows[i].created_at) {
        const int64_t hours = (*rows[i].created_at + 100 * kDayUs) / (kDayUs / 24) - 100 * 24;
        hour = BucketPartitionValue(Transform::kHour, record::Kind::kTimestamp, hours).text;
        day = hour.substr(0, 10);
      }
      const std::string country = rows[i].country ? EscapePartitionValue(*rows[i].country) : null;
      const std::string path = "d=" + day + "/country=" + country + "/h=" + hour + "/";
      ASSERT_EQ(index.partition(numbers[i]).path, path);
      ASSERT_EQ(numbers_by_path.emplace(path, numbers[i]).first->second, numbers[i]);
    }
  }
  EXPECT_EQ(index.size(), numbers_by_path.size());
}

}  // namespace
}  // namespace datahub::lake
