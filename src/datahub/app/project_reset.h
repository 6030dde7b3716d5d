#pragma once

#include <string>

#include "datahub/app/workspace.h"
#include "datahub/base/result.h"

namespace datahub::app {

// Removes the project's tables, quarantine, positions and intake log, its ledger last. Nothing else may use them meanwhile.
// `foreign_lake`: all that is in the lake's database, whosever it is. Conflict when the lake is not known to be this
// project's; Fenced.
Result<void> ResetAll(const WritingWorkspace& workspace, bool foreign_lake);

// Forgets how far the source was read; tables stay. NotFound when it has no positions.
Result<void> ForgetSource(const WritingWorkspace& workspace, const std::string& source);

}  // namespace datahub::app
