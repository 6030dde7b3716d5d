// Verbs about rejected records.

#include <functional>

#include <unistd.h>

#include <fmt/format.h>

#include "datahub/app/answer_output.h"
#include "datahub/app/commands.h"
#include "datahub/app/control_client.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/quarantine_actions.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/query/table_facts.h"

namespace datahub::app {
namespace {

// Claims the project and does something with a pipeline that reads nothing.
Result<void> WithPipeline(WritingWorkspace& workspace, const std::string& name,
                          const std::function<Result<void>(pipeline::Pipeline&)>& act) {
  DH_TRY(ChoosePipelines(workspace.project, {name}));
  pipeline::PipelineSpec spec = MakePipelineSpec(workspace.project, *workspace.project.FindPipeline(name));
  spec.sources.clear();
  pipeline::Pipeline pipeline(std::move(spec), *workspace.store, *workspace.ledger, *workspace.committer, {});
  DH_TRY(pipeline.Open());
  const Result<void> acted = act(pipeline);
  (void)workspace.committer->DiscardUnseen();
  return acted;
}

// The answer of the server that runs the project; null when none does, or it is to be fenced.
Result<const json::Value*> AskServerInstead(const Globals& globals, const QuarantineArguments& arguments,
                                            std::string_view action, json::Document& document, std::string& text) {
  const json::Value* none = nullptr;
  int exit_code = kOk;
  if (arguments.take_over) return none;
  const std::optional<Project> project = LoadProject(globals.folder, {.contracts = ContractUse::kNone}, &exit_code);
  if (!project) return none;  // said again by who opens it
  DH_TRY(ChoosePipelines(*project, {arguments.pipeline}));
  std::optional<std::string> answer =
      DH_TRY(AskServer(*project, "POST", fmt::format("/v1/quarantine/{}/{}", arguments.pipeline, action)));
  if (!answer) return none;
  text = *std::move(answer);
  return document.Parse(text);
}

// Pipelines that have rejected records, as one query over all their quarantines.
Result<std::string> ReasonsSql(const Workspace& workspace) {
  std::string sql;
  for (const PipelineConfig& pipeline : workspace.project.pipelines) {
    const auto files = DH_TRY(QuarantineFiles(workspace, pipeline.name));
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
  const auto files = QuarantineFiles(*workspace, arguments.pipeline);
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
  json::Document document;
  std::string text;
  const Result<const json::Value*> asked = AskServerInstead(globals, arguments, "replay", document, text);
  if (!asked) return Fail(asked.error());
  pipeline::RunTotals totals;
  if (*asked != nullptr) {
    if (globals.json) fmt::print("{}\n", text);
    if (globals.json) return kOk;
    const auto number = [&](std::string_view key) { return std::stoull(std::string((*asked)->Find(key)->text)); };
    totals.records = number("records");
    totals.accepted = number("accepted");
    totals.rejected = number("rejected");
  } else {
    int exit_code = kOk;
    auto workspace = OpenForWriting(globals.folder, {.take_over = arguments.take_over}, &exit_code);
    if (!workspace) return exit_code;
    const Result<void> replayed = WithPipeline(*workspace, arguments.pipeline, [&](pipeline::Pipeline& pipeline) {
      return ReplayQuarantine(*workspace, pipeline, totals);
    });
    if (!replayed) return Fail(replayed.error());
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
    const auto files = QuarantineFiles(*workspace, arguments.pipeline);
    if (!files) return Fail(files.error());
    fmt::print("drop forgets {} records in {} files for good\nnothing was done; say --yes to do it\n", RowsOf(*files),
               files->size());
    return kOk;
  }
  json::Document document;
  std::string text;
  const Result<const json::Value*> asked = AskServerInstead(globals, arguments, "drop", document, text);
  if (!asked) return Fail(asked.error());
  if (*asked != nullptr) {
    fmt::print("dropped {} records\n", (*asked)->Find("dropped")->text);
    return kOk;
  }
  auto workspace = OpenForWriting(globals.folder, {.take_over = arguments.take_over}, &exit_code);
  if (!workspace) return exit_code;
  uint64_t dropped = 0;
  const auto drop = [&](pipeline::Pipeline& pipeline) -> Result<void> {
    dropped = DH_TRY(DropQuarantine(*workspace, pipeline));
    return {};
  };
  const Result<void> done = WithPipeline(*workspace, arguments.pipeline, drop);
  if (!done) return Fail(done.error());
  fmt::print("dropped {} records\n", dropped);
  return kOk;
}

}  // namespace datahub::app
