#include "datahub/ledger/ledger_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "datahub/ledger/ledger_file.h"
#include "datahub/ledger/sqlite_ledger.h"

namespace datahub::ledger {

Result<void> CheckLedgerFile(const std::string& path) {
  const auto database = DH_TRY(OpenLedgerFile(path, OpenMode::kReadOnly, kBusyWaitMs));
  Statement check = DH_TRY(database->Prepare("PRAGMA quick_check(1)"));
  DH_TRY(check.Step());
  const std::string said = check.Text(0);
  if (said == "ok") return {};
  return Error{Code::kCorruption,
               fmt::format("ledger {}: {}; the file is damaged: keep it, and put a backup in its place", path, said)};
}

SqliteFacts LookAtSqlite() { return {sqlite3_libversion(), sqlite3_libversion_number() >= SQLITE_VERSION_NUMBER}; }

}  // namespace datahub::ledger
