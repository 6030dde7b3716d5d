#include "datahub/app/contract_canonical.h"

#include <gtest/gtest.h>

namespace datahub::app {
namespace {

bool Same(std::string_view a, std::string_view b) { return CanonicalContract(a) == CanonicalContract(b); }

TEST(CanonicalContract, WhatIsForPeopleIsLeftOut) {
  EXPECT_TRUE(Same(R"({"type":"object","title":"T","description":"d"})", R"({ "type" : "object" })"));
  EXPECT_TRUE(Same(R"({"properties":{"a":{"type":"string","examples":["x"],"default":"y"}}})",
                   R"({"properties":{"a":{"$comment":"c","type":"string","readOnly":true}}})"));
  EXPECT_TRUE(Same(R"({"items":[{"title":"t"},true],"$defs":{"d":{"deprecated":true}}})",
                   R"({"$defs":{"d":{}},"items":[{},true]})"));
  EXPECT_TRUE(
      Same(R"({"required":["b","a"],"type":["null","string"]})", R"({"type":["string","null"],"required":["a","b"]})"));
}

TEST(CanonicalContract, WhatNamesColumnsChangesNone) {
  EXPECT_TRUE(Same(R"({"x-datahub-key":["/a"],"properties":{"a":{"x-datahub-pii":{"class":"name"}}}})",
                   R"({"properties":{"a":{}}})"));
  EXPECT_FALSE(Same(R"({"x-datahub-pii":{"class":"name","mask":"null"}})", R"({"x-datahub-pii":{"class":"name"}})"));
}

TEST(CanonicalContract, NamesAndValuesAreNoKeywords) {
  EXPECT_FALSE(Same(R"({"properties":{"title":{"type":"string"}}})", R"({"properties":{}})"));
  EXPECT_FALSE(Same(R"({"properties":{"default":{}}})", R"({"properties":{}})"));
  EXPECT_FALSE(Same(R"({"const":{"title":"x"}})", R"({"const":{}})"));
  EXPECT_FALSE(Same(R"({"enum":[{"description":1}]})", R"({"enum":[{}]})"));
  EXPECT_FALSE(Same(R"({"enum":[["a","b"]]})", R"({"enum":[["b","a"]]})"));
  EXPECT_FALSE(Same(R"({"x-datahub-column":{"name":"a"}})", R"({"x-datahub-column":{"name":"b"}})"));
  EXPECT_FALSE(Same(R"({"dependentSchemas":{"title":{"type":"string"}}})", R"({"dependentSchemas":{}})"));
}

TEST(CanonicalContract, WhatJudgesStays) {
  EXPECT_FALSE(Same(R"({"maximum":1})", R"({"maximum":2})"));
  EXPECT_FALSE(Same(R"({"prefixItems":[{"type":"string"},{"type":"null"}]})",
                    R"({"prefixItems":[{"type":"null"},{"type":"string"}]})"));
  EXPECT_FALSE(Same(R"({"properties":{"a":{"title":"t","type":"string"}}})", R"({"properties":{"a":{"title":"t"}}})"));
  EXPECT_EQ(CanonicalContract("no json"), "no json");
}

}  // namespace
}  // namespace datahub::app
