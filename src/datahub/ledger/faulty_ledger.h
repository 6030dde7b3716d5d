#pragma once

#include "datahub/base/fault.h"
#include "datahub/ledger/ledger.h"

namespace datahub::ledger {

// A ledger whose calls go through a FaultPlan. For tests: what pipeline does when the N-th call fails.
// Owns  nothing: `inner` and `plan` must outlive it
class FaultyLedger final : public Ledger {
 public:
  FaultyLedger(Ledger& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}

  Result<std::string> LakeId() override;
  Result<Worker> TakeIncarnation(const std::string& host, int64_t process) override;
  Result<std::optional<Worker>> CurrentWorker() override;
  Result<void> CheckIncarnation(const Incarnation& mine) override;
  Result<void> WriteIntent(const Commit& commit) override;
  Result<void> MarkCommitted(const Incarnation& mine, const CommitId& id) override;
  Result<void> Abandon(const Incarnation& mine, const CommitId& id) override;
  Result<std::vector<LostMove>> LostMoves(const std::string& target) override;
  Result<void> ForgetLostMoves(const Incarnation& mine, const std::vector<LostMove>& moves) override;
  Result<std::vector<Commit>> OpenIntents() override;
  Result<std::optional<Commit>> FindCommit(const std::string& id) override;
  Result<std::vector<Commit>> Commits(size_t newest_max) override;
  Result<std::map<std::string, std::string>> LastCommits() override;
  Result<std::map<std::string, std::string>> Positions(const std::string& source, const std::string& target) override;
  Result<std::vector<std::pair<PositionKey, std::string>>> AllPositions() override;
  Result<void> RenameSource(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> RenameTable(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> RenamePipeline(const Incarnation& mine, const std::string& from, const std::string& to) override;
  Result<void> ForgetSource(const Incarnation& mine, const std::string& source) override;
  Result<std::optional<TableColumns>> Columns(const std::string& table) override;
  Result<void> SetColumns(const Incarnation& mine, const TableColumns& columns) override;
  Result<std::vector<TableColumns>> ColumnVersions(const std::string& table) override;
  Result<std::vector<std::string>> Tables() override;
  Result<void> SetContractVersion(const Incarnation& mine, const std::string& pipeline, const std::string& contract,
                                  int version, const std::string& checksum) override;
  Result<std::vector<ContractVersion>> ContractVersions(const std::string& pipeline) override;
  Result<std::vector<LandedContract>> LandedContracts(const std::string& table) override;
  Result<bool> SetDamage(const Incarnation& mine, const std::string& table, const std::string& key,
                         const std::string& damage) override;
  Result<std::vector<DataFile>> Files(const std::string& table) override;
  Result<std::vector<PartitionRow>> Partitions(const std::string& table) override;
  Result<std::vector<RemovedFile>> RemovedFiles(int64_t before_us) override;
  Result<void> ForgetRemoved(const Incarnation& mine, const std::vector<RemovedFile>& files) override;

 private:
  Ledger& inner_;
  FaultPlan& plan_;
};

}  // namespace datahub::ledger
