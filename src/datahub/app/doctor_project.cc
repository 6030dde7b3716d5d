// What `doctor` asks of a project.

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "datahub/app/control_client.h"
#include "datahub/app/doctor.h"
#include "datahub/app/listing.h"
#include "datahub/app/project_reset.h"
#include "datahub/app/project_schema.h"
#include "datahub/app/text_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/clock.h"
#include "datahub/ledger/ledger_check.h"
#include "datahub/source/registry.h"
#include "datahub/storage/folder_trial.h"

namespace datahub::app {
namespace {

constexpr int kAnswerSeconds = 2;

namespace fs = std::filesystem;

constexpr uint64_t kFreeBytesMin = 64u << 20;  // less: not even one segment of the log
constexpr size_t kSchemaBytesMax = 1u << 20;
constexpr int64_t kSyncSlowUs = 100'000;  // a commit waits for about ten
constexpr int64_t kClockSkewUs = int64_t(60) * 1'000'000;
constexpr uint64_t kPartitionFilesMax = 1'000;  // beyond, opening them costs more than reading them

bool IsThere(const std::string& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

bool AnyTakesPosts(const Project& project) {
  return std::ranges::any_of(project.sources, [](const SourceConfig& source) {
    return source::FindKind(source.spec.kind)->delivery == source::Delivery::kPush;
  });
}

uint64_t BytesIn(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    std::error_code ignored;
    const uint64_t size = at->file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

class ProjectCheck {
 public:
  ProjectCheck(const Project& project, std::vector<Finding>& findings) : project_(project), findings_(findings) {}

  void Run() {
    CheckEditorSchema();
    CheckFolder("lake folder", project_.lake.location);
    CheckFolder("state folder", StateFolder(project_));
    CheckPrivacy();
    CheckSpace();
    CheckLedger();
    CheckServing();
  }

 private:
  void Say(std::string check, Health health, std::string state, std::string next = "") {
    findings_.push_back({std::move(check), health, std::move(state), std::move(next)});
  }

  // Of another version it marks fields as wrong that are not.
  void CheckEditorSchema() {
    const Result<std::string> text = ReadTextFile(fmt::format("{}/{}", project_.folder, kSchemaFile), kSchemaBytesMax);
    if (!text) return;  // not everybody wants it
    const bool same = *text == ProjectSchema() + "\n";
    Say("editor schema", same ? Health::kOk : Health::kWarn,
        fmt::format("{} {}", kSchemaFile, same ? "is this version's" : "is not this version's"),
        same ? "" : fmt::format("datahub validate --print-schema > {}", kSchemaFile));
  }

  void CheckFolder(const std::string& check, const std::string& folder) {
    if (!IsThere(folder)) return Say(check, Health::kOk, folder + " is not there yet: the first run makes it");
    const Result<storage::FolderTrial> trial = storage::TryFolder(folder);
    if (!trial) return Say(check, Health::kFail, trial.error().message);
    const std::string state = fmt::format("{}: {}, renames without replacing, a sync takes {:.1f} ms", folder,
                                          trial->file_system, static_cast<double>(trial->sync_us) / 1000);
    if (trial->networked) {
      Say(check, Health::kWarn, state,
          "put it on a local disk: locks and syncs over a network are not to be relied on");
    } else if (trial->in_memory) {
      Say(check, Health::kWarn, state, "it is in memory: all of it is lost with the machine's power");
    } else {
      const bool slow = trial->sync_us > kSyncSlowUs;
      Say(check, slow ? Health::kWarn : Health::kOk, state, slow ? "use a faster disk: every commit waits for it" : "");
    }
  }

  void CheckPrivacy() {
    const std::string state = StateFolder(project_);
    if (!IsThere(state)) return;
    const Result<bool> is_private = IsStatePrivate(project_);
    if (!is_private) return Say("state folder", Health::kFail, is_private.error().message);
    if (*is_private) return;
    Say("state folder", Health::kWarn, state + " is open to other users: they may read events, and hold its locks",
        fmt::format("chmod 700 {}; the next start does it too", state));
  }

  // What may be written before anything can be given back, by file system.
  void CheckSpace() {
    uint64_t batches = 0;
    for (const PipelineConfig& pipeline : project_.pipelines) {
      batches += 2 * project_.FindTable(pipeline.table)->flush.bytes;  // one being written while one is committed
    }
    uint64_t log = 0;
    if (AnyTakesPosts(project_)) {
      const uint64_t used = BytesIn(StateFolder(project_) + "/intake");
      log = project_.intake.log_bytes_max - std::min(used, project_.intake.log_bytes_max);
    }
    const std::string lake = Existing(project_.lake.location);
    const std::string state = Existing(StateFolder(project_));
    struct stat lake_facts {};
    struct stat state_facts {};
    const bool together = ::stat(lake.c_str(), &lake_facts) == 0 && ::stat(state.c_str(), &state_facts) == 0 &&
                          lake_facts.st_dev == state_facts.st_dev;
    if (together) return CheckSpaceOf("disk space", lake, batches + log);
    CheckSpaceOf("lake space", lake, batches);
    CheckSpaceOf("state space", state, log);
  }

  void CheckSpaceOf(const std::string& check, const std::string& folder, uint64_t wanted) {
    struct statvfs facts {};
    if (::statvfs(folder.c_str(), &facts) != 0) {
      return Say(check, Health::kFail, ErrnoError(errno, "cannot look at " + folder).message);
    }
    const uint64_t free = uint64_t(facts.f_bavail) * facts.f_frsize;
    const Health health = free < kFreeBytesMin ? Health::kFail : free < wanted ? Health::kWarn : Health::kOk;
    Say(check, health,
        fmt::format("{} free; open batches and the intake log may take {} more", HumanBytes(free), HumanBytes(wanted)),
        health == Health::kOk ? "" : "make room, or lower flush.bytes of the tables and intake.bytes");
  }

  // The folder, or the one it will be made in.
  static std::string Existing(std::string path) {
    while (path.size() > 1 && !IsThere(path)) path = fs::path(path).parent_path().string();
    return path;
  }

  void CheckLedger() {
    const std::string path = LedgerPath(project_);
    std::error_code failure;
    const bool there = fs::exists(path, failure);
    if (failure) return Say("ledger", Health::kFail, ErrnoError(failure.value(), "cannot look at " + path).message);
    if (!there) return Say("ledger", Health::kOk, path + " is not there yet: this project never ran");
    if (const Result<void> whole = ledger::CheckLedgerFile(path); !whole) {
      return Say("ledger", whole.error().code == Code::kNotFound ? Health::kOk : Health::kFail, whole.error().message);
    }
    auto ledger = ledger::OpenSqliteLedger(path, ledger::OpenMode::kReadOnly);
    if (!ledger) return Say("ledger", Health::kFail, ledger.error().message);
    const Result<std::string> facts = LookInto(**ledger);
    Say("ledger", facts ? Health::kOk : Health::kFail, facts ? path + " is whole; " + *facts : facts.error().message);
    CheckWorker(**ledger);
    CheckPartitions(**ledger);
  }

  // Many small files make every reader slow.
  void CheckPartitions(ledger::Ledger& ledger) {
    const auto look = [&]() -> Result<void> {
      const auto tables = DH_TRY(ledger.Tables());
      for (const std::string& table : tables) {
        const auto partitions = DH_TRY(ledger.Partitions(table));
        const auto most = std::ranges::max_element(partitions, {}, &ledger::PartitionRow::files);
        if (most == partitions.end() || most->files <= kPartitionFilesMax) continue;
        std::string path;
        for (const auto& [key, value] : most->values) path += fmt::format("/{}={}", key, value);
        Say("files a partition", Health::kWarn,
            fmt::format("{}{} has {} files, of {} on average: readers open each of them", table, path,
                        HumanCount(most->files), HumanBytes(most->bytes / most->files)),
            "land larger batches (flush.age, flush.bytes), or partition by something coarser");
      }
      return {};
    };
    if (const Result<void> looked = look(); !looked) Say("files a partition", Health::kFail, looked.error().message);
  }

  // Whose the lake is, whether the project fits what was read, how old the newest commit is.
  Result<std::string> LookInto(ledger::Ledger& ledger) {
    const std::string mine = DH_TRY(ledger.LakeId());
    const std::string there = DH_TRY(LakeIdOf(project_));
    const std::vector<ledger::Commit> newest = DH_TRY(ledger.Commits(1));
    if (!there.empty() && there != mine) {
      return Error{Code::kConflict,
                   fmt::format("the lake {} belongs to another ledger; name another lake, or bring back "
                               "its ledger",
                               project_.lake.location)};
    }
    if (there.empty() && !newest.empty()) {
      return Error{Code::kCorruption,
                   fmt::format("it has commits, but {} is gone: was the lake removed? Bring it back, or "
                               "start anew with `datahub reset`",
                               LakeMarkPath(project_.lake.location))};
    }
    DH_TRY(CheckNoReset(project_));
    const auto store = DH_TRY(storage::OpenLocalStore(project_.lake.location, storage::OpenMode::kReadOnly));
    DH_TRY(CheckLedgerIsNotOlder(project_, ledger, *store));
    const auto compiled = [](const PipelineConfig& pipeline) { return pipeline.contract != nullptr; };
    if (std::ranges::all_of(project_.pipelines, compiled)) DH_TRY(CheckAgainstLedger(project_, ledger));
    if (newest.empty()) return std::string("nothing was committed yet");
    const int64_t at_us = newest[0].created_at_us;
    if (at_us > clock::NowUs() + kClockSkewUs) {
      Say("clock of commits", Health::kWarn, fmt::format("the newest commit is of {}", clock::ToIso(at_us)),
          "the machine's clock went back since: set it");
    }
    return fmt::format("the newest commit is of {}", clock::ToIso(at_us));
  }

  void CheckWorker(ledger::Ledger& ledger) {
    const auto worker = pipeline::LivingWorker(ledger, StateFolder(project_));
    if (!worker) return Say("worker", Health::kFail, worker.error().message);
    if (!*worker) return Say("worker", Health::kOk, "nobody holds the project");
    const std::string who = fmt::format("process {} on {} holds the project since {}", (*worker)->process,
                                        (*worker)->host, clock::ToIso((*worker)->since_us));
    const auto answer = AskServer(project_, "GET", "/healthz", kAnswerSeconds);
    if (!answer) {
      Say("worker", Health::kFail, fmt::format("{}, but {}", who, answer.error().message),
          "look at its log; end it, or fence it: datahub serve --take-over");
    } else if (*answer) {
      serving_ = true;
      Say("worker", Health::kOk, who + " and answers at " + ControlPath(project_));
    } else {
      Say("worker", Health::kOk, who + "; it does not serve: a run, or a server that starts");
    }
  }

  // Exactly what `serve` would do, but for answering.
  void CheckServing() {
    serve::ServerOptions options = project_.serve.server;
    const std::string address = fmt::format("{}:{}", options.host, options.port);
    const bool needed = AnyTakesPosts(project_);
    const std::string tokens = options.tokens.empty() ? "no tokens" : fmt::format("{} tokens", options.tokens.size());
    const size_t path_bytes = ControlPath(project_).size();
    if (path_bytes > SocketPathBytesMax()) {
      Say("control socket", needed ? Health::kFail : Health::kWarn,
          fmt::format("its path would have {} bytes, a socket's has at most {}", path_bytes, SocketPathBytesMax()),
          "move the project to a shorter path: `serve` cannot start here");
    }
    if (serving_) return Say("address", Health::kOk, fmt::format("{}, {}: the worker serves", address, tokens));
    options.control_socket.clear();
    const auto listening = serve::Server::Listen(options);
    if (listening) return Say("address", Health::kOk, fmt::format("{} is free, {}", address, tokens));
    Say("address", needed ? Health::kFail : Health::kWarn, listening.error().message);
  }

  const Project& project_;
  std::vector<Finding>& findings_;
  bool serving_ = false;
};

}  // namespace

std::optional<Project> CheckProjectFile(const std::string& folder, std::vector<Finding>& findings) {
  const auto read = [&](ContractUse contracts, const std::string& check, const std::string& good) {
    Diagnostics diagnostics;
    ReadOptions options;
    options.contracts = contracts;
    options.evolution = contracts == ContractUse::kAll;
    std::optional<Project> project = ReadProject(folder, options, diagnostics);
    if (project) {
      findings.push_back({check, Health::kOk, good, ""});
    } else {
      const Diagnostic first = diagnostics.Sorted().front();
      findings.push_back(
          {check, Health::kFail,
           fmt::format("{}: {}{}", diagnostics.ToString(first.place), first.message,
                       diagnostics.count() > 1 ? fmt::format(" (and {} more)", diagnostics.count() - 1) : ""),
           first.hint.empty() || diagnostics.count() > 1 ? "datahub validate says all" : first.hint});
    }
    return project;
  };
  std::optional<Project> project = read(ContractUse::kNone, "project file", "valid");
  if (!project) return std::nullopt;
  if (std::optional<Project> compiled = read(ContractUse::kAll, "contracts", "all compile and keep their evolution"))
    return compiled;
  return project;
}

void CheckProject(const Project& project, std::vector<Finding>& findings) { ProjectCheck(project, findings).Run(); }

}  // namespace datahub::app
