#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "datahub/app/project_types.h"
#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::app {

// What the lake says of itself, in <lake>/.datahub-lake: whose it is, and how far its ledger was. A ledger that does not know
// a commit that the lake names is an older one.
struct LakeMark {
  std::string lake;                              // its ledger's id
  std::map<std::string, std::string> committed;  // each pipeline's last committed commit
  bool operator==(const LakeMark&) const = default;
};
std::string LakeMarkPath(const std::string& lake);
// Nothing when the lake carries none. InvalidInput when another version of datahub wrote it.
Result<std::optional<LakeMark>> ReadLakeMark(const Project& project);

// Corruption when mark or notes (storage::Store::Note, one behind each commit) name a commit that the ledger does not know: says
// which, and the way on.
Result<void> CheckLedgerIsNotOlder(const Project& project, ledger::Ledger& ledger, storage::Store& store);

// Keeps the mark while a worker holds the project.
//
// Durable  written at start and stop; what is committed in between is noted, and durable with the next batch's sync
class LakeMarkKeeper {
 public:
  // The lake is this ledger's. Fenced when a successor holds the project.
  static Result<std::unique_ptr<LakeMarkKeeper>> Start(const Project& project, ledger::Ledger& ledger,
                                                       const ledger::Incarnation& mine);
  ~LakeMarkKeeper();  // writes it a last time, when `mine` still holds the project
  LakeMarkKeeper(const LakeMarkKeeper&) = delete;
  LakeMarkKeeper& operator=(const LakeMarkKeeper&) = delete;

 private:
  LakeMarkKeeper(std::string path, ledger::Ledger& ledger, const ledger::Incarnation& mine)
      : path_(std::move(path)), ledger_(ledger), mine_(mine) {}
  Result<void> Write();

  const std::string path_;
  ledger::Ledger& ledger_;
  const ledger::Incarnation mine_;
  std::optional<LakeMark> written_;
};

}  // namespace datahub::app
