#include "datahub/ledger/faulty_ledger.h"

namespace datahub::ledger {

Result<std::string> FaultyLedger::LakeId() {
  return plan_.Run("LakeId", [&] { return inner_.LakeId(); });
}

Result<Worker> FaultyLedger::TakeIncarnation(const std::string& host, int64_t process) {
  return plan_.Run("TakeIncarnation", [&] { return inner_.TakeIncarnation(host, process); });
}

Result<std::optional<Worker>> FaultyLedger::CurrentWorker() {
  return plan_.Run("CurrentWorker", [&] { return inner_.CurrentWorker(); });
}

Result<void> FaultyLedger::CheckIncarnation(const Incarnation& mine) {
  return plan_.Run("CheckIncarnation", [&] { return inner_.CheckIncarnation(mine); });
}

Result<void> FaultyLedger::WriteIntent(const Commit& commit) {
  return plan_.Run("WriteIntent", [&] { return inner_.WriteIntent(commit); });
}

Result<void> FaultyLedger::MarkCommitted(const Incarnation& mine, const CommitId& id) {
  return plan_.Run("MarkCommitted", [&] { return inner_.MarkCommitted(mine, id); });
}

Result<void> FaultyLedger::Abandon(const Incarnation& mine, const CommitId& id) {
  return plan_.Run("Abandon", [&] { return inner_.Abandon(mine, id); });
}

Result<std::vector<LostMove>> FaultyLedger::LostMoves(const std::string& target) {
  return plan_.Run("LostMoves", [&] { return inner_.LostMoves(target); });
}

Result<void> FaultyLedger::ForgetLostMoves(const Incarnation& mine, const std::vector<LostMove>& moves) {
  return plan_.Run("ForgetLostMoves", [&] { return inner_.ForgetLostMoves(mine, moves); });
}

Result<std::vector<Commit>> FaultyLedger::OpenIntents() {
  return plan_.Run("OpenIntents", [&] { return inner_.OpenIntents(); });
}

Result<std::optional<Commit>> FaultyLedger::FindCommit(const std::string& id) {
  return plan_.Run("FindCommit", [&] { return inner_.FindCommit(id); });
}

Result<std::vector<Commit>> FaultyLedger::Commits(size_t newest_max) {
  return plan_.Run("Commits", [&] { return inner_.Commits(newest_max); });
}

Result<std::map<std::string, std::string>> FaultyLedger::LastCommits() {
  return plan_.Run("LastCommits", [&] { return inner_.LastCommits(); });
}

Result<std::map<std::string, std::string>> FaultyLedger::Positions(const std::string& source,
                                                                   const std::string& target) {
  return plan_.Run("Positions", [&] { return inner_.Positions(source, target); });
}

Result<std::vector<std::pair<PositionKey, std::string>>> FaultyLedger::AllPositions() {
  return plan_.Run("AllPositions", [&] { return inner_.AllPositions(); });
}

Result<void> FaultyLedger::RenameSource(const Incarnation& mine, const std::string& from, const std::string& to) {
  return plan_.Run("RenameSource", [&] { return inner_.RenameSource(mine, from, to); });
}

Result<void> FaultyLedger::ForgetSource(const Incarnation& mine, const std::string& source) {
  return plan_.Run("ForgetSource", [&] { return inner_.ForgetSource(mine, source); });
}

Result<std::optional<TableColumns>> FaultyLedger::Columns(const std::string& table) {
  return plan_.Run("Columns", [&] { return inner_.Columns(table); });
}

Result<void> FaultyLedger::SetColumns(const Incarnation& mine, const TableColumns& columns) {
  return plan_.Run("SetColumns", [&] { return inner_.SetColumns(mine, columns); });
}

Result<std::vector<TableColumns>> FaultyLedger::ColumnVersions(const std::string& table) {
  return plan_.Run("ColumnVersions", [&] { return inner_.ColumnVersions(table); });
}

Result<std::vector<std::string>> FaultyLedger::Tables() {
  return plan_.Run("Tables", [&] { return inner_.Tables(); });
}

Result<void> FaultyLedger::SetContractVersion(const Incarnation& mine, const std::string& pipeline,
                                              const std::string& contract, int version, const std::string& checksum) {
  return plan_.Run("SetContractVersion",
                   [&] { return inner_.SetContractVersion(mine, pipeline, contract, version, checksum); });
}

Result<std::vector<ContractVersion>> FaultyLedger::ContractVersions(const std::string& pipeline) {
  return plan_.Run("ContractVersions", [&] { return inner_.ContractVersions(pipeline); });
}

Result<void> FaultyLedger::RenameTable(const Incarnation& mine, const std::string& from, const std::string& to) {
  return plan_.Run("RenameTable", [&] { return inner_.RenameTable(mine, from, to); });
}

Result<void> FaultyLedger::RenamePipeline(const Incarnation& mine, const std::string& from, const std::string& to) {
  return plan_.Run("RenamePipeline", [&] { return inner_.RenamePipeline(mine, from, to); });
}

Result<bool> FaultyLedger::SetDamage(const Incarnation& mine, const std::string& table, const std::string& key,
                                     const std::string& damage) {
  return plan_.Run("SetDamage", [&] { return inner_.SetDamage(mine, table, key, damage); });
}

Result<std::vector<LandedContract>> FaultyLedger::LandedContracts(const std::string& table) {
  return plan_.Run("LandedContracts", [&] { return inner_.LandedContracts(table); });
}

Result<std::vector<DataFile>> FaultyLedger::Files(const std::string& table) {
  return plan_.Run("Files", [&] { return inner_.Files(table); });
}

Result<std::vector<PartitionRow>> FaultyLedger::Partitions(const std::string& table) {
  return plan_.Run("Partitions", [&] { return inner_.Partitions(table); });
}

Result<std::vector<RemovedFile>> FaultyLedger::RemovedFiles(int64_t before_us) {
  return plan_.Run("RemovedFiles", [&] { return inner_.RemovedFiles(before_us); });
}

Result<void> FaultyLedger::ForgetRemoved(const Incarnation& mine, const std::vector<RemovedFile>& files) {
  return plan_.Run("ForgetRemoved", [&] { return inner_.ForgetRemoved(mine, files); });
}

}  // namespace datahub::ledger
