#include "datahub/record/table_schema.h"

#include <gtest/gtest.h>

namespace datahub::record {
namespace {

Field Of(std::string name, Kind kind, std::vector<Field> children = {}) {
  Field field;
  field.name = std::move(name);
  field.kind = kind;
  field.children = std::move(children);
  return field;
}

Field Key() {
  Field key = Of("key", Kind::kString);
  key.nullable = false;
  return key;
}

TableSchema Nested() {
  Field price = Of("price", Kind::kDecimal);
  price.scale = 2;
  price.id = 7;
  price.description = "with \"tax\"";
  return {{Of("id", Kind::kInt64), Of("tags", Kind::kList, {Of("element", Kind::kString)}),
           Of("address", Kind::kStruct, {Of("city", Kind::kString), price}),
           Of("labels", Kind::kMap, {Key(), Of("value", Kind::kList, {Of("element", Kind::kDate)})}),
           Of("lines", Kind::kList, {Of("element", Kind::kStruct, {Of("sku", Kind::kJson)})})}};
}

std::string Dotted(const Leaf& leaf) {
  std::string text;
  for (const std::string& part : leaf.path) text += (text.empty() ? "" : ".") + part;
  return text + " " + std::to_string(leaf.max_definition) + "/" + std::to_string(leaf.max_repetition);
}

TEST(LeavesOf, NamesAndLevelsAreParquets) {
  std::vector<std::string> leaves;
  for (const Leaf& leaf : LeavesOf(Nested())) leaves.push_back(Dotted(leaf));
  EXPECT_EQ(leaves, (std::vector<std::string>{
                        "id 1/0",
                        "tags.list.element 3/1",
                        "address.city 2/0",
                        "address.price 2/0",
                        "labels.key_value.key 2/1",
                        "labels.key_value.value.list.element 5/2",
                        "lines.list.element.sku 4/1",
                    }));
  EXPECT_EQ(LeavesOf(Nested())[3].scale, 2);
}

TEST(LeavesOf, RequiredFieldsAddNoLevel) {
  TableSchema schema = Nested();
  schema.fields[0].nullable = false;
  schema.fields[1].nullable = false;
  schema.fields[1].children[0].nullable = false;
  EXPECT_EQ(Dotted(LeavesOf(schema)[0]), "id 0/0");
  EXPECT_EQ(Dotted(LeavesOf(schema)[1]), "tags.list.element 1/1");
}

TEST(ToString, ShowsTheType) {
  EXPECT_EQ(ToString(Nested().fields[0]), "int64");
  EXPECT_EQ(ToString(Nested().fields[2]), "struct<city: string, price: decimal(38,2)>");
  EXPECT_EQ(ToString(Nested().fields[3]), "map<string, list<date>>");
}

TEST(Json, ComesBackTheSame) {
  const auto back = FromJson(ToJson(Nested()));
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(*back, Nested());
  EXPECT_TRUE(FromJson(ToJson({})));
}

TEST(Json, EveryKindComesBack) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kDecimal); ++kind) {
    const TableSchema schema = {{Of("x", static_cast<Kind>(kind))}};
    const auto back = FromJson(ToJson(schema));
    ASSERT_TRUE(back) << back.error().ToString();
    EXPECT_EQ(*back, schema);
  }
}

TEST(Json, ForeignTextIsRefused) {
  for (const char* text : {
           "",
           "[]",
           "{}",
           R"({"fields":{}})",
           R"({"fields":[1]})",
           R"({"fields":[{"type":"int64"}]})",
           R"({"fields":[{"name":"a"}]})",
           R"({"fields":[{"name":"a","type":"int128"}]})",
           R"({"fields":[{"name":"a","type":"list","children":[]}]})",
           R"({"fields":[{"name":"a","type":"struct","children":[]}]})",
           R"({"fields":[{"name":"a","type":"list"}]})",
           R"({"fields":[{"name":"a","type":"decimal","scale":39}]})",
           R"({"fields":[{"name":"a","type":"int64","id":-1}]})",
           R"({"fields":[{"name":"a","type":"int64","id":1.5}]})",
           R"({"fields":[{"name":"a","type":"int64","unit":"ms"}]})",
           R"({"fields":[],"more":1})",
       }) {
    const auto back = FromJson(text);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code, Code::kInvalidInput) << text;
  }
}

}  // namespace
}  // namespace datahub::record
