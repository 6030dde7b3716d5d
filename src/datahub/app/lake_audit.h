#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datahub/app/doctor.h"
#include "datahub/app/workspace.h"
#include "datahub/base/result.h"

namespace datahub::app {

// A data file that Datahub wrote and that the ledger does not know: landed under a ledger that was replaced by an older one.
struct OrphanFile {
  std::string key;
  std::string commit;  // by its name
};

// Of the lake's database folder, by key. What was not written by Datahub is none.
Result<std::vector<OrphanFile>> OrphansOf(const Workspace& workspace);
// They are gone for good afterwards, with what other workers wrote and did not publish, and the lake is as old as its ledger:
// what they held is read again. How many.
Result<uint64_t> DeleteOrphans(WritingWorkspace& workspace);

// What `doctor --deep` adds: size and checksum of every file, every orphan, every position, and whether sources still hold what was read.
void CheckDeep(const Project& project, std::vector<Finding>& findings);

}  // namespace datahub::app
