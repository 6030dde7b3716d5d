#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datahub/app/workspace.h"
#include "datahub/base/result.h"
#include "datahub/pipeline/pipeline.h"

namespace datahub::app {

// How a source is forgotten, and what it leaves.

struct RowsKept {
  std::string table;  // or quarantine
  uint64_t rows = 0;
};
// Tables that hold rows of the source, under its name or the one that the
// project says it was renamed from: a source that is read anew lands them
// again.
Result<std::vector<RowsKept>> RowsOfSource(const Workspace& workspace, const std::string& source);

// The source's positions are forgotten. NotFound when it has none.
Result<void> ForgetSource(const WritingWorkspace& workspace, const std::string& source);

// And the files with its rows leave the tables, in the same commit. `remove`
// makes it: Pipeline::Remove of the pipeline that reads the source, whose name
// is `target`. Errors   Conflict: some of the rows lie in files with rows of
// other sources, named; nothing was done
using RemoveFiles =
    std::function<Result<void>(std::vector<ledger::RemovedFile> removed, std::vector<ledger::PositionMove> moves,
                               std::vector<ledger::LostMove> settled)>;
Result<void> ForgetSourceWithRows(const WritingWorkspace& workspace, const std::string& source,
                                  const std::string& target, const RemoveFiles& remove);
// The same where no server runs.
Result<void> ForgetSourceWithRows(const WritingWorkspace& workspace, const std::string& source);

}  // namespace datahub::app
