#include "datahub/app/suggestion.h"

#include <gtest/gtest.h>

namespace datahub::app {
namespace {

constexpr std::string_view kFields[] = {"partition_by", "flush", "from", "to"};

TEST(Suggestion, FindsWhatWasMeant) {
  EXPECT_EQ(Closest("partitoin_by", kFields), "partition_by");
  EXPECT_EQ(Closest("partitionby", kFields), "partition_by");
  EXPECT_EQ(Closest("Flush", kFields), "flush");
  EXPECT_EQ(Closest("form", kFields), "from");  // neighbours swapped
  EXPECT_EQ(Closest("ot", kFields), "to");
}

TEST(Suggestion, SaysNothingFarFetched) {
  EXPECT_EQ(Closest("catalogs", kFields), "");
  EXPECT_EQ(Closest("", kFields), "");
  EXPECT_EQ(Closest(std::string(10'000, 'x'), kFields), "");
}

TEST(Suggestion, Words) {
  EXPECT_EQ(Suggest("form", kFields), "did you mean 'from'?");
  EXPECT_EQ(Suggest("catalogs", kFields), "there are: flush, from, partition_by, to");
  EXPECT_EQ(Suggest("x", {}, "declare it"), "declare it");
}

}  // namespace
}  // namespace datahub::app
