#pragma once

#include <string>

#include "datahub/base/result.h"

namespace datahub::ledger {

// Looks through the whole ledger file for damage, without its indexes (SQLite's quick_check); changes nothing. Corruption
// says what is damaged; NotFound when there is no ledger.
Result<void> CheckLedgerFile(const std::string& path);

// SQLite's version, and whether it is at least the one this program was built with.
struct SqliteFacts {
  std::string version;
  bool new_enough = false;
};
SqliteFacts LookAtSqlite();

}  // namespace datahub::ledger
