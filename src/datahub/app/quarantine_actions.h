#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datahub/app/workspace.h"
#include "datahub/base/result.h"
#include "datahub/pipeline/pipeline.h"

namespace datahub::app {

// Live quarantine files of a pipeline; NotFound when there is no such pipeline.
Result<std::vector<ledger::DataFile>> QuarantineFiles(const Workspace& workspace, const std::string& pipeline);
uint64_t RowsOf(const std::vector<ledger::DataFile>& files);

// Judges them again with the contract of now. `pipeline` has been opened, and reads nothing meanwhile. Many files, or files
// that would make more than a commit may have, land in several commits, each of whole files; an error says how many did.
Result<void> ReplayQuarantine(const Workspace& workspace, pipeline::Pipeline& pipeline, pipeline::RunTotals& totals);

// Forgets them; how many records.
Result<uint64_t> DropQuarantine(const Workspace& workspace, pipeline::Pipeline& pipeline);

}  // namespace datahub::app
