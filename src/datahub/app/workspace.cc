#include "datahub/app/workspace.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/project_reset.h"
#include "datahub/base/log.h"
#include "datahub/base/units.h"
#include "datahub/pipeline/table_columns.h"
#include "datahub/storage/folder_tree.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFolder = 0700;

// An empty ledger over a used lake would read everything twice; a used ledger over an empty lake would serve nothing.
Result<void> CheckLakeId(const Workspace& workspace) {
  const std::string path = LakeMarkPath(workspace.project.lake.location);
  const std::string mine = DH_TRY(workspace.ledger->LakeId());
  const std::string there = DH_TRY(LakeIdOf(workspace.project));
  if (there == mine) return {};
  if (!there.empty()) {
    return Error{
        Code::kConflict,
        fmt::format(
            "the lake {} belongs to another ledger ({} says {}, this project's ledger {}). Name another lake, or bring "
            "back its ledger; if that is lost for good, `datahub reset --foreign-lake` deletes what is in the lake and "
            "starts anew",
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
  return {};
}

// Tables before pipelines, whose quarantines are tables too.
Result<void> FollowRenames(WritingWorkspace& workspace) {
  const ledger::Incarnation& mine = workspace.claim->worker().incarnation;
  ledger::Ledger& ledger = *workspace.ledger;
  for (const SourceConfig& source : workspace.project.sources) {
    if (!source.renamed_from.empty()) DH_TRY(ledger.RenameSource(mine, source.renamed_from, source.name));
  }
  for (const TableConfig& table : workspace.project.tables) {
    if (!table.renamed_from.empty()) DH_TRY(ledger.RenameTable(mine, table.renamed_from, table.name));
  }
  for (const PipelineConfig& pipeline : workspace.project.pipelines) {
    if (pipeline.renamed_from.empty()) continue;
    DH_TRY(ledger.RenameTable(mine, QuarantineOf(pipeline.renamed_from), QuarantineOf(pipeline.name)));
    DH_TRY(ledger.RenamePipeline(mine, pipeline.renamed_from, pipeline.name));
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
    const auto is_target = [&](const PipelineConfig& config) {
      return config.name == key.target || config.renamed_from == key.target;
    };
    const auto pipeline = std::ranges::find_if(project.pipelines, is_target);
    const bool known = pipeline != project.pipelines.end();
    if (known && std::ranges::count(pipeline->from, source->name) > 0) continue;
    problems += fmt::format(
        "\n  source '{}' was read by pipeline '{}', which {}: another pipeline would read it from its beginning. {}, "
        "or "
        "forget how far it was read: datahub reset --source {}",
        source->name, key.target, known ? "does not read it any more" : "is not in the project",
        known ? "Put that back" : "If it was renamed, say so in the new one: renamed_from: " + key.target,
        source->name);
  }
  return problems;
}

// Locks too: who may open one can hold it, and keep every run out.
Result<void> MakeStateFolder(const Project& project) {
  const std::string path = StateFolder(project);
  DH_TRY(storage::FolderTree::MakeRoot(path, storage::Access::kPrivate));
  if (DH_TRY(IsStatePrivate(project)) || ::chmod(path.c_str(), kPrivateFolder) == 0) return {};
  Error error = ErrnoError(errno, "cannot make the state folder private: " + path);
  error.message += "; it holds events, ledger and locks. Run as its owner, or give it to this user (chown -R)";
  return error;
}

// By the umask: a file or folder never has other permissions, not even for a moment, and a folder's group goes on to what is
// made in it.
void FollowLakeMode(const LakeConfig& lake) {
  static const mode_t at_start = [] {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return mask;
  }();
  constexpr mode_t kAll = 0777;
  if (!lake.file_mode) {
    ::umask(at_start);
  } else {
    ::umask(kAll & ~(*lake.file_mode | (*lake.file_mode & 0444) >> 2));  // folders get x beside r
  }
}

Result<void> OpenParts(WritingWorkspace& workspace, bool take_over) {
  DH_TRY(RemoveWhatResetLeft(workspace.project));
  FollowLakeMode(workspace.project.lake);
  DH_TRY(MakeStateFolder(workspace.project));
  workspace.store = DH_TRY(storage::OpenLocalStore(workspace.project.lake.location));
  workspace.ledger = DH_TRY(ledger::OpenSqliteLedger(LedgerPath(workspace.project), ledger::OpenMode::kReadWrite));
  workspace.claim = DH_TRY(pipeline::WorkerClaim::Take(*workspace.ledger, StateFolder(workspace.project), take_over));
  workspace.committer =
      std::make_unique<pipeline::Committer>(*workspace.store, *workspace.ledger, workspace.claim->worker().incarnation);
  return {};
}

// A reset that was cut off is finished first: then a new life begins.
Result<void> OpenPartsAfterReset(WritingWorkspace& workspace, bool take_over) {
  DH_TRY(OpenParts(workspace, take_over));
  const bool finished = DH_TRY(FinishReset(workspace));
  if (!finished) return {};
  workspace.committer.reset();
  workspace.claim.reset();
  workspace.ledger.reset();
  return OpenParts(workspace, false);
}

Result<void> Recover(WritingWorkspace& workspace, const ClaimOptions& options) {
  DH_TRY(CheckLakeId(workspace));
  if (!options.ledger_may_be_older) {
    DH_TRY(CheckLedgerIsNotOlder(workspace.project, *workspace.ledger, *workspace.store));
  }
  const auto recovery = DH_TRY(workspace.committer->Recover(options.reader_grace_us));
  for (const ledger::Commit& commit : recovery.completed) {
    log::Info("recovered: commit {} ({} records) was under way and is completed", commit.id.ToString(), commit.records);
  }
  if (!options.ledger_may_be_older) DH_TRY(KeepLakeMark(workspace));
  return FollowRenames(workspace);
}

// A table that vanished, and a new one whose folder is taken: a renamed table keeps its folder.
Result<std::string> TableProblems(const Project& project, ledger::Ledger& ledger) {
  std::string problems;
  std::map<std::string, std::string> folders;
  const auto tables = DH_TRY(ledger.Tables());
  for (const std::string& table : tables) {
    const auto columns = DH_TRY(ledger.Columns(table));
    const auto is_it = [&](const TableConfig& config) { return config.name == table || config.renamed_from == table; };
    const auto config = std::ranges::find_if(project.tables, is_it);
    if (columns) folders.emplace(columns->folder, config == project.tables.end() ? table : config->name);
    if (config != project.tables.end() || table.ends_with(kQuarantineSuffix)) continue;
    problems += fmt::format(
        "\n  table '{}' has landed rows but is not in the project. If it was renamed, say so in the new one: "
        "renamed_from: {}; if nothing writes it any more, keep it under tables: it can still be queried",
        table, table);
  }
  for (const TableConfig& table : project.tables) {
    const std::string folder = project.lake.database + "/" + table.name;
    const auto taken = folders.find(folder);
    if (taken == folders.end() || taken->second == table.name) continue;
    problems += fmt::format(
        "\n  table '{}' would lie in {}, where the files of table '{}' lie, which was renamed and kept its "
        "folder; give it another name",
        table.name, folder, taken->second);
  }
  return problems;
}

// The name that a table has there: the old one until a run has renamed it.
Result<std::string> NameInLedger(const TableConfig& table, ledger::Ledger& ledger) {
  if (table.renamed_from.empty()) return table.name;
  const auto known = DH_TRY(ledger.Columns(table.name));
  return known ? table.name : table.renamed_from;
}

// A landed version never changes, and a table's rows are of one contract.
Result<std::string> ContractProblems(const Project& project, ledger::Ledger& ledger) {
  std::string problems;
  std::set<std::string_view> seen;
  for (const PipelineConfig& pipeline : project.pipelines) {
    if (!seen.insert(pipeline.table).second) continue;  // pipelines of one table share a contract
    const std::string& name = pipeline.contract->name();
    const std::string table = DH_TRY(NameInLedger(*project.FindTable(pipeline.table), ledger));
    const auto landed = DH_TRY(ledger.LandedContracts(table));
    for (const ledger::LandedContract& by : landed) {
      if (by.contract != name) {
        const auto quoted = [](const std::string& of) { return of.empty() ? "no contract" : "contract '" + of + "'"; };
        problems += fmt::format(
            "\n  table '{}' has rows of {}, the project writes it under {}: a table belongs to one contract. Write to "
            "another table, or put that contract back",
            pipeline.table, quoted(by.contract), quoted(name));
        continue;
      }
      const auto is_it = [&](const ContractConfig& config) {
        return config.name == by.contract && config.version == by.version;
      };
      const auto config = std::ranges::find_if(project.contracts, is_it);
      if (config == project.contracts.end() || config->checksum.empty() || config->checksum == by.checksum) continue;
      int newest = 0;
      for (const ContractConfig& other : project.contracts) {
        if (other.name == name) newest = std::max(newest, other.version);
      }
      problems += fmt::format(
          "\n  version {} of contract '{}' has accepted rows of table '{}' and was changed since ({}): a version that "
          "landed stays as it is. Put it back, and add the new text as version {}: {}/{}/{}.json{}",
          by.version, name, pipeline.table, config->shown, newest + 1, project.contracts_folder, name, newest + 1,
          config->shown.ends_with("/1.json") || by.version > 1 ? "" : ", beside the old one as 1.json");
    }
  }
  return problems;
}

Error NotReadable(const Project& project, int error_number) {
  Error error = ErrnoError(error_number, "cannot look into " + StateFolder(project));
  if (error_number == EACCES) error.message += "; it is private to the user that runs this project: ask as that user";
  return error;
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
  problems += DH_TRY(TableProblems(project, ledger));
  problems += DH_TRY(ContractProblems(project, ledger));
  for (const PipelineConfig& pipeline : project.pipelines) {
    const lake::TableSpec table = MakePipelineSpec(project, pipeline).table;
    ledger::TableColumns wanted = pipeline::WantedColumns(table);
    wanted.table = DH_TRY(NameInLedger(*project.FindTable(pipeline.table), ledger));
    const auto agreed = pipeline::AgreeColumns(ledger, std::move(wanted));
    if (agreed) continue;
    if (agreed.error().code != Code::kInvalidInput) return agreed.error();
    problems += "\n  " + agreed.error().message;
  }
  if (problems.empty()) return {};
  return Error{Code::kInvalidInput, "the project does not fit what was read already:" + problems};
}

Result<std::string> LakeIdOf(const Project& project) {
  const std::optional<LakeMark> mark = DH_TRY(ReadLakeMark(project));
  return mark ? mark->lake : std::string();
}

Result<void> KeepLakeMark(WritingWorkspace& workspace) {
  workspace.mark =
      DH_TRY(LakeMarkKeeper::Start(workspace.project, *workspace.ledger, workspace.claim->worker().incarnation));
  return {};
}

std::string StateFolder(const Project& project) { return project.folder + "/.datahub"; }
Result<bool> IsStatePrivate(const Project& project) {
  const std::string path = StateFolder(project);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return ErrnoError(errno, "cannot look at " + path);
  return (facts.st_mode & 0777 & ~kPrivateFolder) == 0;
}
std::string LedgerPath(const Project& project) { return StateFolder(project) + "/ledger.db"; }
std::string QuerySpillPrefix(const Project& project) { return StateFolder(project) + "/query-temp"; }
std::string ControlPath(const Project& project) { return StateFolder(project) + "/control.sock"; }

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

std::optional<Project> LoadProject(const std::string& folder, const ReadOptions& options, int* exit_code, bool json) {
  Diagnostics diagnostics;
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
  std::optional<Project> project = LoadProject(folder, {.contracts = ContractUse::kNone}, exit_code);
  if (!project) return std::nullopt;
  Workspace workspace{std::move(*project), nullptr, nullptr};
  const auto open = [&]() -> Result<void> {
    DH_TRY(CheckNoReset(workspace.project));
    workspace.store = DH_TRY(storage::OpenLocalStore(workspace.project.lake.location, storage::OpenMode::kReadOnly));
    std::error_code failure;
    const bool there = fs::exists(LedgerPath(workspace.project), failure);
    if (failure) return NotReadable(workspace.project, failure.value());
    if (!there) return {};
    workspace.ledger = DH_TRY(ledger::OpenSqliteLedger(LedgerPath(workspace.project), ledger::OpenMode::kReadOnly));
    return {};
  };
  const Result<void> opened = open();
  return OrFail(opened, std::move(workspace), exit_code);
}

Result<void> ClaimOptions::ReadGrace(const std::string& text) {
  if (!text.empty()) reader_grace_us = DH_TRY(ParseDurationUs(text));
  return {};
}

std::optional<WritingWorkspace> OpenForWriting(const std::string& folder, const ClaimOptions& options, int* exit_code) {
  std::optional<Project> project = LoadProject(folder, {.evolution = true}, exit_code);
  if (!project) return std::nullopt;
  WritingWorkspace workspace;
  workspace.project = std::move(*project);
  const auto open = [&]() -> Result<void> {
    DH_TRY(OpenPartsAfterReset(workspace, options.take_over));
    return Recover(workspace, options);
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
