#pragma once

#include <memory>
#include <string>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/ledger/sqlite.h"

namespace datahub::ledger {

// The tables' version. A file of a newer one is refused.
inline constexpr int kSchemaVersion = 1;

// Opens the SQLite file, makes it a ledger when it is new, and refuses what is not one.
//
// Durable  when it returns in kReadWrite, the file, its WAL and their folder have durable names
Result<std::unique_ptr<Database>> OpenLedgerFile(const std::string& path, OpenMode mode, int busy_wait_ms);

// Bits nobody can guess or repeat. Unavailable when the system has none.
Result<uint64_t> RandomBits();

}  // namespace datahub::ledger
