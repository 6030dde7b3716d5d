#include "datahub/record/columns.h"

#include <cstring>

#include <gtest/gtest.h>

namespace datahub::record {
namespace {

TEST(Arena, WhatItGaveStaysAndNeverOverlaps) {
  Arena arena;
  std::vector<std::pair<char*, size_t>> given;
  for (size_t i = 0; i < 3000; ++i) {
    const size_t size = i % 100 == 99 ? 50'000 : i % 37;
    char* const place = arena.Allocate(size);
    ASSERT_NE(place, nullptr);
    std::memset(place, static_cast<int>(i % 251), size);
    given.emplace_back(place, size);
  }
  for (size_t i = 0; i < given.size(); ++i) {
    for (size_t b = 0; b < given[i].second; ++b) {
      ASSERT_EQ(given[i].first[b], static_cast<char>(i % 251)) << i;
    }
  }
}

TEST(Arena, CountsWhatItHolds) {
  Arena arena;
  EXPECT_EQ(arena.bytes(), 0u);
  arena.Allocate(10);
  EXPECT_GE(arena.bytes(), 10u);
  EXPECT_LE(arena.bytes(), 8192u);
  const size_t before = arena.bytes();
  arena.Allocate(10 << 20);
  EXPECT_EQ(arena.bytes(), before + (10 << 20));
}

}  // namespace
}  // namespace datahub::record
