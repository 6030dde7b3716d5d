#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/ledger/sqlite.h"

namespace datahub::ledger {

// The tables' version: an older or newer one is refused as that. 2: commits can be looked for by pipeline.
inline constexpr int kSchemaVersion = 2;

// Opens the SQLite file and refuses what is not a ledger. One that is not there is made aside and then gets its name, so that
// nobody ever finds it half made.
//
// Durable  when it returns in kReadWrite, the file, its WAL and their folder have durable names
Result<std::unique_ptr<Database>> OpenLedgerFile(const std::string& path, OpenMode mode, int busy_wait_ms);

// The files of a ledger that is open for writing: whether their names still lead to them. When they were removed or replaced,
// what is committed goes where nobody will look.
class LedgerFiles {
 public:
  static Result<LedgerFiles> Of(const std::string& path);
  // Corruption, naming what is gone.
  Result<void> Check() const;

 private:
  struct One {
    std::string path;
    uint64_t device = 0;
    uint64_t inode = 0;
  };
  std::vector<One> files_;
};

// Bits nobody can guess or repeat. Unavailable when the system has none.
Result<uint64_t> RandomBits();

}  // namespace datahub::ledger
