#include "datahub/app/quarantine_actions.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "datahub/app/pipeline_specs.h"
#include "datahub/app/quarantine_reader.h"

namespace datahub::app {
namespace {

// A commit's lists are held in memory.
constexpr size_t kReplayFilesMax = 5'000;

void Add(const pipeline::RunTotals& part, pipeline::RunTotals& totals) {
  totals.records += part.records;
  totals.accepted += part.accepted;
  totals.rejected += part.rejected;
  totals.bytes += part.bytes;
  totals.files += part.files;
  totals.commits += part.commits;
}

std::vector<ledger::RemovedFile> AsRemoved(std::span<const ledger::DataFile> files) {
  std::vector<ledger::RemovedFile> removed;
  for (const ledger::DataFile& file : files) removed.push_back({file.table, file.key});
  return removed;
}

Error WithProgress(Error error, size_t done, size_t all) {
  if (done > 0) error.message += fmt::format("; {} of {} files were replayed, the others stay as they were", done, all);
  return error;
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
  const std::vector<ledger::DataFile> files = DH_TRY(QuarantineFiles(workspace, name));
  std::span<const ledger::DataFile> left = files;
  for (size_t count = kReplayFilesMax; !left.empty();) {
    const auto part = left.first(std::min(count, left.size()));
    SomeFiles some{QuarantineOf(name), {}};
    for (const ledger::DataFile& file : part) some.keys.insert(file.key);
    const auto read = [&](const pipeline::Pipeline::ChunkSink& sink) { return ReadQuarantine(workspace, some, sink); };
    pipeline::RunTotals of_part;
    const Result<void> replayed = pipeline.Replay(read, AsRemoved(part), of_part);
    if (replayed) {
      Add(of_part, totals);
      left = left.subspan(part.size());
      continue;
    }
    const bool too_much = replayed.error().code == Code::kLimit && part.size() > 1;
    if (!too_much) return WithProgress(replayed.error(), files.size() - left.size(), files.size());
    count = part.size() / 2;
  }
  return {};
}

Result<uint64_t> DropQuarantine(const Workspace& workspace, pipeline::Pipeline& pipeline) {
  const auto files = DH_TRY(QuarantineFiles(workspace, pipeline.spec().name));
  if (!files.empty()) DH_TRY(pipeline.Remove(AsRemoved(files)));
  return RowsOf(files);
}

}  // namespace datahub::app
