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
  // The rule looks at the value, not at how it is spelled.
  for (const char* literal : {"9007199254740993.0", "9007199254740993e0", "9.007199254740993e15",
                              "90071992547409930e-1", "-9007199254740993.000", "0.9007199254740993E+16",
                              "9007199254740992.5", "90071992547409910", "9007199254740991e1", "123456789012345678",
                              "1234567890123456789012.25", "1e-400", "-1e-400", "0.1e-399", "1e-999999999999"}) {
    EXPECT_EQ(DoubleOf(literal, &value), DoubleFault::kNotExact) << literal;
  }
  EXPECT_EQ(DoubleOf("0." + std::string(400, '0') + "1", &value), DoubleFault::kNotExact);
  EXPECT_EQ(DoubleOf(std::string(300, '7') + ".5", &value), DoubleFault::kNotExact);
  // What was printed of a double, and every fraction that rounds within a double's 15 digits.
  for (const char* literal :
       {"1e23", "100000000000000000000000", "1e22", "6.02214076e23", "1.7976931348623157e308", "5e-324",
        "4.9406564584124654e-324", "2.2250738585072014e-308", "123456789012345680000", "9007199254740991.0",
        "2.2250738585072011e-308", "1.2345678901234567e-320", "33.3333333333333333",
        "3.14159265358979323846264338327950288", "0.1000000000000000055511151231257827021181583404541015625", "0",
        "-0.0", "0e400", "0.000e-999999999999"}) {
    EXPECT_EQ(DoubleOf(literal, &value), DoubleFault::kNone) << literal;
    EXPECT_EQ(value, std::strtod(literal, nullptr)) << literal;
  }
  EXPECT_EQ(DoubleOf("18446744073709551616", &value), DoubleFault::kNone);
  EXPECT_EQ(DoubleOf("0.1", &value), DoubleFault::kNone);
  EXPECT_EQ(value, 0.1);
  EXPECT_EQ(DoubleOf("1e400", &value), DoubleFault::kNotFinite);
  EXPECT_EQ(DoubleOf("-1e400", &value), DoubleFault::kNotFinite);
  EXPECT_EQ(DoubleOf("-0e-400", &value), DoubleFault::kNone);
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
                              "9007199254740993.0",
                              "9007199254740992.5",
                              "9007199254740991e1",
                              "9007199254740991e-1",
                              "900719925474099.5",
                              "1234567890123456789e-3",
                              "1234567890123456789e-4",
                              "1e-320",
                              "1234567890e-320",
                              "0e99",
                              "999999999999999e22",
                              "1000000000000001e22",
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
        "2026-11-21T06:0x:00Z", "2026-11-21T06:00:00ZZ", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}) {
    int64_t micros = 0;
    if (!reader.ReadInstant(text.data(), text.size(), false, &micros)) continue;
    ASSERT_TRUE(InstantOf(text)) << text;
    EXPECT_EQ(InstantOf(text)->micros, micros) << text;
    EXPECT_TRUE(IsHeldInstant(micros)) << text;
  }
}

TEST(Literal, YearsThatColumnsHold) {
  TimeReader reader;
  for (const auto& [text, held] :
       std::initializer_list<std::pair<std::string, bool>>{{"0001-01-01T00:00:00Z", true},
                                                           {"0001-01-01T00:59:59.999999+01:00", false},
                                                           {"0001-01-01T01:00:00+01:00", true},
                                                           {"0000-12-31T23:00:00-01:00", true},
                                                           {"0000-12-31T23:59:59Z", false},
                                                           {"9999-12-31T23:59:59.999999Z", true},
                                                           {"9999-12-31T23:00:00-01:00", false}}) {
    int64_t micros = 0;
    EXPECT_EQ(reader.ReadInstant(text.data(), text.size(), false, &micros), held) << text;
    ASSERT_TRUE(InstantOf(text)) << text;
    EXPECT_EQ(IsHeldInstant(InstantOf(text)->micros), held) << text;
  }
  for (const auto& [text, held] : std::initializer_list<std::pair<std::string, bool>>{
           {"0000-12-31", false}, {"0001-01-01", true}, {"9999-12-31", true}}) {
    int32_t day = 0;
    EXPECT_EQ(reader.ReadDay(text.data(), text.size(), &day), held) << text;
    ASSERT_TRUE(DayOf(text)) << text;
    EXPECT_EQ(IsHeldDay(*DayOf(text)), held) << text;
  }
}

}  // namespace
}  // namespace datahub::contract
