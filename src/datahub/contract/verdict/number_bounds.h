#pragma once

#include "datahub/contract/schema.h"
#include "datahub/contract/verdict/checks.h"

namespace datahub::contract {

// Makes one NumberChecks of what several schemas assert of numbers.
class NumberBounds {
 public:
  void Add(const Schema& schema);
  bool AssertsAnything() const { return asserts_; }
  NumberChecks Take() && { return std::move(checks_); }

 private:
  void Above(const Decimal& bound, bool exclusive);
  void Below(const Decimal& bound, bool exclusive);
  void MultipleOf(const Decimal& unit);
  void OneOf(const std::vector<json::Value>& values);

  NumberChecks checks_;
  bool asserts_ = false;
};

}  // namespace datahub::contract
