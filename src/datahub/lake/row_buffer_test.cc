#include "datahub/lake/row_buffer.h"

#include <map>

#include <gtest/gtest.h>

#include "datahub/lake/test_lake.h"
#include "datahub/lake/test_rows.h"

namespace datahub::lake {
namespace {

constexpr uint32_t kNoBuffer = UINT32_MAX;

TEST(RowBuffer, KeepsOrderWithinAPartition) {
  RowBuffer buffer;
  RandomRows random(1);
  const std::vector<TestRow> rows = {random.Row(), random.Row(), random.Row(), random.Row(), random.Row()};
  const std::vector<uint32_t> numbers = {2, 0, kNoBuffer, 0, 2};
  buffer.Append(ColumnsOf(rows), numbers, kNoBuffer);
  EXPECT_EQ(RowsOf(buffer.Selections(0)), (std::vector<TestRow>{rows[1], rows[3]}));
  EXPECT_EQ(RowsOf(buffer.Selections(2)), (std::vector<TestRow>{rows[0], rows[4]}));
  EXPECT_EQ(buffer.rows(1), 0u);
  EXPECT_EQ(buffer.rows(7), 0u);
}

TEST(RowBuffer, ColumnsComeBackWhenNoRowWaitsAndOnlyOnce) {
  RowBuffer buffer;
  RandomRows random(2);
  auto columns = ColumnsOf({random.Row(), random.Row()});
  const record::Columns* const address = columns.get();
  buffer.Append(std::move(columns), std::vector<uint32_t>{0, 1}, kNoBuffer);
  buffer.Release(0);
  EXPECT_TRUE(buffer.TakeSpent().empty());
  buffer.Release(1);
  const auto spent = buffer.TakeSpent();
  ASSERT_EQ(spent.size(), 1u);
  EXPECT_EQ(spent[0].get(), address);
  EXPECT_EQ(spent[0].use_count(), 1);
  EXPECT_EQ(spent[0]->chunk, nullptr);  // its memory is free before anybody asks
  EXPECT_TRUE(buffer.TakeSpent().empty());
  EXPECT_EQ(buffer.bytes(), 0u);
  EXPECT_EQ(buffer.live_bytes(), 0u);
}

TEST(RowBuffer, ColumnsOfWhichNothingLandsAreSpentAtOnce) {
  RowBuffer buffer;
  RandomRows random(3);
  auto columns = ColumnsOf({random.Row()});
  buffer.Append(columns, std::vector<uint32_t>{kNoBuffer}, kNoBuffer);
  EXPECT_NE(columns->chunk, nullptr);  // we still look
  EXPECT_EQ(buffer.TakeSpent().size(), 1u);
  buffer.Append(ColumnsOf({}), std::vector<uint32_t>{}, kNoBuffer);
  EXPECT_EQ(buffer.TakeSpent().size(), 1u);
  EXPECT_EQ(buffer.bytes(), 0u);
}

TEST(RowBuffer, SpentColumnsNobodyTakesAreFreed) {
  RowBuffer buffer;
  for (size_t i = 0; i < 3 * RowBuffer::kSpentMax; ++i)
    buffer.Append(ColumnsOf({}), std::vector<uint32_t>{}, kNoBuffer);
  EXPECT_EQ(buffer.TakeSpent().size(), RowBuffer::kSpentMax);
}

TEST(RowBuffer, CompactMovesTheFewAndLeavesTheMany) {
  RowBuffer buffer;
  RandomRows random(4);
  std::vector<TestRow> rows;
  std::vector<uint32_t> few(100, 0), many(100, 1);
  for (int i = 0; i < 100; ++i) rows.push_back(random.Row());
  few[50] = 1;
  few[70] = 1;
  std::weak_ptr<const record::Chunk> few_chunk, many_chunk;
  for (const auto& [numbers, chunk] : {std::pair(&few, &few_chunk), std::pair(&many, &many_chunk)}) {
    auto columns = ColumnsOf(rows);
    *chunk = columns->chunk;
    buffer.Append(std::move(columns), *numbers, kNoBuffer);
  }
  const std::vector<TestRow> before = RowsOf(buffer.Selections(1));
  ASSERT_EQ(before.size(), 102u);
  buffer.Release(0);
  buffer.Compact();
  EXPECT_TRUE(few_chunk.expired());
  EXPECT_FALSE(many_chunk.expired());
  EXPECT_EQ(RowsOf(buffer.Selections(1)), before);
  EXPECT_EQ(buffer.TakeSpent().size(), 1u);
  buffer.Release(1);
  EXPECT_EQ(buffer.TakeSpent().size(), 1u);  // the copy is not the caller's
  EXPECT_EQ(buffer.bytes(), 0u);
  EXPECT_EQ(buffer.live_bytes(), 0u);
}

TEST(RowBuffer, LineageSurvivesCompaction) {
  RowBuffer buffer;
  RandomRows random(5);
  buffer.Append(ColumnsOf({random.Row(), random.Row(), random.Row()}, 17, "file-a"), std::vector<uint32_t>{0, 1, 1},
                kNoBuffer);
  buffer.Append(ColumnsOf({random.Row(), random.Row(), random.Row()}, 18, "file-b"), std::vector<uint32_t>{0, 1, 1},
                kNoBuffer);
  buffer.Release(1);
  buffer.Compact();
  const auto selections = buffer.Selections(0);
  ASSERT_EQ(selections.size(), 2u);
  EXPECT_EQ(selections[0].columns->chunk->shard, "file-a");
  EXPECT_EQ(selections[0].columns->chunk->received_at_us, 17);
  EXPECT_EQ(selections[1].columns->chunk->shard, "file-b");
  EXPECT_EQ(selections[1].columns->chunk->source, "source");
  EXPECT_EQ(selections[1].columns->chunk->buffer, nullptr);
  EXPECT_EQ(selections[1].columns->contract_version, 1);
}

// Any order of appending, releasing and compacting: every row comes out once, in order, in its partition.
TEST(RowBuffer, RandomWorkLosesNothing) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    RowBuffer buffer;
    RandomRows random(seed);
    const uint32_t partitions = static_cast<uint32_t>(1 + random.Below(20));
    std::map<uint32_t, std::vector<TestRow>> expected, written;
    const auto write = [&](uint32_t number) {
      for (TestRow& row : RowsOf(buffer.Selections(number))) written[number].push_back(std::move(row));
      buffer.Release(number);
    };
    for (int step = 0; step < 60; ++step) {
      std::vector<TestRow> rows;
      std::vector<uint32_t> numbers;
      for (uint64_t i = random.Below(60); i > 0; --i) {
        rows.push_back(random.Row());
        numbers.push_back(random.Below(15) == 0 ? kNoBuffer : static_cast<uint32_t>(random.Below(partitions)));
        if (numbers.back() != kNoBuffer) expected[numbers.back()].push_back(rows.back());
      }
      buffer.Append(ColumnsOf(rows), numbers, kNoBuffer);
      for (const uint32_t number : buffer.LargestFirst()) {
        if (random.Below(4) == 0) write(number);
      }
      if (random.Below(3) == 0) buffer.Compact();
    }
    for (const uint32_t number : buffer.LargestFirst()) write(number);
    ASSERT_EQ(written, expected) << "seed " << seed;
    ASSERT_EQ(buffer.bytes(), 0u) << "seed " << seed;
    ASSERT_EQ(buffer.live_bytes(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace datahub::lake
