#include "datahub/pipeline/table_columns.h"

#include <gtest/gtest.h>

namespace datahub::pipeline {
namespace {

using record::Field;
using record::Kind;

Field Leaf(std::string name, Kind kind) {
  Field field;
  field.name = std::move(name);
  field.kind = kind;
  return field;
}

record::TableSchema Schema(std::vector<Field> fields) { return {std::move(fields)}; }

Result<AgreedColumns> Agree(const std::optional<ledger::TableColumns>& known, record::TableSchema schema,
                            std::vector<ledger::PartitionKey> keys, std::string folder = "sales/t",
                            bool has_files = true) {
  return AgreeColumns(known, {"t", std::move(folder), 0, std::move(schema), std::move(keys)}, has_files);
}

TEST(AgreeColumns, GivesIdsToANewTableAndKeepsThem) {
  Field address = Leaf("address", Kind::kStruct);
  address.children = {Leaf("street", Kind::kString), Leaf("number", Kind::kInt64)};
  auto first = Agree(std::nullopt, Schema({Leaf("a", Kind::kInt64), address}), {{"a_day", "day", "a"}});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->changed);
  EXPECT_EQ(first->table.version, 1);
  EXPECT_EQ(first->file.fields[0].id, 1);
  EXPECT_EQ(first->file.fields[1].id, 2);
  EXPECT_EQ(first->file.fields[1].children[1].id, 4);

  // Another order, a new column inside and outside: old ids stay, new ones follow.
  address.children.push_back(Leaf("city", Kind::kString));
  auto second =
      Agree(first->table, Schema({address, Leaf("b", Kind::kBool), Leaf("a", Kind::kInt64)}), {{"a_day", "day", "a"}});
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->changed);
  EXPECT_EQ(second->table.version, 2);
  EXPECT_EQ(second->file.fields[0].id, 2);
  EXPECT_EQ(second->file.fields[0].children[2].id, 5);
  EXPECT_EQ(second->file.fields[1].id, 6);
  EXPECT_EQ(second->file.fields[2].id, 1);
  EXPECT_EQ(second->table.schema.fields.size(), 3u);
  EXPECT_EQ(second->table.schema.fields[0].name, "a");
}

TEST(AgreeColumns, NothingNewIsNoNewVersion) {
  auto first = Agree(std::nullopt, Schema({Leaf("a", Kind::kInt64), Leaf("b", Kind::kInt64)}), {});
  auto second = Agree(first->table, Schema({Leaf("a", Kind::kInt64)}), {});
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->changed);
}

TEST(AgreeColumns, WidensByTheListAndRefusesTheRest) {
  auto first = Agree(std::nullopt, Schema({Leaf("a", Kind::kInt32)}), {});
  auto wider = Agree(first->table, Schema({Leaf("a", Kind::kInt64)}), {}, "sales/t", false);
  ASSERT_TRUE(wider);
  EXPECT_TRUE(wider->changed);
  EXPECT_EQ(wider->table.schema.fields[0].kind, Kind::kInt64);
  auto other = Agree(first->table, Schema({Leaf("a", Kind::kString)}), {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kInvalidInput);
  EXPECT_NE(other.error().message.find("'a'"), std::string::npos);
}

// Spark: "Expected: bigint, Found: INT32", at any depth.
TEST(AgreeColumns, FilesOfOneTableAreOfOneWidth) {
  const auto nested = [](Kind kind) {
    Field element = Leaf("element", Kind::kStruct);
    element.children = {Leaf("n", kind)};
    Field list = Leaf("l", Kind::kList);
    list.children = {element};
    return Schema({list});
  };
  for (const auto& [from, to] : {std::pair(Kind::kInt32, Kind::kInt64), std::pair(Kind::kInt64, Kind::kInt32)}) {
    for (const bool deep : {false, true}) {
      auto first = Agree(std::nullopt, deep ? nested(from) : Schema({Leaf("n", from)}), {});
      auto other = Agree(first->table, deep ? nested(to) : Schema({Leaf("n", to)}), {});
      ASSERT_FALSE(other);
      EXPECT_EQ(other.error().code, Code::kInvalidInput);
      EXPECT_NE(other.error().message.find("Spark"), std::string::npos);
    }
  }
}

TEST(AgreeColumns, RefusesOtherPartitionKeys) {
  const auto columns = Schema({Leaf("a", Kind::kTimestamp), Leaf("b", Kind::kTimestamp)});
  auto first = Agree(std::nullopt, columns, {{"dt", "day", "a"}});
  const std::vector<std::vector<ledger::PartitionKey>> others = {
      {{"day", "day", "a"}}, {{"dt", "hour", "a"}}, {{"dt", "day", "b"}}, {}};
  for (const auto& keys : others) {
    auto other = Agree(first->table, columns, keys);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, Code::kInvalidInput);
    EXPECT_NE(other.error().message.find("[day(a) as dt]"), std::string::npos);
  }
}

TEST(AgreeColumns, RefusesAnotherFolder) {
  const auto columns = Schema({Leaf("a", Kind::kTimestamp)});
  auto first = Agree(std::nullopt, columns, {});
  EXPECT_TRUE(Agree(first->table, columns, {}));
  auto moved = Agree(first->table, columns, {}, "other/t");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, Code::kInvalidInput);
  EXPECT_NE(moved.error().message.find("sales/t"), std::string::npos);
}

}  // namespace
}  // namespace datahub::pipeline
