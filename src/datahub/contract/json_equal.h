#pragma once

#include "datahub/base/json.h"

namespace datahub::contract {

// Equal as JSON Schema has it: numbers by value (1 is 1.0), objects in any order.
bool IsEqual(const json::Value& a, const json::Value& b);

// Whether all elements differ. Not quadratic: they are told apart by a hash of the same equality first.
bool AreUnique(std::span<const json::Value> elements);

}  // namespace datahub::contract
