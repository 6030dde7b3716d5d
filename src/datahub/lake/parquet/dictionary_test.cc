#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "datahub/lake/parquet/dictionary.h"
#include "datahub/lake/parquet/row_cursor.h"

namespace datahub::lake::parquet {
namespace {

TEST(Dictionary, StringsOfAllLengthsAreToldApart) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  for (int i = 0; i < 40'000; ++i) {
    std::string text(random() % 80, 'a');
    if (!text.empty()) text[random() % text.size()] = static_cast<char>('a' + random() % 3);
    texts.push_back(i % 2 == 0 ? text : std::to_string(random() % 9000));
  }
  std::vector<record::Bytes> values;
  for (const std::string& text : texts) values.push_back({text.data(), static_cast<uint32_t>(text.size())});
  std::vector<uint32_t> indices(values.size());
  Dictionary<record::Bytes> dictionary;
  for (int round = 0; round < 2; ++round) {  // a cleared one is as good as new
    dictionary.Clear();
    dictionary.Add(values.data(), values.size(), indices.data());
    std::map<std::string, uint32_t> seen;
    for (size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(dictionary.value(indices[i]), texts[i]);
      ASSERT_EQ(seen.emplace(texts[i], indices[i]).first->second, indices[i]);
    }
    EXPECT_EQ(dictionary.entries(), seen.size());
  }
}

TEST(Dictionary, DoublesAreToldApartByTheirBits) {
  Dictionary<double> dictionary;
  dictionary.Clear();
  const double values[] = {0.0, -0.0, NAN, 1.5, NAN, 0.0};
  uint32_t indices[6];
  dictionary.Add(values, 6, indices);
  EXPECT_EQ(std::vector<uint32_t>(indices, indices + 6), (std::vector<uint32_t>{0, 1, 2, 3, 2, 0}));
}

TEST(Dictionary, ManyNumbersAndOneNumber) {
  Dictionary<record::Int128> dictionary;
  dictionary.Clear();
  std::vector<record::Int128> values;
  for (int i = 0; i < 20'000; ++i) values.push_back(static_cast<record::Int128>(i % 7000) << 64);
  std::vector<uint32_t> indices(values.size());
  dictionary.Add(values.data(), values.size(), indices.data());
  EXPECT_EQ(dictionary.entries(), 7000u);
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(indices[i], i % 7000);
  const std::vector<record::Int128> same(100, values[3]);
  dictionary.Add(same.data(), same.size(), indices.data());
  EXPECT_EQ(indices[99], 3u);
}

// However rows are picked and however little is taken of each piece, every row comes once and in order.
TEST(RowCursor, GivesEveryRowOnce) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<record::Columns> columns(1 + random() % 4);
    std::vector<std::vector<RowRange>> ranges(columns.size());
    std::vector<Selection> selections;
    std::vector<std::pair<const record::Columns*, uint32_t>> expected;
    for (size_t i = 0; i < columns.size(); ++i) {
      uint32_t row = 0;
      for (uint64_t n = random() % 40; n > 0; --n) {
        row += static_cast<uint32_t>(random() % 5);
        const auto size = static_cast<uint32_t>(random() % 3 == 0 ? random() % 3000 : random() % 3);
        ranges[i].push_back({row, row + size});
        for (uint32_t r = row; r < row + size; ++r) expected.emplace_back(&columns[i], r);
        row += size;
      }
      selections.push_back({&columns[i], ranges[i]});
    }
    RowCursor cursor(selections);
    std::vector<std::pair<const record::Columns*, uint32_t>> found;
    for (RowPiece piece = cursor.Peek(); piece.count > 0; piece = cursor.Peek()) {
      const uint32_t taken = random() % 2 == 0 ? piece.count : 1 + static_cast<uint32_t>(random() % piece.count);
      for (uint32_t i = 0; i < taken; ++i) found.emplace_back(piece.columns, piece.row(i));
      cursor.Advance(taken);
    }
    ASSERT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace datahub::lake::parquet
