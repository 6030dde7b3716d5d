#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datahub::contract {

// An exact decimal number as JSON writes it: whatever its digits and exponent, 1, 1.0 and 1e0 are the same number.
class Decimal {
 public:
  // `literal` is a JSON number. Exponents beyond 10^15 are cut to it: nothing real is that large.
  static Decimal Parse(std::string_view literal);

  // <0, 0, >0
  int Compare(const Decimal& other) const;
  bool operator==(const Decimal& other) const { return Compare(other) == 0; }
  bool IsInteger() const { return exponent_ >= 0; }
  bool IsPositive() const { return !negative_ && !digits_.empty(); }
  // Exactly; `unit` is positive and has at most kUnitDigitsMax digits.
  bool IsMultipleOf(const Decimal& unit) const;
  size_t digits() const { return digits_.size(); }
  // None: not an integer, or outside int64.
  std::optional<int64_t> ToInt64() const;
  // The nearest double; infinite where there is none.
  double ToDouble() const;
  // s where this is 10^-s, s from 0.
  std::optional<int> NegativePowerOfTen() const;

  static constexpr size_t kUnitDigitsMax = 18;

 private:
  // The value is digits * 10^exponent; no leading or trailing zeros; zero has no digits.
  bool negative_ = false;
  std::string digits_;
  int64_t exponent_ = 0;
};

}  // namespace datahub::contract
