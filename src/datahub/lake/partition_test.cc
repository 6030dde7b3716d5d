#include "datahub/lake/partition.h"

#include <gtest/gtest.h>

#include "datahub/lake/partition_value.h"
#include "datahub/lake/test_rows.h"

namespace datahub::lake {
namespace {

using record::Kind;

PartitionField Parsed(std::string_view text) {
  const auto field = ParsePartitionField(text);
  EXPECT_TRUE(field) << field.error().ToString();
  return field.value_or(PartitionField{});
}

TEST(ParsePartitionField, NamesTheKeyAfterColumnAndTransform) {
  EXPECT_EQ(Parsed("day(created_at)"), (PartitionField{Transform::kDay, "created_at", "created_at_day"}));
  EXPECT_EQ(Parsed("  hour( createdAt ) "), (PartitionField{Transform::kHour, "createdAt", "createdat_hour"}));
  EXPECT_EQ(Parsed("month(created_at) as m"), (PartitionField{Transform::kMonth, "created_at", "m"}));
  EXPECT_EQ(Parsed("Country"), (PartitionField{Transform::kIdentity, "Country", "country"}));
  EXPECT_EQ(Parsed("identity(country) as land"), (PartitionField{Transform::kIdentity, "country", "land"}));
  EXPECT_EQ(Parsed("order id as order_id"), (PartitionField{Transform::kIdentity, "order id", "order_id"}));
  EXPECT_EQ(Parsed("day(received_at)"), (PartitionField{Transform::kDay, "received_at", "received_day"}));
}

TEST(ParsePartitionField, RefusesWhatIsNotOne) {
  for (const char* text :
       {"", "  ", "week(created_at)", "day(created_at", "day()", "day() as x", "day(a) as ", "day(a) as X",
        "day(a) as _x", "day(a) as .x", "day(a) as dh_x", "day(a) as a/b", "day(a) as x=y", "order id", "über",
        "day(a) as aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "../x", "dh_source"}) {
    const auto field = ParsePartitionField(text);
    ASSERT_FALSE(field) << text;
    EXPECT_EQ(field.error().code, Code::kInvalidInput) << text;
  }
}

std::string Check(std::initializer_list<std::string_view> texts) {
  std::vector<PartitionField> fields;
  for (const std::string_view text : texts) fields.push_back(Parsed(text));
  const auto checked = CheckPartitioning(fields, TestSchema());
  return checked ? "good" : checked.error().message;
}

TEST(CheckPartitioning, TakesKindsThatFit) {
  EXPECT_EQ(Check({}), "good");
  EXPECT_EQ(Check({"day(created_at)", "hour(created_at)", "country", "amount", "paid", "month(day)"}), "good");
  EXPECT_EQ(Check({"day"}), "good");
  EXPECT_EQ(Check({"identity(country) as country"}), "good");
  EXPECT_EQ(Check({"identity(country) as land", "month(received_at)"}), "good");
}

TEST(CheckPartitioning, RefusesWhatCannotWork) {
  EXPECT_NE(Check({"created_at"}).find("use hour, day or month"), std::string::npos);
  EXPECT_NE(Check({"tags"}).find("list<string>"), std::string::npos);
  EXPECT_NE(Check({"hour(day)"}).find("hour takes timestamp"), std::string::npos);
  EXPECT_NE(Check({"day(country)"}).find("'country' is string"), std::string::npos);
  EXPECT_NE(Check({"day(missing)"}).find("no column 'missing'"), std::string::npos);
  EXPECT_NE(Check({"day(created_at) as country"}).find("name of a column"), std::string::npos);
  EXPECT_NE(Check({"day(created_at) as x", "month(created_at) as x"}).find("another key"), std::string::npos);
  EXPECT_NE(Check({"country as a", "country as b"}).find("twice"), std::string::npos);
  EXPECT_NE(Check({"received_at"}).find("use hour, day or month"), std::string::npos);
  record::TableSchema schema = TestSchema();
  schema.fields[0].name = "received_at";
  EXPECT_FALSE(CheckPartitioning({Parsed("day(received_at)")}, schema));
  EXPECT_FALSE(CheckPartitioning(std::vector<PartitionField>(kPartitionKeysMax + 1), TestSchema()));
}

TEST(StringPartitionValue, EscapesAsHiveDoes) {
  EXPECT_EQ(EscapePartitionValue("plain-Text_1.2 x~}"), "plain-Text_1.2 x~}");
  EXPECT_EQ(EscapePartitionValue("\"#%'*/:=?\\\x7f{[]^"), "%22%23%25%27%2A%2F%3A%3D%3F%5C%7F%7B%5B%5D%5E");
  EXPECT_EQ(EscapePartitionValue(std::string_view("\0\x01\n\x1f", 4)), "%00%01%0A%1F");
  EXPECT_EQ(EscapePartitionValue("Köln/東京"), "Köln%2F東京");
}

TEST(StringPartitionValue, NothingLeavesTheFolder) {
  for (const char* value : {".", "..", "../..", "/etc/passwd", "a/../../b", "..\\..", "%2e%2e", "a\nb", "x/", "=/"}) {
    const PartitionValue spelled = StringPartitionValue(value);
    EXPECT_EQ(spelled.problem, "") << value;
    EXPECT_EQ(spelled.text.find('/'), std::string::npos) << value;
    EXPECT_EQ(spelled.text.find('\n'), std::string::npos) << value;
  }
}

TEST(StringPartitionValue, RefusesWhatHiveCannotSpell) {
  EXPECT_NE(StringPartitionValue("").problem, "");
  EXPECT_NE(StringPartitionValue("__HIVE_DEFAULT_PARTITION__").problem, "");
  EXPECT_EQ(StringPartitionValue("__hive_default_partition__").problem, "");
  EXPECT_EQ(StringPartitionValue(std::string(200, 'x')).problem, "");
  EXPECT_NE(StringPartitionValue(std::string(201, 'x')).problem, "");
  EXPECT_EQ(StringPartitionValue(std::string(66, '/')).problem, "");
  EXPECT_NE(StringPartitionValue(std::string(67, '/')).problem, "");  // 201 encoded
  EXPECT_NE(StringPartitionValue(std::string(1 << 20, 'x')).problem, "");
}

TEST(BucketPartitionValue, SortsAsText) {
  EXPECT_EQ(BucketPartitionValue(Transform::kDay, Kind::kTimestamp, 0).text, "1970-01-01");
  EXPECT_EQ(BucketPartitionValue(Transform::kDay, Kind::kTimestamp, -1).text, "1969-12-31");
  EXPECT_EQ(BucketPartitionValue(Transform::kDay, Kind::kTimestamp, 20454).text, "2026-01-01");
  EXPECT_EQ(BucketPartitionValue(Transform::kHour, Kind::kTimestamp, 20454 * 24 + 13).text, "2026-01-01-13");
  EXPECT_EQ(BucketPartitionValue(Transform::kHour, Kind::kTimestamp, -1).text, "1969-12-31-23");
  EXPECT_EQ(BucketPartitionValue(Transform::kMonth, Kind::kTimestamp, MonthOfDay(20454 + 31)).text, "2026-02");
  EXPECT_EQ(BucketPartitionValue(Transform::kMonth, Kind::kTimestamp, -1).text, "1969-12");
  EXPECT_EQ(BucketPartitionValue(Transform::kIdentity, Kind::kDate, 11016).text, "2000-02-29");
  EXPECT_EQ(BucketPartitionValue(Transform::kIdentity, Kind::kInt64, INT64_MIN).text, "-9223372036854775808");
  EXPECT_EQ(BucketPartitionValue(Transform::kIdentity, Kind::kBool, 1).text, "true");
}

TEST(BucketPartitionValue, YearsHaveFourDigits) {
  EXPECT_EQ(BucketPartitionValue(Transform::kDay, Kind::kDate, -719528).text, "0000-01-01");
  EXPECT_EQ(BucketPartitionValue(Transform::kDay, Kind::kDate, 2932896).text, "9999-12-31");
  for (const int64_t day : {int64_t{-719529}, int64_t{2932897}, int64_t{INT32_MAX}, INT64_MAX / 86'400'000'000}) {
    EXPECT_NE(BucketPartitionValue(Transform::kDay, Kind::kDate, day).problem, "") << day;
    EXPECT_EQ(MonthOfDay(day), kNoMonth);
  }
  EXPECT_NE(BucketPartitionValue(Transform::kMonth, Kind::kDate, kNoMonth).problem, "");
  EXPECT_EQ(BucketPartitionValue(Transform::kMonth, Kind::kDate, MonthOfDay(-719528)).text, "0000-01");
}

}  // namespace
}  // namespace datahub::lake
