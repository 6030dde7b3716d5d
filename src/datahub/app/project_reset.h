#pragma once

#include <string>

#include "datahub/app/workspace.h"
#include "datahub/base/result.h"

namespace datahub::app {

// Tables, quarantine, ledger and intake log are gone afterwards: the next start is a project's first. Conflict for a lake of
// another ledger, unless `foreign_lake`. Whoever uses the workspace must have ended.
//
//   <state>/reset.json -> tables moved to <lake>/.removed -> the lake's mark -> .removed -> <state> renamed -> removed
//
// Durable  from reset.json on it is an intent: what was cut off is finished by the next start (FinishReset)
// Fenced   each step but the removal of what was moved checks the incarnation, so that a successor's tables stay
Result<void> ResetAll(const WritingWorkspace& workspace, bool foreign_lake);

// Finishes a reset that was cut off; false when there is none.
Result<bool> FinishReset(const WritingWorkspace& workspace);
// Unavailable while one is under way or waits to be finished: for who only reads.
Result<void> CheckNoReset(const Project& project);
// The state folder of a project that was reset, whose removal was cut off.
Result<void> RemoveWhatResetLeft(const Project& project);

}  // namespace datahub::app
