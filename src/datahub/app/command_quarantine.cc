// Verbs about rejected records.

#include <unistd.h>

#include <fmt/format.h>

#include "datahub/app/answer_output.h"
#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/quarantine_reader.h"
#include "datahub/app/workspace.h"
#include "datahub/query/table_facts.h"

namespace datahub::app {
namespace {

// The quarantine's live files; none when nothing was ever rejected.
Result<std::vector<ledger::DataFile>> FilesOf(const Workspace& workspace, const std::string& pipeline) {
  DH_TRY(ChoosePipelines(workspace.project, {pipeline}));
  if (!workspace.ledger) return std::vector<ledger::DataFile>();
  return workspace.ledger->Files(QuarantineOf(pipeline));
}

std::vector<ledger::RemovedFile> AsRemoved(const std::vector<ledger::DataFile>& files) {
  std::vector<ledger::RemovedFile> removed;
  for (const ledger::DataFile& file : files) removed.push_back({file.table, file.key});
  return removed;
}

uint64_t RowsOf(const std::vector<ledger::DataFile>& files) {
  uint64_t rows = 0;
  for (const ledger::DataFile& file : files) rows += file.rows;
  return rows;
}

// Pipelines that have rejected records, as one query over all their quarantines.
Result<std::string> ReasonsSql(const Workspace& workspace) {
  std::string sql;
  for (const PipelineConfig& pipeline : workspace.project.pipelines) {
    const auto files = DH_TRY(FilesOf(workspace, pipeline.name));
    if (files.empty()) continue;
    sql += fmt::format("{}SELECT '{}' AS pipeline, * FROM ({})", sql.empty() ? "" : " UNION ALL ", pipeline.name,
                       query::QuarantineReasonsSql(QuarantineOf(pipeline.name)));
  }
  if (!sql.empty()) sql = "FROM (" + sql + ") ORDER BY pipeline, records DESC, keyword, field";
  return sql;
}

}  // namespace

int QuarantineListCommand(const Globals& globals) {
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  const Result<std::string> sql = ReasonsSql(*workspace);
  if (!sql) return Fail(sql.error());
  if (sql->empty()) {
    if (!globals.json) fmt::print(stderr, "nothing is in quarantine\n");
    return kOk;
  }
  return PrintAnswer(*workspace, *sql, {.json = globals.json});
}

int QuarantineShowCommand(const Globals& globals, const QuarantineArguments& arguments) {
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  const auto files = FilesOf(*workspace, arguments.pipeline);
  if (!files) return Fail(files.error());
  if (files->empty()) {
    if (!globals.json) fmt::print(stderr, "nothing of {} is in quarantine\n", arguments.pipeline);
    return kOk;
  }
  // Bytes that are no UTF-8 are shown escaped; `datahub query` gives them exactly.
  const std::string sql = fmt::format(
      "SELECT dh_shard AS shard, dh_offset::UBIGINT AS \"offset\", dh_received_at AS received_at, "
      "array_to_string(list_transform(reasons, r -> r.instance || ': ' || r.message || ' (' || r.keyword || ')'), '; "
      "') AS reasons, "
      "coalesce(try(decode(raw)), raw::VARCHAR) AS raw FROM {} ORDER BY dh_source, dh_shard, dh_offset LIMIT {}",
      QuarantineOf(arguments.pipeline), arguments.limit);
  return PrintAnswer(*workspace, sql, {.json = globals.json});
}

int QuarantineReplayCommand(const Globals& globals, const QuarantineArguments& arguments) {
  int exit_code = kOk;
  auto workspace = OpenForWriting(globals.folder, {.take_over = arguments.take_over}, &exit_code);
  if (!workspace) return exit_code;
  const auto files = FilesOf(*workspace, arguments.pipeline);
  if (!files) return Fail(files.error());
  pipeline::RunTotals totals;
  if (!files->empty()) {
    const PipelineConfig& config = *workspace->project.FindPipeline(arguments.pipeline);
    pipeline::PipelineSpec spec = MakePipelineSpec(workspace->project, config);
    // What fails again stays in quarantine, whatever the pipeline does with new rejects.
    spec.on_reject = pipeline::OnReject::kQuarantine;
    pipeline::Pipeline pipeline(std::move(spec), *workspace->store, *workspace->ledger, *workspace->committer, {});
    const auto replay = [&]() -> Result<void> {
      DH_TRY(pipeline.Open());
      const auto read = [&](const pipeline::Pipeline::ChunkSink& sink) {
        return ReadQuarantine(*workspace, QuarantineOf(arguments.pipeline), sink);
      };
      return pipeline.Replay(read, AsRemoved(*files), totals);
    };
    const Result<void> replayed = replay();
    if (!replayed) return Fail(replayed.error());
    (void)workspace->committer->DiscardUnseen();
  }
  Listing listing({"pipeline", "records", "accepted", "rejected"});
  listing.Add({arguments.pipeline, totals.records.load(), totals.accepted.load(), totals.rejected.load()});
  listing.Print(globals.json);
  return kOk;
}

int QuarantineDropCommand(const Globals& globals, const QuarantineArguments& arguments) {
  int exit_code = kOk;
  if (!arguments.yes) {
    const auto workspace = OpenForReading(globals.folder, &exit_code);
    if (!workspace) return exit_code;
    const auto files = FilesOf(*workspace, arguments.pipeline);
    if (!files) return Fail(files.error());
    fmt::print("drop forgets {} records in {} files for good\nnothing was done; say --yes to do it\n", RowsOf(*files),
               files->size());
    return kOk;
  }
  auto workspace = OpenForWriting(globals.folder, {.take_over = arguments.take_over}, &exit_code);
  if (!workspace) return exit_code;
  const auto files = FilesOf(*workspace, arguments.pipeline);
  if (!files) return Fail(files.error());
  if (!files->empty()) {
    const Result<void> dropped = pipeline::DropFiles(*workspace->committer, arguments.pipeline, 1, AsRemoved(*files));
    if (!dropped) return Fail(dropped.error());
  }
  fmt::print("dropped {} records\n", RowsOf(*files));
  return kOk;
}

}  // namespace datahub::app
