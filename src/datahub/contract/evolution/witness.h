#pragma once

#include <string>
#include <vector>

#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::contract::evolution {

// An event that one schema accepts and the other refuses, and why.
struct Witness {
  std::string event;  // compact JSON
  std::vector<Reason> reasons;
};

// Tries values at the edges of what both schemas say, place by place: cheap and bounded, finds most that are simple.
// Deterministic.
std::vector<Witness> FindWitnesses(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict);

}  // namespace datahub::contract::evolution
