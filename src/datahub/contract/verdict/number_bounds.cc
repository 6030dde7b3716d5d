#include "datahub/contract/verdict/number_bounds.h"

#include <algorithm>
#include <cmath>

namespace datahub::contract {
namespace {

// Such a number is an integer exactly where its double is: floor and ceil of the double are its own.
bool IsShort(const Decimal& number) { return number.digits() <= 15 && std::abs(number.ToDouble()) < 1e15; }

}  // namespace

void NumberBounds::Add(const Schema& schema) {
  if (!(schema.types & kTypeNumber)) {
    checks_.whole = true;
    asserts_ = true;
  }
  if (schema.minimum) Above(*schema.minimum, false);
  if (schema.exclusive_minimum) Above(*schema.exclusive_minimum, true);
  if (schema.maximum) Below(*schema.maximum, false);
  if (schema.exclusive_maximum) Below(*schema.exclusive_maximum, true);
  if (schema.multiple_of) MultipleOf(*schema.multiple_of);
  if (schema.has_enum) OneOf(schema.enum_values);
}

void NumberBounds::Above(const Decimal& bound, bool exclusive) {
  asserts_ = true;
  checks_.above = std::max(checks_.above, bound.ToDouble());
  const std::optional<int64_t> whole = bound.ToInt64();
  int64_t least = 0;
  if (whole && !__builtin_add_overflow(*whole, exclusive ? 1 : 0, &least)) {
    checks_.min = std::max(checks_.min, least);
  } else if (!whole && !bound.IsInteger() && IsShort(bound)) {
    checks_.min = std::max(checks_.min, static_cast<int64_t>(std::ceil(bound.ToDouble())));
  } else {
    checks_.exact = true;
  }
}

void NumberBounds::Below(const Decimal& bound, bool exclusive) {
  asserts_ = true;
  checks_.below = std::min(checks_.below, bound.ToDouble());
  const std::optional<int64_t> whole = bound.ToInt64();
  int64_t most = 0;
  if (whole && !__builtin_sub_overflow(*whole, exclusive ? 1 : 0, &most)) {
    checks_.max = std::min(checks_.max, most);
  } else if (!whole && !bound.IsInteger() && IsShort(bound)) {
    checks_.max = std::min(checks_.max, static_cast<int64_t>(std::floor(bound.ToDouble())));
  } else {
    checks_.exact = true;
  }
}

void NumberBounds::MultipleOf(const Decimal& unit) {
  asserts_ = true;
  const std::optional<int> scale = unit.NegativePowerOfTen();
  const std::optional<int64_t> whole = unit.ToInt64();
  if (scale && (checks_.scale == -1 || checks_.scale >= 0)) {
    checks_.scale = checks_.scale < 0 ? *scale : std::min(*scale, checks_.scale);
  } else if (whole && checks_.unit == 1) {
    checks_.unit = *whole;
    checks_.scale = -2;
  } else {
    checks_.exact = true;
  }
}

void NumberBounds::OneOf(const std::vector<json::Value>& values) {
  asserts_ = true;
  if (checks_.has_values) checks_.exact = true;
  checks_.has_values = true;
  for (const json::Value& value : values) {
    if (!value.is_number()) continue;
    const std::optional<int64_t> number = Decimal::Parse(value.text).ToInt64();
    if (number) {
      checks_.values.push_back(*number);
    } else {
      checks_.exact = true;
    }
  }
  std::sort(checks_.values.begin(), checks_.values.end());
}

}  // namespace datahub::contract
