// The verb that forgets: in this process, or by the server that holds the project.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/control_client.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/project_reset.h"
#include "datahub/app/source_reset.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(50);

// The server ends its life, removes everything and begins a new one: until that answers. Its process is the same.
Result<void> WaitForNewLife(const Project& project, const std::string& accepted) {
  json::Document document;
  const json::Value* const old = DH_TRY(document.Parse(accepted));
  const std::string started_at(old->Find("started_at")->text);
  const auto process = static_cast<pid_t>(std::stol(std::string(old->Find("process")->text)));
  while (::kill(process, 0) == 0 || errno == EPERM) {
    const Result<std::optional<std::string>> status = AskServer(project, "GET", "/v1/status");
    if (status && *status) {
      json::Document now;
      const json::Value* const value = DH_TRY(now.Parse(**status));
      if (value->Find("server")->Find("started_at")->text != started_at) return {};
    }
    std::this_thread::sleep_for(kLookEvery);
  }
  return Error{Code::kUnavailable, "the server ended before everything was forgotten; its log says why"};
}

// False: no server holds the project.
Result<bool> AskServerToForget(const Project& project, const ResetArguments& arguments) {
  if (!arguments.source.empty()) {
    const std::string_view query = arguments.with_rows ? "?with_rows=true" : "";
    const auto answer =
        DH_TRY(AskServer(project, "POST", fmt::format("/v1/sources/{}/reset{}", arguments.source, query)));
    return answer.has_value();
  }
  const auto answer = DH_TRY(AskServer(project, "POST", "/v1/reset"));
  if (!answer) return false;
  DH_TRY(WaitForNewLife(project, *answer));
  return true;
}

Result<void> ForgetHere(const Globals& globals, const Project& project, const ResetArguments& arguments,
                        int* exit_code) {
  auto workspace = arguments.source.empty()
                       ? OpenForReset(project, exit_code)
                       : OpenForWriting(globals.folder, {.check_against_ledger = false}, exit_code);
  if (!workspace) return {};
  if (arguments.source.empty()) return ResetAll(*workspace, arguments.foreign_lake);
  if (arguments.with_rows) return ForgetSourceWithRows(*workspace, arguments.source);
  return ForgetSource(*workspace, arguments.source);
}

// What there is of it already comes a second time, and nobody could tell the two apart.
void SayPlanForSource(const Workspace& workspace, const ResetArguments& arguments) {
  const std::string& source = arguments.source;
  const bool is_read = workspace.project.FindSource(source) != nullptr;
  fmt::print("reset --source forgets how far '{}' was read: {}\n", source,
             is_read ? "all it holds lands again" : "the project reads it no more, so nothing of it lands again");
  const Result<std::vector<RowsKept>> kept = RowsOfSource(workspace, source);
  if (!kept) {
    fmt::print("how many of its rows are there could not be found out: {}\n", kept.error().message);
    return;
  }
  for (const RowsKept& rows : *kept) {
    if (arguments.with_rows) {
      fmt::print("  {} loses all {} of its rows\n", rows.table, rows.rows);
    } else {
      fmt::print("  {} keeps {} of its rows{}\n", rows.table, rows.rows,
                 is_read ? ": those that the source still holds will be there twice" : "");
    }
  }
  if (kept->empty()) return;
  if (arguments.with_rows) {
    fmt::print("what the source holds no more goes for good\n");
  } else if (is_read) {
    fmt::print("--with-rows removes them in the same commit\n");
  }
}

void SayPlan(const Project& project, const ResetArguments& arguments) {
  fmt::print("reset removes {} in\n  {}/{}\nand\n  {}\nthe sources stay, and are read anew by the next run\n",
             arguments.foreign_lake ? "all, whosever it is," : "this project's tables", project.lake.location,
             project.lake.database, StateFolder(project));
  const auto is_posted = [](const SourceConfig& source) {
    return source::FindKind(source.spec.kind)->delivery == source::Delivery::kPush;
  };
  if (std::ranges::any_of(project.sources, is_posted)) {
    fmt::print("what was posted is kept nowhere else: it goes for good\n");
  }
}

}  // namespace

int ResetCommand(const Globals& globals, const ResetArguments& arguments) {
  int exit_code = kOk;
  const std::optional<Project> project = LoadProject(globals.folder, {.contracts = ContractUse::kNone}, &exit_code);
  if (!project) return exit_code;
  if (arguments.source.empty()) {
    SayPlan(*project, arguments);
  } else {
    const std::optional<Workspace> workspace = OpenForReading(globals.folder, &exit_code);
    if (!workspace) return exit_code;
    SayPlanForSource(*workspace, arguments);
  }
  if (!arguments.yes) {
    fmt::print("nothing was done; say --yes to do it\n");
    return kOk;
  }
  const Result<bool> by_server = AskServerToForget(*project, arguments);
  if (!by_server) return Fail(by_server.error());
  if (!*by_server) {
    const Result<void> forgotten = ForgetHere(globals, *project, arguments, &exit_code);
    if (!forgotten) return Fail(forgotten.error());
    if (exit_code != kOk) return exit_code;
  }
  fmt::print("done\n");
  return kOk;
}

}  // namespace datahub::app
