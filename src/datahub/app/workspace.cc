#include "datahub/app/workspace.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/base/log.h"
#include "datahub/pipeline/table_columns.h"
#include "datahub/storage/folder_tree.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLakeIdFile = ".datahub-lake";

Result<std::string> ReadLakeId(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::string();
    return ErrnoError(errno, "cannot read " + path);
  }
  char text[256] = {};
  const ssize_t size = ::read(fd, text, sizeof(text) - 1);
  ::close(fd);
  if (size < 0) return ErrnoError(errno, "cannot read " + path);
  std::string id(text, static_cast<size_t>(size));
  while (id.ends_with('\n')) id.pop_back();
  return id;
}

// Whole or not at all: written aside, synced, renamed, and the folder synced.
Result<void> WriteLakeId(const std::string& path, const std::string& id) {
  const std::string aside = path + ".new";
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoError(errno, "cannot write " + aside);
  const std::string text = id + "\n";
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int failure = errno;
  ::close(fd);
  if (!written) return ErrnoError(failure, "cannot write " + aside);
  if (::rename(aside.c_str(), path.c_str()) != 0) return ErrnoError(errno, "cannot name " + path);
  const int folder = ::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  const int sync_failure = errno;
  if (folder >= 0) ::close(folder);
  if (!synced) return ErrnoError(sync_failure, "cannot sync the folder of " + path);
  return {};
}

// An empty ledger over a used lake would read everything twice; a used ledger over an empty lake would serve nothing.
Result<void> CheckLakeId(const Workspace& workspace) {
  const std::string path = LakeIdPath(workspace.project);
  const std::string mine = DH_TRY(workspace.ledger->LakeId());
  const std::string there = DH_TRY(ReadLakeId(path));
  if (there == mine) return {};
  if (!there.empty()) {
    return Error{
        Code::kConflict,
        fmt::format(
            "the lake {} belongs to another ledger ({} says {}, this project's ledger {}). Name another lake, or bring "
            "back its ledger; if that is lost for good, start anew with `datahub reset --foreign-lake`",
            workspace.project.lake.location, path, there, mine)};
  }
  const auto commits = DH_TRY(workspace.ledger->Commits(1));
  if (!commits.empty()) {
    return Error{
        Code::kCorruption,
        fmt::format("the ledger has commits, but {} is gone: was the lake removed? Bring it back, or start anew with "
                    "`datahub reset`",
                    path)};
  }
  return WriteLakeId(path, mine);
}

Result<void> RenameSources(WritingWorkspace& workspace) {
  const ledger::Incarnation& mine = workspace.claim->worker().incarnation;
  for (const SourceConfig& source : workspace.project.sources) {
    if (!source.renamed_from.empty()) DH_TRY(workspace.ledger->RenameSource(mine, source.renamed_from, source.name));
  }
  return {};
}

Result<std::string> PositionProblems(const Project& project, ledger::Ledger& ledger) {
  std::string problems;
  std::set<std::pair<std::string, std::string>> seen;
  const auto positions = DH_TRY(ledger.AllPositions());
  for (const auto& [key, position] : positions) {
    if (!seen.emplace(key.source, key.target).second) continue;
    const auto is_it = [&](const SourceConfig& source) {
      return source.name == key.source || source.renamed_from == key.source;
    };
    const auto source = std::ranges::find_if(project.sources, is_it);
    if (source == project.sources.end()) {
      problems += fmt::format(
          "\n  source '{}' has positions but is not in the project. If it was renamed, say so in the new one: "
          "renamed_from: {}; if it is retired, forget it: datahub reset --source {}",
          key.source, key.source, key.source);
      continue;
    }
    const PipelineConfig* pipeline = project.FindPipeline(key.target);
    if (pipeline != nullptr && std::ranges::count(pipeline->from, source->name) > 0) continue;
    problems += fmt::format(
        "\n  source '{}' was read by pipeline '{}', which {}: another pipeline would read it from its beginning. Put "
        "that "
        "back, or forget how far it was read: datahub reset --source {}",
        source->name, key.target, pipeline == nullptr ? "is not in the project" : "does not read it any more",
        source->name);
  }
  return problems;
}

Result<void> OpenParts(WritingWorkspace& workspace, bool take_over) {
  DH_TRY(storage::FolderTree::MakeRoot(StateFolder(workspace.project)));
  workspace.store = DH_TRY(storage::OpenLocalStore(workspace.project.lake.location));
  workspace.ledger = DH_TRY(ledger::OpenSqliteLedger(LedgerPath(workspace.project), ledger::OpenMode::kReadWrite));
  workspace.claim = DH_TRY(pipeline::WorkerClaim::Take(*workspace.ledger, StateFolder(workspace.project), take_over));
  workspace.committer =
      std::make_unique<pipeline::Committer>(*workspace.store, *workspace.ledger, workspace.claim->worker().incarnation);
  return {};
}

Result<void> Recover(WritingWorkspace& workspace, int64_t reader_grace_us) {
  DH_TRY(CheckLakeId(workspace));
  const auto recovery = DH_TRY(workspace.committer->Recover(reader_grace_us));
  for (const ledger::Commit& commit : recovery.completed) {
    log::Info("recovered: commit {} ({} records) was under way and is completed", commit.id.ToString(), commit.records);
  }
  return RenameSources(workspace);
}

template <class T>
std::optional<T> OrFail(const Result<void>& result, T value, int* exit_code) {
  if (result) return std::optional<T>(std::move(value));
  *exit_code = Fail(result.error());
  return std::nullopt;
}

}  // namespace

Result<void> CheckAgainstLedger(const Project& project, ledger::Ledger& ledger) {
  std::string problems = DH_TRY(PositionProblems(project, ledger));
  for (const PipelineConfig& pipeline : project.pipelines) {
    const lake::TableSpec table = MakePipelineSpec(project, pipeline).table;
    const auto known = DH_TRY(ledger.Columns(table.table));
    const auto agreed = pipeline::AgreeColumns(known, pipeline::WantedColumns(table));
    if (!agreed) problems += "\n  " + agreed.error().message;
  }
  if (problems.empty()) return {};
  return Error{Code::kInvalidInput, "the project does not fit what was read already:" + problems};
}

Result<std::string> LakeIdOf(const Project& project) { return ReadLakeId(LakeIdPath(project)); }

std::string StateFolder(const Project& project) { return project.folder + "/.datahub"; }
std::string LedgerPath(const Project& project) { return StateFolder(project) + "/ledger.db"; }
std::string QuerySpillPrefix(const Project& project) { return StateFolder(project) + "/query-temp"; }
std::string ControlPath(const Project& project) { return StateFolder(project) + "/control.sock"; }
std::string LakeIdPath(const Project& project) { return project.lake.location + "/" + kLakeIdFile; }

void WarnOfOneColumn(const Project& project) {
  for (const ContractConfig& config : project.contracts) {
    const std::vector<record::Field>& fields = config.compiled->columns().fields;
    if (fields.size() != 1 || fields[0].kind != record::Kind::kJson || fields[0].name != "event") continue;
    log::Warn(
        "contract '{}' does not say `\"type\": \"object\"` at its root: a record is one column `event`, JSON text",
        config.name);
  }
}

int Fail(const Error& error) {
  log::Error("{}", error.message);
  return kFailure;
}

void SayHowToExplain(std::vector<std::string_view> codes) {
  if (!log::Enabled(log::Level::kWarn)) return;
  std::ranges::sort(codes);
  codes.erase(std::ranges::unique(codes).begin(), codes.end());
  fmt::print(stderr, "`datahub explain {}` says more\n", fmt::join(codes, " "));
}

std::optional<Project> LoadProject(const std::string& folder, ContractUse contracts, int* exit_code, bool json) {
  Diagnostics diagnostics;
  ReadOptions options;
  options.contracts = contracts;
  std::optional<Project> project = ReadProject(folder, options, diagnostics);
  if (project) return project;
  const bool color = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  fmt::print(json ? stdout : stderr, "{}", json ? diagnostics.RenderJson() : diagnostics.Render(color));
  if (!json) {
    std::vector<std::string_view> codes;
    for (const Diagnostic& diagnostic : diagnostics.Sorted()) codes.push_back(diagnostic.code);
    SayHowToExplain(std::move(codes));
  }
  *exit_code = kInvalidProject;
  return std::nullopt;
}

std::optional<Workspace> OpenForReading(const std::string& folder, int* exit_code) {
  std::optional<Project> project = LoadProject(folder, ContractUse::kNone, exit_code);
  if (!project) return std::nullopt;
  Workspace workspace{std::move(*project), nullptr, nullptr};
  const auto open = [&]() -> Result<void> {
    workspace.store = DH_TRY(storage::OpenLocalStore(workspace.project.lake.location, storage::OpenMode::kReadOnly));
    std::error_code failure;
    if (!fs::exists(LedgerPath(workspace.project), failure)) return {};
    workspace.ledger = DH_TRY(ledger::OpenSqliteLedger(LedgerPath(workspace.project), ledger::OpenMode::kReadOnly));
    return {};
  };
  const Result<void> opened = open();
  return OrFail(opened, std::move(workspace), exit_code);
}

std::optional<WritingWorkspace> OpenForWriting(const std::string& folder, const ClaimOptions& options, int* exit_code) {
  std::optional<Project> project = LoadProject(folder, ContractUse::kOfPipelines, exit_code);
  if (!project) return std::nullopt;
  WritingWorkspace workspace;
  workspace.project = std::move(*project);
  const auto open = [&]() -> Result<void> {
    DH_TRY(OpenParts(workspace, options.take_over));
    return Recover(workspace, options.reader_grace_us);
  };
  const Result<void> opened = open();
  if (opened && options.check_against_ledger) {
    if (const Result<void> checked = CheckAgainstLedger(workspace.project, *workspace.ledger); !checked) {
      *exit_code = Fail(checked.error());
      if (checked.error().code == Code::kInvalidInput) {
        *exit_code = kInvalidProject;
        SayHowToExplain({code::kLedger});
      }
      return std::nullopt;
    }
  }
  return OrFail(opened, std::move(workspace), exit_code);
}

std::optional<WritingWorkspace> OpenForReset(Project project, int* exit_code) {
  WritingWorkspace workspace;
  workspace.project = std::move(project);
  const Result<void> opened = OpenParts(workspace, false);
  return OrFail(opened, std::move(workspace), exit_code);
}

}  // namespace datahub::app
