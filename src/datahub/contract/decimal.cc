#include "datahub/contract/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "datahub/base/result.h"

namespace datahub::contract {
namespace {

constexpr int64_t kExponentMax = 1'000'000'000'000'000;

int64_t ParseExponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int64_t exponent = 0;
  for (const char c : text) exponent = std::min(kExponentMax, exponent * 10 + (c - '0'));
  return negative ? -exponent : exponent;
}

uint64_t TimesModulo(uint64_t a, uint64_t b, uint64_t modulus) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % modulus);
}

uint64_t PowerOfTenModulo(int64_t power, uint64_t modulus) {
  uint64_t result = 1 % modulus;
  uint64_t base = 10 % modulus;
  for (; power > 0; power >>= 1) {
    if (power & 1) result = TimesModulo(result, base, modulus);
    base = TimesModulo(base, base, modulus);
  }
  return result;
}

}  // namespace

Decimal Decimal::Parse(std::string_view literal) {
  Decimal number;
  size_t at = 0;
  if (literal.starts_with('-')) {
    number.negative_ = true;
    at = 1;
  }
  int64_t behind_point = 0;
  bool point = false;
  for (; at < literal.size() && literal[at] != 'e' && literal[at] != 'E'; ++at) {
    if (literal[at] == '.') {
      point = true;
      continue;
    }
    if (point) ++behind_point;
    if (literal[at] != '0' || !number.digits_.empty()) number.digits_ += literal[at];
  }
  if (at < literal.size()) number.exponent_ = ParseExponent(literal.substr(at + 1));
  number.exponent_ -= behind_point;
  while (number.digits_.ends_with('0')) {
    number.digits_.pop_back();
    ++number.exponent_;
  }
  if (number.digits_.empty()) {
    number.negative_ = false;
    number.exponent_ = 0;
  }
  return number;
}

int Decimal::Compare(const Decimal& other) const {
  if (digits_.empty() || other.digits_.empty() || negative_ != other.negative_) {
    const int mine = digits_.empty() ? 0 : negative_ ? -1 : 1;
    const int theirs = other.digits_.empty() ? 0 : other.negative_ ? -1 : 1;
    return mine - theirs;
  }
  const int sign = negative_ ? -1 : 1;
  const int64_t magnitude = exponent_ + static_cast<int64_t>(digits_.size());
  const int64_t other_magnitude = other.exponent_ + static_cast<int64_t>(other.digits_.size());
  if (magnitude != other_magnitude) return magnitude < other_magnitude ? -sign : sign;
  const int compared = digits_.compare(other.digits_);
  return compared == 0 ? 0 : compared < 0 ? -sign : sign;
}

std::optional<int64_t> Decimal::ToInt64() const {
  if (digits_.empty()) return 0;
  if (exponent_ < 0 || exponent_ + static_cast<int64_t>(digits_.size()) > 19) return std::nullopt;
  int64_t number = 0;
  for (int64_t i = 0; i < static_cast<int64_t>(digits_.size()) + exponent_; ++i) {
    const int64_t digit = i < static_cast<int64_t>(digits_.size()) ? digits_[static_cast<size_t>(i)] - '0' : 0;
    // Downwards: the smallest has no positive.
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_sub_overflow(number, digit, &number)) {
      return std::nullopt;
    }
  }
  if (negative_) return number;
  if (number == std::numeric_limits<int64_t>::min()) return std::nullopt;
  return -number;
}

double Decimal::ToDouble() const {
  if (digits_.empty()) return 0;
  const std::string text = digits_ + "e" + std::to_string(exponent_);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    const int64_t magnitude = exponent_ + static_cast<int64_t>(digits_.size());
    value = magnitude > 0 ? std::numeric_limits<double>::infinity() : 0;
  }
  return negative_ ? -value : value;
}

std::optional<int> Decimal::NegativePowerOfTen() const {
  constexpr int64_t kScaleMax = 1000;
  if (negative_ || digits_ != "1" || exponent_ > 0 || exponent_ < -kScaleMax) return std::nullopt;
  return static_cast<int>(-exponent_);
}

bool Decimal::IsMultipleOf(const Decimal& unit) const {
  DH_ASSERT(unit.IsPositive() && unit.digits_.size() <= kUnitDigitsMax);
  if (digits_.empty()) return true;
  const int64_t shift = exponent_ - unit.exponent_;
  if (shift < 0) return false;  // no trailing zeros: not a multiple of ten times anything
  uint64_t modulus = 0;
  for (const char c : unit.digits_) modulus = modulus * 10 + static_cast<uint64_t>(c - '0');
  uint64_t rest = 0;
  for (const char c : digits_) rest = (TimesModulo(rest, 10, modulus) + static_cast<uint64_t>(c - '0')) % modulus;
  return TimesModulo(rest, PowerOfTenModulo(shift, modulus), modulus) == 0;
}

}  // namespace datahub::contract
