#include "datahub/lake/quarantine_rows.h"

#include <gtest/gtest.h>

namespace datahub::lake {
namespace {

TEST(QuarantineRows, LaysReasonsOutAsLists) {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->bytes = "first\nsecond\n";
  QuarantineRows rows(chunk, 3);
  rows.Add(0, chunk->bytes.substr(0, 5));
  {
    const std::string instance = "/age";  // gone when the rows are read
    rows.AddReason(instance, "#/properties/age/type", "expected integer, got string");
  }
  rows.AddReason("", "#/required", "'id' is missing");
  rows.Add(6, chunk->bytes.substr(6, 6));
  const std::shared_ptr<record::Columns> columns = std::move(rows).Take();

  EXPECT_EQ(columns->rows, 2u);
  EXPECT_EQ(columns->chunk, chunk);
  EXPECT_EQ(columns->contract_version, 3);
  EXPECT_EQ(columns->offsets, (std::vector<uint64_t>{0, 6}));
  ASSERT_EQ(columns->leaves.size(), record::LeavesOf(QuarantineRows::Schema()).size());
  EXPECT_EQ(columns->leaves[0].bytes[0].data, chunk->bytes.data());  // not copied
  EXPECT_EQ(columns->leaves[0].bytes[1].view(), "second");
  const record::LeafColumn& instance = columns->leaves[1];
  EXPECT_EQ(instance.definition, (std::vector<int16_t>{4, 4, 1}));
  EXPECT_EQ(instance.repetition, (std::vector<int16_t>{0, 1, 0}));
  EXPECT_EQ(instance.row_begin, (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(instance.bytes[0].view(), "/age");
  EXPECT_EQ(instance.bytes[1].view(), "");
  EXPECT_EQ(columns->leaves[2].bytes[1].view(), "#/required");
  EXPECT_EQ(columns->leaves[3].bytes[0].view(), "expected integer, got string");
}

TEST(QuarantineRows, ItsPartitioningFitsItsSchema) {
  EXPECT_TRUE(CheckPartitioning(QuarantineRows::PartitionBy(), QuarantineRows::Schema()));
  EXPECT_EQ(ParsePartitionField("day(received_at)").value(), QuarantineRows::PartitionBy()[0]);
}

}  // namespace
}  // namespace datahub::lake
