#include "datahub/contract/literal.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "datahub/contract/fast_literal.h"
#include "datahub/contract/format.h"
#include "datahub/contract/time_reader.h"

namespace datahub::contract {
namespace {

TEST(Literal, IntegersOfEverySpelling) {
  EXPECT_EQ(IntegerOf("0"), 0);
  EXPECT_EQ(IntegerOf("-0"), 0);
  EXPECT_EQ(IntegerOf("1.0"), 1);
  EXPECT_EQ(IntegerOf("1e2"), 100);
  EXPECT_EQ(IntegerOf("12300e-2"), 123);
  EXPECT_EQ(IntegerOf("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(IntegerOf("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(IntegerOf("9.223372036854775807e18"), std::numeric_limits<int64_t>::max());
  for (const char* literal :
       {"9223372036854775808", "-9223372036854775809", "1e400", "1.5", "1e-1", "1e99999999999999999999"}) {
    EXPECT_EQ(IntegerOf(literal), std::nullopt) << literal;
  }
}

TEST(Literal, DoublesThatAreHeldAndNotHeld) {
  double value = 0;
  EXPECT_EQ(DoubleOf("9007199254740992", &value), DoubleFault::kNone);
  EXPECT_EQ(DoubleOf("9007199254740993", &value), DoubleFault::kNotExact);
  EXPECT_EQ(DoubleOf("100000000000000000000000", &value), DoubleFault::kNotExact);
  EXPECT_EQ(DoubleOf("18446744073709551616", &value), DoubleFault::kNone);
  EXPECT_EQ(DoubleOf("0.1", &value), DoubleFault::kNone);
  EXPECT_EQ(value, 0.1);
  EXPECT_EQ(DoubleOf("1e400", &value), DoubleFault::kNotFinite);
  EXPECT_EQ(DoubleOf("-1e400", &value), DoubleFault::kNotFinite);
  EXPECT_EQ(DoubleOf("-1e-400", &value), DoubleFault::kNone);
  EXPECT_TRUE(value == 0 && std::signbit(value));
}

TEST(Literal, DecimalsByTheirText) {
  record::Int128 value = 0;
  EXPECT_EQ(DecimalOf("-12.30", 2, &value), DecimalFault::kNone);
  EXPECT_EQ(value, -1230);
  EXPECT_EQ(DecimalOf("1e3", 2, &value), DecimalFault::kNone);
  EXPECT_EQ(value, 100'000);
  EXPECT_EQ(DecimalOf("0.000", 0, &value), DecimalFault::kNone);
  EXPECT_EQ(DecimalOf("0.001", 2, &value), DecimalFault::kExcessDigits);
  EXPECT_EQ(DecimalOf(std::string(38, '9'), 0, &value), DecimalFault::kNone);
  EXPECT_EQ(DecimalOf(std::string(38, '9'), 1, &value), DecimalFault::kTooLarge);
  EXPECT_EQ(DecimalOf("1e999999999999", 0, &value), DecimalFault::kTooLarge);
}

TEST(Literal, InstantsAndDays) {
  EXPECT_EQ(InstantOf("1970-01-01T00:00:00Z")->micros, 0);
  EXPECT_EQ(InstantOf("2026-11-21T06:00:00.5+01:30")->micros, InstantOf("2026-11-21T04:30:00.500000Z")->micros);
  EXPECT_EQ(InstantOf("1969-12-31t23:59:59z")->micros, -1'000'000);
  EXPECT_EQ(InstantOf("2016-12-31T23:59:60Z")->micros, InstantOf("2017-01-01T00:00:00Z")->micros);
  EXPECT_FALSE(InstantOf("2016-12-31T22:59:60Z"));
  EXPECT_FALSE(InstantOf("2026-11-21T06:00:00.0000001Z")->micros % 10);
  EXPECT_TRUE(InstantOf("2026-11-21T06:00:00.0000001Z")->excess_digits);
  EXPECT_FALSE(InstantOf("2026-11-21T06:00:00.0000000Z")->excess_digits);
  for (const char* text :
       {"2026-11-21T06:00:00", "2026-11-21 06:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T06:00:00.Z", "2026-11-21T06:00:00+1:00", "2026-11-21T06:00:00Z ", ""}) {
    EXPECT_FALSE(InstantOf(text)) << text;
  }
  EXPECT_EQ(DayOf("1970-01-02"), 1);
  EXPECT_EQ(DayOf("0000-03-01"), -719468);
  EXPECT_EQ(DayOf("2024-02-29"), 19782);
  EXPECT_FALSE(DayOf("2023-02-29"));
}

// The narrow readers agree with the wide ones wherever they decide.
TEST(Literal, FastReadersAgree) {
  for (const char* literal : {"0",
                              "-0",
                              "00",
                              "-",
                              "",
                              "1",
                              "-17",
                              "+1",
                              "1.",
                              ".5",
                              "1.5",
                              "1e5",
                              "1E+5",
                              "1e",
                              "1e-7",
                              "123456789012345678",
                              "1a",
                              "9223372036854775807",
                              "9223372036854775808",
                              "-9223372036854775808",
                              "9007199254740993",
                              "0.1",
                              "2.5e-3",
                              "1e22",
                              "1e23",
                              "3.141592653589793",
                              "1e308",
                              "1e309",
                              "0.30000000000000004",
                              "12345678901234567890",
                              "1.7976931348623157e308"}) {
    const char* const end = literal + std::strlen(literal);
    int64_t integer = 0;
    if (*literal != '\0' && ReadInteger(literal, end, &integer)) {
      EXPECT_EQ(IntegerOf(literal), integer) << literal;
    }
    ShortNumber number;
    double value = 0;
    if (ReadShortNumber(literal, end, &number) && ToDouble(number, literal, end, &value)) {
      double exact = 0;
      EXPECT_EQ(DoubleOf(literal, &exact), DoubleFault::kNone) << literal;
      EXPECT_EQ(value, exact) << literal;
    }
    record::Int128 decimal = 0;
    if (ReadShortNumber(literal, end, &number) && ToDecimal(number, 3, &decimal)) {
      record::Int128 exact = 0;
      EXPECT_EQ(DecimalOf(literal, 3, &exact), DecimalFault::kNone) << literal;
      EXPECT_TRUE(decimal == exact) << literal;
    }
  }
  for (const std::string text : {"3e628a05-7a4a-4bf3-8770-084C11601A12", "3e628a05-7a4a-4bf3-8770-084c11601a1g",
                                 "3e628a057-a4a-4bf3-8770-084c11601a12", "3e628a05-7a4a-4bf3-8770-084c11601a1", "",
                                 "3e628a05-7a4a-4bf3-8770-084c11601@12", "3e628a05-7a4a-4bf3-8770-084c1160:a12"}) {
    EXPECT_EQ(IsUuid(text), Matches(Format::kUuid, text)) << text;
  }
  TimeReader reader;
  for (const std::string text :
       {"2026-11-21T06:00:00Z", "2026-11-21T06:00:00.123456789+05:30", "2026-11-21T06:00:00-00:01",
        "2026-11-21T06:00:60Z", "2026-13-21T06:00:00Z", "2026-11-21T06:00:00.Z", "2026-11-21T06:00:00+24:00",
        "2026-11-21T06:0x:00Z", "2026-11-21T06:00:00ZZ"}) {
    int64_t micros = 0;
    if (!reader.ReadInstant(text.data(), text.size(), false, &micros)) continue;
    ASSERT_TRUE(InstantOf(text)) << text;
    EXPECT_EQ(InstantOf(text)->micros, micros) << text;
  }
}

}  // namespace
}  // namespace datahub::contract
