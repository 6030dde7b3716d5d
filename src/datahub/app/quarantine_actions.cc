#include "datahub/app/quarantine_actions.h"

#include "datahub/app/pipeline_specs.h"
#include "datahub/app/quarantine_reader.h"

namespace datahub::app {
namespace {

std::vector<ledger::RemovedFile> AsRemoved(const std::vector<ledger::DataFile>& files) {
  std::vector<ledger::RemovedFile> removed;
  for (const ledger::DataFile& file : files) removed.push_back({file.table, file.key});
  return removed;
}

}  // namespace

Result<std::vector<ledger::DataFile>> QuarantineFiles(const Workspace& workspace, const std::string& pipeline) {
  DH_TRY(ChoosePipelines(workspace.project, {pipeline}));
  if (!workspace.ledger) return std::vector<ledger::DataFile>();
  return workspace.ledger->Files(QuarantineOf(pipeline));
}

uint64_t RowsOf(const std::vector<ledger::DataFile>& files) {
  uint64_t rows = 0;
  for (const ledger::DataFile& file : files) rows += file.rows;
  return rows;
}

Result<void> ReplayQuarantine(const Workspace& workspace, pipeline::Pipeline& pipeline, pipeline::RunTotals& totals) {
  const std::string& name = pipeline.spec().name;
  const auto files = DH_TRY(QuarantineFiles(workspace, name));
  if (files.empty()) return {};
  const auto read = [&](const pipeline::Pipeline::ChunkSink& sink) {
    return ReadQuarantine(workspace, QuarantineOf(name), sink);
  };
  return pipeline.Replay(read, AsRemoved(files), totals);
}

Result<uint64_t> DropQuarantine(const Workspace& workspace, pipeline::Pipeline& pipeline) {
  const auto files = DH_TRY(QuarantineFiles(workspace, pipeline.spec().name));
  if (!files.empty()) DH_TRY(pipeline.Remove(AsRemoved(files)));
  return RowsOf(files);
}

}  // namespace datahub::app
