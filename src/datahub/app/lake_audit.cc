#include "datahub/app/lake_audit.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "datahub/base/crash_point.h"
#include "datahub/ledger/ledger.h"
#include "datahub/source/registry.h"
#include "datahub/storage/object_key.h"

namespace datahub::app {
namespace {

constexpr size_t kNamedMax = 20;  // of many that are wrong in the same way, so many are named

// The commit in a data file's name, <commit>-<n>.parquet, perhaps with a part of its batch between.
std::optional<std::string> CommitOfName(const std::string& key) {
  static const std::regex name("(.+-[0-9]{6,}-[0-9a-f]{16}-[0-9]{6,})-[0-9]+(?:-q)?-[0-9]+\\.parquet");
  const std::string base(storage::BaseOf(key));
  std::smatch match;
  if (!std::regex_match(base, match, name)) return std::nullopt;
  return match[1].str();
}

Result<std::set<std::string>> KeysOfLedger(ledger::Ledger& ledger) {
  std::set<std::string> keys;
  const std::vector<std::string> tables = DH_TRY(ledger.Tables());
  for (const std::string& table : tables) {
    const std::vector<ledger::DataFile> files = DH_TRY(ledger.Files(table));
    for (const ledger::DataFile& file : files) keys.insert(file.key);
  }
  const std::vector<ledger::RemovedFile> removed = DH_TRY(ledger.RemovedFiles(std::numeric_limits<int64_t>::max()));
  for (const ledger::RemovedFile& file : removed) keys.insert(file.key);
  const std::vector<ledger::Commit> intents = DH_TRY(ledger.OpenIntents());
  for (const ledger::Commit& intent : intents) {
    for (const ledger::DataFile& file : intent.added) keys.insert(file.key);
  }
  return keys;
}

class DeepCheck {
 public:
  DeepCheck(const Workspace& workspace, std::vector<Finding>& findings) : workspace_(workspace), findings_(findings) {}

  void Run() {
    Tell("files", Files());
    Tell("orphans", Orphans());
    Tell("positions", Positions());
    Tell("sources", Sources());
  }

 private:
  void Tell(const std::string& check, const Result<std::string>& good) {
    if (!good) findings_.push_back({check, Health::kFail, good.error().message, ""});
    if (good && !good->empty()) findings_.push_back({check, Health::kOk, *good, ""});
  }
  // The first of a kind each, the others as a number.
  void Say(const std::string& check, size_t number, Health health, std::string state, std::string next) {
    if (number <= kNamedMax) findings_.push_back({check, health, std::move(state), std::move(next)});
  }
  void SayMore(const std::string& check, size_t number, Health health) {
    if (number > kNamedMax) findings_.push_back({check, health, fmt::format("and {} more", number - kNamedMax), ""});
  }

  Result<std::string> Files() {
    uint64_t good = 0;
    uint64_t bytes = 0;
    size_t bad = 0;
    const std::vector<std::string> tables = DH_TRY(workspace_.ledger->Tables());
    for (const std::string& table : tables) {
      const std::vector<ledger::DataFile> files = DH_TRY(workspace_.ledger->Files(table));
      for (const ledger::DataFile& file : files) {
        const std::string wrong = WhatIsWrong(file);
        if (wrong.empty()) {
          ++good;
          bytes += file.bytes;
          continue;
        }
        Say("files", ++bad, Health::kFail, fmt::format("{} of table {}: {}", file.key, table, wrong),
            "bring it back from a backup of the lake: its rows are in no other file");
      }
    }
    SayMore("files", bad, Health::kFail);
    if (bad > 0) return std::string();
    return fmt::format("{} files, {} bytes: all have their size and checksum", good, bytes);
  }

  std::string WhatIsWrong(const ledger::DataFile& file) {
    const auto facts = workspace_.store->Look(storage::ObjectKey{file.key});
    if (!facts) return facts.error().message;
    if (!*facts) return "it is gone";
    if ((*facts)->bytes != file.bytes) return fmt::format("it has {} bytes, not {}", (*facts)->bytes, file.bytes);
    if ((*facts)->checksum.ToHex() == file.checksum) return "";
    return "it does not have its checksum: the disk or somebody changed it";
  }

  Result<std::string> Orphans() {
    const std::vector<OrphanFile> orphans = DH_TRY(OrphansOf(workspace_));
    size_t number = 0;
    for (const OrphanFile& orphan : orphans) {
      Say("orphans", ++number, Health::kWarn, orphan.key + " is in the lake and not in the ledger",
          "folder readers see its rows: datahub table orphans");
    }
    SayMore("orphans", number, Health::kWarn);
    return orphans.empty() ? std::string("no file that the ledger does not know") : std::string();
  }

  // Each is where the newest commit that moved it left it.
  Result<std::string> Positions() {
    const auto positions = DH_TRY(workspace_.ledger->AllPositions());
    std::map<ledger::PositionKey, std::string> moved;
    const std::vector<ledger::Commit> commits = DH_TRY(workspace_.ledger->Commits(SIZE_MAX));
    for (const ledger::Commit& commit : commits) {  // newest first
      if (commit.state == ledger::CommitState::kAbandoned) continue;
      for (const ledger::PositionMove& move : commit.moves) moved.emplace(move.key, move.to);
    }
    size_t bad = 0;
    for (const auto& [key, position] : positions) {
      const auto last = moved.find(key);
      if (last == moved.end() || last->second == position) continue;
      Say("positions", ++bad, Health::kFail,
          fmt::format("source {}, shard {}, pipeline {}: it is {}, its newest commit left it at {}", key.source,
                      key.shard, key.target, position, last->second),
          "the ledger was changed by hand, or is damaged: put a backup in its place");
    }
    SayMore("positions", bad, Health::kFail);
    if (bad > 0) return std::string();
    return fmt::format("{} positions: all are where their commits left them", positions.size());
  }

  // All that was read and is still there is read again.
  Result<std::string> Sources() {
    using State = source::PositionCheck::State;
    const std::atomic<bool> stop = false;
    size_t bad = 0;
    size_t good = 0;
    for (const SourceConfig& source : workspace_.project.sources) {
      const source::Positions committed = DH_TRY(workspace_.ledger->Positions(source.name, source.pipeline));
      const auto checks = DH_TRY(source::CheckPositions(source.spec, committed, stop));
      for (const source::PositionCheck& check : checks) {
        good += check.state == State::kHolds ? 1 : 0;
        if (check.state != State::kOther) continue;
        Say("sources", ++bad, Health::kWarn, fmt::format("source {}: {}", source.name, check.message), "");
      }
    }
    SayMore("sources", bad, Health::kWarn);
    if (bad > 0) return std::string();
    return fmt::format("{} files hold the bytes that were read of them", good);
  }

  const Workspace& workspace_;
  std::vector<Finding>& findings_;
};

}  // namespace

// The lake first: what is published later has its intent in the ledger.
Result<std::vector<OrphanFile>> OrphansOf(const Workspace& workspace) {
  const std::vector<storage::ObjectKey> objects = DH_TRY(workspace.store->List(workspace.project.lake.database + "/"));
  const std::set<std::string> known = DH_TRY(KeysOfLedger(*workspace.ledger));
  std::vector<OrphanFile> orphans;
  for (const storage::ObjectKey& object : objects) {
    if (known.contains(object.text)) continue;
    std::optional<std::string> commit = CommitOfName(object.text);
    if (commit) orphans.push_back({object.text, *std::move(commit)});
  }
  return orphans;
}

Result<uint64_t> DeleteOrphans(WritingWorkspace& workspace) {
  const std::vector<OrphanFile> orphans = DH_TRY(OrphansOf(workspace));
  const ledger::Incarnation& mine = workspace.claim->worker().incarnation;
  DH_TRY(workspace.ledger->CheckIncarnation(mine));
  for (const OrphanFile& orphan : orphans) {
    DH_TRY(workspace.store->Remove(storage::ObjectKey{orphan.key}));
    CrashPoint("orphans.removed");
  }
  // Their counters may be higher than ours.
  const std::vector<std::string> others = DH_TRY(workspace.store->UnseenIncarnations());
  for (const std::string& other : others) {
    if (!other.starts_with(mine.ToString())) DH_TRY(workspace.store->RemoveUnseen(other));
  }
  DH_TRY(KeepLakeMark(workspace));
  return uint64_t(orphans.size());
}

void CheckDeep(const Project& project, std::vector<Finding>& findings) {
  Workspace workspace{project, nullptr, nullptr};
  const auto open = [&]() -> Result<void> {
    workspace.store = DH_TRY(storage::OpenLocalStore(project.lake.location, storage::OpenMode::kReadOnly));
    workspace.ledger = DH_TRY(ledger::OpenSqliteLedger(LedgerPath(project), ledger::OpenMode::kReadOnly));
    return {};
  };
  const Result<void> opened = open();
  if (opened) return DeepCheck(workspace, findings).Run();
  if (opened.error().code == Code::kNotFound) return;  // never ran
  findings.push_back({"files", Health::kFail, "nothing could be compared: " + opened.error().message, ""});
}

}  // namespace datahub::app
