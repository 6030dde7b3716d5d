// Statistics are true: no value is outside, whatever is cut.

#include <gtest/gtest.h>

#include "datahub/lake/parquet/bounds.h"

namespace datahub::lake::parquet {
namespace {

std::string Times(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Bounds, ShortStringsAreExact) {
  const Bounds bounds = BoundsOf("a", "b", true);
  EXPECT_TRUE(bounds.valid && bounds.min_exact && bounds.max_exact);
  EXPECT_EQ(bounds.min, "a");
  EXPECT_EQ(bounds.max, "b");
}

TEST(Bounds, LongStringsAreCutBetweenCharactersAndRaised) {
  for (const std::string_view character :
       {"x", "é", "日", "🙂", "\x7F", "\xED\x9F\xBF" /* before the surrogates */}) {
    const std::string text = Times(character, 200);
    const Bounds bounds = BoundsOf(text, text, true);
    EXPECT_FALSE(bounds.min_exact || bounds.max_exact);
    EXPECT_LE(bounds.min.size(), kBoundBytesMax);
    EXPECT_LT(bounds.min, text);
    EXPECT_GT(bounds.max, text);
    EXPECT_EQ(bounds.min, Times(character, kBoundBytesMax / character.size()));
  }
}

TEST(Bounds, WhatCannotBeRaisedIsShortened) {
  const std::string last = "\xF4\x8F\xBF\xBF";  // the last code point
  const std::string text = "a" + Times(last, 100);
  EXPECT_EQ(BoundsOf(text, text, true).max, "b");
  const std::string bytes = "a" + Times("\xFF", 100);
  EXPECT_EQ(BoundsOf(bytes, bytes, false).max, "b");
  EXPECT_FALSE(BoundsOf(Times("\xFF", 100), Times("\xFF", 100), false).has_max);
}

TEST(Bounds, ZerosKeepBothZerosInside) {
  const Bounds bounds = BoundsOf(0.0, -0.0);
  EXPECT_EQ(bounds.min, std::string("\0\0\0\0\0\0\0\x80", 8));
  EXPECT_EQ(bounds.max, std::string(8, '\0'));
}

TEST(Bounds, OrderIsThatOfTheType) {
  const auto less = [](PhysicalType type, const Bounds& bounds) {
    return CompareEncoded(type, bounds.min, bounds.max) < 0;
  };
  EXPECT_TRUE(less(PhysicalType::kInt32, BoundsOf(-1, 1)));
  EXPECT_TRUE(less(PhysicalType::kInt64, BoundsOf(int64_t{-1}, int64_t{256})));
  EXPECT_TRUE(less(PhysicalType::kDouble, BoundsOf(-1.5, 1e300)));
  EXPECT_TRUE(less(PhysicalType::kFixed16, BoundsOf(record::Int128{-1}, record::Int128{1})));
  EXPECT_TRUE(less(PhysicalType::kFixed16, BoundsOf(record::Int128{-300}, record::Int128{-2})));
  EXPECT_TRUE(less(PhysicalType::kByteArray, BoundsOf("a", "\xC3\xA9", true)));
}

TEST(Bounds, WideningForgetsTheMaxThatIsUnknown) {
  Bounds all = BoundsOf("b", "c", false);
  all.Widen(BoundsOf(Times("\xFF", 100), Times("\xFF", 100), false), PhysicalType::kByteArray);
  EXPECT_FALSE(all.has_max);
  all.Widen(BoundsOf("a", "d", false), PhysicalType::kByteArray);
  EXPECT_FALSE(all.has_max);
  EXPECT_EQ(all.min, "a");
}

}  // namespace
}  // namespace datahub::lake::parquet
