// Verbs about the project as a whole: status, reset, version.

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/control_client.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/version.h"
#include "datahub/app/workspace.h"
#include "datahub/base/clock.h"
#include "datahub/base/json.h"
#include "datahub/ledger/crash_points.h"
#include "datahub/pipeline/crash_points.h"
#include "datahub/storage/crash_points.h"

namespace datahub::app {
namespace {

constexpr size_t kCommitsShown = 5;

// What the server that runs says of itself. As JSON it is the first line.
Result<void> PrintLive(const std::string& text, bool json) {
  if (json) {
    fmt::print("{}\n", text);
    return {};
  }
  json::Document document;
  const json::Value* const status = DH_TRY(document.Parse(text));
  Listing listing({"pipeline", "state", "read", "accepted", "rejected", "files", "commits", "bytes_ahead",
                   "unlanded_seconds", "last_commit", "failure"});
  for (const json::Value& row : status->Find("pipelines")->elements) {
    std::vector<Cell> cells;
    for (const char* name : {"pipeline", "state", "records", "accepted", "rejected", "files", "commits", "bytes_ahead",
                             "unlanded_seconds", "last_commit", "failure"}) {
      const json::Value* const value = row.Find(name);
      cells.push_back(value == nullptr || value->is_null() ? Cell() : Cell(std::string(value->text)));
    }
    listing.Add(std::move(cells));
  }
  listing.Print(false, "no pipelines");
  fmt::print("\n");
  std::fflush(stdout);
  return {};
}

Result<void> PrintStatus(const Workspace& workspace, bool json) {
  if (!workspace.ledger) {
    fmt::print(stderr, "this project never ran; `datahub run` reads its sources\n");
    return {};
  }
  const auto worker = DH_TRY(pipeline::LivingWorker(*workspace.ledger, StateFolder(workspace.project)));
  if (!json && worker) {
    fmt::print("written by process {} on {} since {}\n\n", worker->process, worker->host,
               clock::ToIso(worker->since_us));
  } else if (!json) {
    fmt::print("no worker writes it now\n\n");
  }
  const std::optional<std::string> live = DH_TRY(AskServer(workspace.project, "GET", "/v1/status"));
  if (live) DH_TRY(PrintLive(*live, json));
  const auto positions = DH_TRY(workspace.ledger->AllPositions());
  Listing listing({"source", "pipeline", "shard", "position"});
  for (const auto& [key, position] : positions) listing.Add({key.source, key.target, key.shard, position});
  listing.Print(json, "no positions yet");
  if (json) return {};

  const std::vector<ledger::Commit> commits = DH_TRY(workspace.ledger->Commits(kCommitsShown));
  Listing recent({"commit", "state", "records", "rejected", "files", "at"});
  for (const ledger::Commit& commit : commits) {
    const char* state = commit.state == ledger::CommitState::kCommitted   ? "committed"
                        : commit.state == ledger::CommitState::kAbandoned ? "abandoned"
                                                                          : "intent";
    recent.Add({commit.id.ToString(), std::string(state), commit.records, commit.rejected,
                static_cast<uint64_t>(commit.added.size()), clock::ToIso(commit.created_at_us)});
  }
  fmt::print("\n");
  std::fflush(stdout);
  recent.Print(false, "no commits yet");
  return {};
}

}  // namespace

int StatusCommand(const Globals& globals) {
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  auto printed = PrintStatus(*workspace, globals.json);
  return printed ? static_cast<int>(kOk) : Fail(printed.error());
}

namespace {

Result<void> RemoveAll(const std::string& path) {
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  if (failure) return Error{Code::kUnavailable, fmt::format("cannot remove {}: {}", path, failure.message())};
  return {};
}

Result<std::vector<std::string>> TableFolders(const WritingWorkspace& workspace) {
  std::vector<std::string> folders;
  const std::vector<std::string> tables = DH_TRY(workspace.ledger->Tables());
  for (const std::string& table : tables) {
    const auto columns = DH_TRY(workspace.ledger->Columns(table));
    folders.push_back(workspace.project.lake.location + "/" + columns->folder);
  }
  return folders;
}

// The order makes a death in between harmless: without a ledger the lake's id would stop the next run, so the lake goes
// first, and a ledger whose files are gone only ever meets another reset.
Result<void> ResetAll(WritingWorkspace& workspace, bool foreign_lake) {
  const Project& project = workspace.project;
  const std::string there = DH_TRY(LakeIdOf(project));
  const std::string mine = DH_TRY(workspace.ledger->LakeId());
  if (!there.empty() && there != mine && !foreign_lake) {
    return Error{
        Code::kConflict,
        fmt::format("the lake {} belongs to another ledger, whose tables reset would remove. Name another lake in "
                    "the project, or, if that ledger is lost for good, say --foreign-lake",
                    project.lake.location)};
  }
  const ledger::Incarnation& incarnation = workspace.claim->worker().incarnation;
  DH_TRY(workspace.ledger->CheckIncarnation(incarnation));
  const std::string database = project.lake.location + "/" + project.lake.database;
  std::vector<std::string> paths = {project.lake.location + "/.unseen"};
  if (foreign_lake) {
    paths.push_back(database);
  } else {
    const std::vector<std::string> tables = DH_TRY(TableFolders(workspace));
    paths.insert(paths.end(), tables.begin(), tables.end());
  }
  const auto is_there = [](const std::string& path) {
    std::error_code failure;
    return std::filesystem::exists(path, failure);
  };
  if (there.empty() && !foreign_lake && std::ranges::any_of(paths, is_there)) {
    return Error{
        Code::kConflict,
        fmt::format("the lake {} does not say whose it is ({} is not there), but has tables of the names that reset "
                    "would remove. Name the lake that this project wrote to, or, if these are its tables, say "
                    "--foreign-lake",
                    project.lake.location, LakeIdPath(project))};
  }
  paths.push_back(LakeIdPath(project));  // last, so that a reset that died here can be repeated
  for (const std::string& path : paths) DH_TRY(RemoveAll(path));
  std::error_code not_empty;
  std::filesystem::remove(database, not_empty);
  DH_TRY(workspace.ledger->CheckIncarnation(incarnation));  // a successor began a new life meanwhile: its ledger stays
  return RemoveAll(StateFolder(project));
}

int ResetSource(const Globals& globals, const ResetArguments& arguments) {
  int exit_code = kOk;
  fmt::print("reset --source forgets how far '{}' was read: if the project still reads it, all it holds lands again\n",
             arguments.source);
  if (!arguments.yes) {
    fmt::print("nothing was done; say --yes to do it\n");
    return kOk;
  }
  auto workspace = OpenForWriting(globals.folder, {.check_against_ledger = false}, &exit_code);
  if (!workspace) return exit_code;
  const auto forget = [&]() -> Result<void> {
    const auto positions = DH_TRY(workspace->ledger->AllPositions());
    bool known = std::ranges::any_of(positions, [&](const auto& row) { return row.first.source == arguments.source; });
    for (const PipelineConfig& pipeline : workspace->project.pipelines) {
      const std::vector<ledger::LostMove> lost = DH_TRY(workspace->ledger->LostMoves(pipeline.name));
      known =
          known || std::ranges::any_of(lost, [&](const auto& one) { return one.move.key.source == arguments.source; });
    }
    if (!known)
      return Error{Code::kNotFound,
                   fmt::format("source '{}' has no positions; see `datahub status`", arguments.source)};
    return workspace->ledger->ForgetSource(workspace->claim->worker().incarnation, arguments.source);
  };
  const Result<void> forgotten = forget();
  if (!forgotten) return Fail(forgotten.error());
  fmt::print("done\n");
  return kOk;
}

}  // namespace

int ResetCommand(const Globals& globals, const ResetArguments& arguments) {
  if (!arguments.source.empty()) return ResetSource(globals, arguments);
  int exit_code = kOk;
  const std::optional<Project> project = LoadProject(globals.folder, ContractUse::kNone, &exit_code);
  if (!project) return exit_code;
  fmt::print("reset removes {} in\n  {}/{}\nand\n  {}\nthe sources stay, and are read anew by the next run\n",
             arguments.foreign_lake ? "all, whosever it is," : "this project's tables", project->lake.location,
             project->lake.database, StateFolder(*project));
  if (!arguments.yes) {
    fmt::print("nothing was done; say --yes to do it\n");
    return kOk;
  }
  auto workspace = OpenForReset(*project, &exit_code);
  if (!workspace) return exit_code;
  const Result<void> reset = ResetAll(*workspace, arguments.foreign_lake);
  if (!reset) return Fail(reset.error());
  fmt::print("done\n");
  return kOk;
}

int VersionCommand(const Globals& globals, bool crash_points) {
  if (crash_points) {
    for (const char* point : storage::kCrashPoints) fmt::print("{}\n", point);
    for (const char* point : ledger::kCrashPoints) fmt::print("{}\n", point);
    for (const char* point : pipeline::kCrashPoints) fmt::print("{}\n", point);
    return kOk;
  }
  if (globals.json) {
    json::Writer out;
    out.BeginObject().Key("version").String(kVersion).EndObject();
    fmt::print("{}\n", out.text());
  } else {
    fmt::print("datahub {}\n", kVersion);
  }
  return kOk;
}

}  // namespace datahub::app
