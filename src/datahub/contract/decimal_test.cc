#include "datahub/contract/decimal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace datahub::contract {
namespace {

Decimal Of(std::string_view literal) { return Decimal::Parse(literal); }

TEST(Decimal, IsTheSameNumberHoweverItIsWritten) {
  for (const char* same : {"1", "1.0", "1e0", "10e-1", "0.1E+1", "1.000", "0.00001e5"})
    EXPECT_EQ(Of("1"), Of(same)) << same;
  for (const char* zero : {"0", "-0", "0.0", "0e999999999999999999999", "-0.0e-5"})
    EXPECT_EQ(Of("0"), Of(zero)) << zero;
  EXPECT_FALSE(Of("9007199254740993") == Of("9007199254740992"));
  EXPECT_FALSE(Of("0.1") == Of("0.1000000000000000055511151231257827"));
}

TEST(Decimal, Orders) {
  const char* rising[] = {"-1e400",
                          "-12345678901234567890",
                          "-2",
                          "-1.5",
                          "-1e-400",
                          "0",
                          "1e-999999999",
                          "1e-400",
                          "0.1",
                          "0.12",
                          "0.2",
                          "1",
                          "9",
                          "10",
                          "99.999",
                          "100",
                          "18446744073709551616",
                          "1e399",
                          "9.99e399",
                          "1e400",
                          "1e999999999"};
  for (size_t i = 0; i < std::size(rising); ++i) {
    for (size_t j = 0; j < std::size(rising); ++j) {
      const int compared = Of(rising[i]).Compare(Of(rising[j]));
      EXPECT_EQ(compared < 0, i < j) << rising[i] << " " << rising[j];
      EXPECT_EQ(compared > 0, i > j) << rising[i] << " " << rising[j];
    }
  }
}

TEST(Decimal, Integers) {
  for (const char* integer : {"0", "-3", "1.0", "1e2", "1.5e1", "1e999999999999999999999999", "-0.0"}) {
    EXPECT_TRUE(Of(integer).IsInteger()) << integer;
  }
  for (const char* other : {"0.5", "1e-1", "15e-1", "1e-999999999999999999999999", "123.4560"}) {
    EXPECT_FALSE(Of(other).IsInteger()) << other;
  }
}

TEST(Decimal, Multiples) {
  const auto multiple = [](const char* number, const char* unit) { return Of(number).IsMultipleOf(Of(unit)); };
  EXPECT_TRUE(multiple("0.3", "0.1"));
  EXPECT_TRUE(multiple("19.99", "0.01"));
  EXPECT_FALSE(multiple("19.995", "0.01"));
  EXPECT_TRUE(multiple("-4.5", "1.5"));
  EXPECT_TRUE(multiple("0", "7"));
  EXPECT_FALSE(multiple("1", "3"));
  EXPECT_FALSE(multiple("3", "30"));
  EXPECT_TRUE(multiple("1e308", "0.123456789e-1") == false);
  EXPECT_TRUE(multiple("1e999999999", "8"));
  EXPECT_FALSE(multiple("1e999999999", "3"));
  EXPECT_FALSE(multiple("1e-999999999", "1"));
  EXPECT_TRUE(multiple("999999999999999999999999999999", "3"));
  EXPECT_TRUE(multiple("9007199254740993", "9007199254740993"));
  EXPECT_FALSE(multiple("9007199254740992", "9007199254740993"));
}

TEST(Decimal, AgreesWithWholeNumbers) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t a = static_cast<int64_t>(random()) >> (random() % 60);
    const int64_t b = static_cast<int64_t>(random()) >> (random() % 60);
    const int64_t unit = 1 + static_cast<int64_t>(random() % 1'000'000);
    const Decimal left = Of(std::to_string(a));
    const Decimal right = Of(std::to_string(b));
    ASSERT_EQ(left.Compare(right) < 0, a < b) << a << " " << b;
    ASSERT_EQ(left == right, a == b) << a << " " << b;
    ASSERT_EQ(left.IsMultipleOf(Of(std::to_string(unit))), a % unit == 0) << a << " " << unit;
  }
}

}  // namespace
}  // namespace datahub::contract
