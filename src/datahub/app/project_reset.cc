#include "datahub/app/project_reset.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace datahub::app {
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

}  // namespace

// The order makes a death in between harmless: without a ledger the lake's id would stop the next run, so the lake goes
// first, and a ledger whose files are gone only ever meets another reset.
Result<void> ResetAll(const WritingWorkspace& workspace, bool foreign_lake) {
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

Result<void> ForgetSource(const WritingWorkspace& workspace, const std::string& source) {
  ledger::Ledger& ledger = *workspace.ledger;
  const auto positions = DH_TRY(ledger.AllPositions());
  bool known = std::ranges::any_of(positions, [&](const auto& row) { return row.first.source == source; });
  for (const PipelineConfig& pipeline : workspace.project.pipelines) {
    const std::vector<ledger::LostMove> lost = DH_TRY(ledger.LostMoves(pipeline.name));
    known = known || std::ranges::any_of(lost, [&](const auto& one) { return one.move.key.source == source; });
  }
  if (!known) return Error{Code::kNotFound, fmt::format("source '{}' has no positions; see `datahub status`", source)};
  return ledger.ForgetSource(workspace.claim->worker().incarnation, source);
}

}  // namespace datahub::app
