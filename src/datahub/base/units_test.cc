#include "datahub/base/units.h"

#include <gtest/gtest.h>

namespace datahub {
namespace {

TEST(Units, Bytes) {
  EXPECT_EQ(*ParseBytes("0"), 0u);
  EXPECT_EQ(*ParseBytes("4096"), 4096u);
  EXPECT_EQ(*ParseBytes("12B"), 12u);
  EXPECT_EQ(*ParseBytes("128MiB"), 128u << 20);
  EXPECT_EQ(*ParseBytes("64 KiB"), 64u << 10);
  EXPECT_EQ(*ParseBytes("1GB"), 1'000'000'000u);
  EXPECT_EQ(*ParseBytes("9223372036854775807"), 9223372036854775807u);
  EXPECT_EQ(*ParseBytes("8388607TiB"), uint64_t(8388607) << 40);
}

TEST(Units, BytesRefused) {
  for (const char* text : {"", "MiB", "-1", "-1MiB", "1.5GiB", "1mb", "1 M", "1MiBs", "1  KiB", " 1", "1 ", "0x10"}) {
    EXPECT_FALSE(ParseBytes(text)) << text;
  }
  EXPECT_NE(ParseBytes("8388608TiB").error().message.find("too large"), std::string::npos);
  EXPECT_NE(ParseBytes("9223372036854775808").error().message.find("too large"), std::string::npos);
}

TEST(Units, Durations) {
  EXPECT_EQ(*ParseDurationUs("7us"), 7);
  EXPECT_EQ(*ParseDurationUs("500ms"), 500'000);
  EXPECT_EQ(*ParseDurationUs("60s"), 60'000'000);
  EXPECT_EQ(*ParseDurationUs("5 m"), 300'000'000);
  EXPECT_EQ(*ParseDurationUs("1h"), 3'600'000'000);
  EXPECT_EQ(*ParseDurationUs("7d"), 604'800'000'000);
}

TEST(Units, DurationsRefused) {
  for (const char* text : {"", "60", "s", "-5s", "1.5h", "5S", "5sec", "106751992d"}) {
    EXPECT_FALSE(ParseDurationUs(text)) << text;
  }
}

}  // namespace
}  // namespace datahub
