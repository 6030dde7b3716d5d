// Verbs about the project as a whole: status, version.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/control_client.h"
#include "datahub/app/crash_points.h"
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

int VersionCommand(const Globals& globals, bool crash_points) {
  if (crash_points) {
    for (const char* point : storage::kCrashPoints) fmt::print("{}\n", point);
    for (const char* point : ledger::kCrashPoints) fmt::print("{}\n", point);
    for (const char* point : pipeline::kCrashPoints) fmt::print("{}\n", point);
    for (const char* point : kCrashPoints) fmt::print("{}\n", point);
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
