#pragma once

#include <span>
#include <string>
#include <vector>

#include "datahub/app/project_types.h"

namespace datahub::app {

// A change from one version of a contract to a later one that breaks what its evolution promises, that a table cannot follow, or
// that gives the rows another identity or time.
struct ContractChange {
  std::string contract;
  int from = 0;
  int to = 0;
  std::string check;     // "backward", "forward", "table", "key", "event-time"
  std::string file;      // the contract's that refuses
  std::string place;     // there: "#/properties/age/maximum"; "" for a table
  std::string instance;  // of an event: "/age"
  std::string message;
  std::string event;   // JSON that one version accepts and the other refuses; empty: none was found
  bool proven = true;  // else it only cannot be shown that all is well
  std::string effect;  // who is broken
  std::string hint;    // what to do
};

// A key may be added, and its members reordered; so may an event time be added. Any other change of them is one, unless the
// evolution is none.
//
// All of one contract; `versions` ascend and are compiled. `tables` are those that it is written to: their columns are only
// gained or widened, whatever the evolution says.
std::vector<ContractChange> BreakingChanges(std::span<const ContractConfig> versions,
                                            const std::vector<std::string>& tables);

}  // namespace datahub::app
