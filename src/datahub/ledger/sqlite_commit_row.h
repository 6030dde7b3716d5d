#pragma once

#include <cstdint>
#include <string>

#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {

struct SqliteLedger::Stored {
  int64_t number = 0;  // order of the intents
  std::string record;
  Commit commit;
};

}  // namespace datahub::ledger
