#include "datahub/app/project_reset.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/crash_point.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/storage/posix_file.h"
#include "datahub/storage/small_file.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

// What a reset removes; of the project as it was then.
struct ResetIntent {
  std::string lake;
  std::string database;
  bool foreign_lake = false;
};

std::string IntentPath(const Project& project) { return StateFolder(project) + "/reset.json"; }
std::string TrashFolder(const std::string& lake) { return lake + "/.removed"; }
std::string RemovedStateFolder(const Project& project) { return StateFolder(project) + ".removed"; }

Result<void> RemoveAll(const std::string& path) {
  std::error_code failure;
  fs::remove_all(path, failure);
  if (failure) return Error{Code::kUnavailable, fmt::format("cannot remove {}: {}", path, failure.message())};
  return {};
}

// A folder that is not there has no names to sync.
Result<void> SyncNamesIn(const std::string& path) {
  auto folder = storage::PosixFile::OpenFolder(path);
  if (!folder && folder.error().code == Code::kNotFound) return {};
  if (!folder) return folder.error();
  storage::SyncHealth health;
  return folder->SyncNames(health);
}

bool LiesThere(const std::string& path) {
  std::error_code failure;
  return fs::exists(fs::symlink_status(path, failure));
}

Result<std::optional<ResetIntent>> ReadResetIntent(const Project& project) {
  const std::optional<std::string> text = DH_TRY(storage::ReadSmallFile(IntentPath(project)));
  if (!text) return std::optional<ResetIntent>();
  json::Document document;
  const Result<const json::Value*> parsed = document.Parse(*text);
  const json::Value* const lake = parsed ? (*parsed)->Find("lake") : nullptr;
  const json::Value* const database = parsed ? (*parsed)->Find("database") : nullptr;
  const json::Value* const foreign = parsed ? (*parsed)->Find("foreign_lake") : nullptr;
  if (lake == nullptr || database == nullptr || foreign == nullptr || lake->text.empty() || database->text.empty()) {
    return Error{Code::kCorruption, fmt::format("{} cannot be read, so a reset that was cut off cannot be finished; "
                                                "remove it, then run `datahub reset` again",
                                                IntentPath(project))};
  }
  ResetIntent intent{std::string(lake->text), std::string(database->text), foreign->type == json::Type::kTrue};
  return std::optional<ResetIntent>(std::move(intent));
}

Result<void> WriteResetIntent(const Project& project, const ResetIntent& intent) {
  json::Writer out;
  out.BeginObject().Key("lake").String(intent.lake).Key("database").String(intent.database);
  out.Key("foreign_lake").Bool(intent.foreign_lake).EndObject();
  return storage::ReplaceFile(IntentPath(project), std::move(out).Take() + "\n", storage::Access::kPrivate);
}

// What goes from the lake, but for its mark.
Result<std::vector<std::string>> FoldersOf(const WritingWorkspace& workspace, const ResetIntent& intent) {
  std::vector<std::string> folders = {intent.lake + "/.unseen"};
  if (intent.foreign_lake) {
    folders.push_back(intent.lake + "/" + intent.database);
    return folders;
  }
  const std::vector<std::string> tables = DH_TRY(workspace.ledger->Tables());
  for (const std::string& table : tables) {
    const auto columns = DH_TRY(workspace.ledger->Columns(table));
    folders.push_back(intent.lake + "/" + columns->folder);
  }
  return folders;
}

// One step, whatever lies in it: what is found later under its name is somebody else's.
Result<void> MoveToTrash(const std::string& folder, const std::string& to) {
  if (std::rename(folder.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  if (errno == EXDEV || errno == EBUSY) return RemoveAll(folder);  // a disk of its own is mounted there
  return storage::FileError(errno, "move " + folder + " to", to);
}

Result<void> EmptyLake(const WritingWorkspace& workspace, const ResetIntent& intent) {
  const ledger::Incarnation& mine = workspace.claim->worker().incarnation;
  const std::string trash = TrashFolder(intent.lake);
  const std::vector<std::string> folders = DH_TRY(FoldersOf(workspace, intent));
  std::error_code failure;
  fs::create_directories(trash, failure);
  if (failure) return storage::FileError(failure.value(), "make the folder", trash);
  for (size_t i = 0; i < folders.size(); ++i) {
    DH_TRY(workspace.ledger->CheckIncarnation(mine));
    DH_TRY(MoveToTrash(folders[i], fmt::format("{}/{}-{}", trash, mine.ToString(), i)));
    CrashPoint("reset.moved");
  }
  DH_TRY(SyncNamesIn(trash));
  const std::string database = intent.lake + "/" + intent.database;
  DH_TRY(SyncNamesIn(database));
  fs::remove(database, failure);  // when nobody else has tables in it
  DH_TRY(workspace.ledger->CheckIncarnation(mine));
  DH_TRY(storage::UnlinkIfThere(LakeMarkPath(intent.lake)));
  CrashPoint("reset.mark_removed");
  DH_TRY(RemoveAll(trash));
  return SyncNamesIn(intent.lake);
}

// Under its name the state is whole until it is gone.
Result<void> RemoveState(const WritingWorkspace& workspace) {
  const std::string state = StateFolder(workspace.project);
  const std::string removed = RemovedStateFolder(workspace.project);
  DH_TRY(RemoveAll(removed));
  CrashPoint("reset.lake_empty");
  DH_TRY(workspace.ledger->CheckIncarnation(workspace.claim->worker().incarnation));
  if (std::rename(state.c_str(), removed.c_str()) != 0)
    return storage::FileError(errno, "move " + state + " to", removed);
  DH_TRY(SyncNamesIn(workspace.project.folder));
  CrashPoint("reset.state_moved");
  return RemoveAll(removed);
}

// A successor that finished it says more than what this process met then.
Result<void> FinishIntent(const WritingWorkspace& workspace, const ResetIntent& intent) {
  const auto finish = [&]() -> Result<void> {
    DH_TRY(EmptyLake(workspace, intent));
    return RemoveState(workspace);
  };
  const Result<void> finished = finish();
  if (finished) return finished;
  DH_TRY(workspace.ledger->CheckIncarnation(workspace.claim->worker().incarnation));
  return finished;
}

}  // namespace

Result<void> ResetAll(const WritingWorkspace& workspace, bool foreign_lake) {
  const Project& project = workspace.project;
  const Result<std::string> mark = LakeIdOf(project);
  if (!mark && !foreign_lake) return mark.error();
  const std::string there = mark ? *mark : "unreadable";
  const std::string mine = DH_TRY(workspace.ledger->LakeId());
  if (!there.empty() && there != mine && !foreign_lake) {
    return Error{
        Code::kConflict,
        fmt::format("the lake {} belongs to another ledger, whose tables reset would remove. Name another lake in "
                    "the project, or, if that ledger is lost for good, say --foreign-lake",
                    project.lake.location)};
  }
  DH_TRY(workspace.ledger->CheckIncarnation(workspace.claim->worker().incarnation));
  const bool goes_on = DH_TRY(ReadResetIntent(project)).has_value();
  const ResetIntent intent{project.lake.location, project.lake.database, foreign_lake};
  const std::vector<std::string> folders = DH_TRY(FoldersOf(workspace, intent));
  if (there.empty() && !foreign_lake && !goes_on && std::ranges::any_of(folders, LiesThere)) {
    return Error{
        Code::kConflict,
        fmt::format("the lake {} does not say whose it is ({} is not there), but has tables of the names that reset "
                    "would remove. Name the lake that this project wrote to, or, if these are its tables, say "
                    "--foreign-lake",
                    project.lake.location, LakeMarkPath(project.lake.location))};
  }
  DH_TRY(WriteResetIntent(project, intent));
  CrashPoint("reset.intended");
  return FinishIntent(workspace, intent);
}

Result<bool> FinishReset(const WritingWorkspace& workspace) {
  const std::optional<ResetIntent> intent = DH_TRY(ReadResetIntent(workspace.project));
  if (!intent) return false;
  DH_TRY(FinishIntent(workspace, *intent));
  log::Info("a reset that was cut off is finished: everything is forgotten, and read anew");
  return true;
}

Result<void> CheckNoReset(const Project& project) {
  if (!LiesThere(IntentPath(project))) return {};
  return Error{Code::kUnavailable,
               fmt::format("this project is being reset, or a reset was cut off ({}): the next `datahub run`, `serve` "
                           "or `reset --yes` finishes it",
                           IntentPath(project))};
}

Result<void> RemoveWhatResetLeft(const Project& project) {
  if (!LiesThere(RemovedStateFolder(project))) return {};
  return RemoveAll(RemovedStateFolder(project));
}

}  // namespace datahub::app
