#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datahub/ledger/ledger.h"
#include "datahub/query/engine.h"
#include "datahub/query/query_task.h"
#include "datahub/query/session.h"
#include "datahub/storage/store.h"

namespace datahub::query {

// Only what queries read.
class FakeLedger : public ledger::Ledger {
 public:
  std::map<std::string, ledger::TableColumns> columns;
  std::map<std::string, std::vector<ledger::DataFile>> files;
  std::vector<ledger::Commit> commits;
  std::vector<std::pair<ledger::PositionKey, std::string>> positions;
  int files_calls = 0;

  Result<std::string> LakeId() override { return std::string("lake"); }
  Result<ledger::Worker> TakeIncarnation(const std::string&, int64_t) override { return No(); }
  Result<std::optional<ledger::Worker>> CurrentWorker() override { return No(); }
  Result<void> CheckIncarnation(const ledger::Incarnation&) override { return No(); }
  Result<void> WriteIntent(const ledger::Commit&) override { return No(); }
  Result<void> MarkCommitted(const ledger::Incarnation&, const ledger::CommitId&) override { return No(); }
  Result<void> Abandon(const ledger::Incarnation&, const ledger::CommitId&) override { return No(); }
  Result<std::vector<ledger::LostMove>> LostMoves(const std::string&) override { return No(); }
  Result<void> ForgetLostMoves(const ledger::Incarnation&, const std::vector<ledger::LostMove>&) override {
    return No();
  }
  Result<std::vector<ledger::Commit>> OpenIntents() override { return No(); }
  Result<std::optional<ledger::Commit>> FindCommit(const std::string&) override { return No(); }
  Result<std::vector<ledger::Commit>> Commits(size_t newest_max) override;
  Result<std::map<std::string, std::string>> LastCommits() override { return No(); }
  Result<std::map<std::string, std::string>> Positions(const std::string&, const std::string&) override { return No(); }
  Result<std::vector<std::pair<ledger::PositionKey, std::string>>> AllPositions() override { return positions; }
  Result<void> RenameSource(const ledger::Incarnation&, const std::string&, const std::string&) override {
    return No();
  }
  Result<void> RenameTable(const ledger::Incarnation&, const std::string&, const std::string&) override { return No(); }
  Result<void> RenamePipeline(const ledger::Incarnation&, const std::string&, const std::string&) override {
    return No();
  }
  Result<void> ForgetSource(const ledger::Incarnation&, const std::string&) override { return No(); }
  Result<std::optional<ledger::TableColumns>> Columns(const std::string& table) override;
  Result<void> SetColumns(const ledger::Incarnation&, const ledger::TableColumns&) override { return No(); }
  Result<std::vector<ledger::TableColumns>> ColumnVersions(const std::string&) override { return No(); }
  Result<std::vector<std::string>> Tables() override;
  Result<void> SetContractVersion(const ledger::Incarnation&, const std::string&, const std::string&, int,
                                  const std::string&) override {
    return No();
  }
  Result<std::vector<ledger::ContractVersion>> ContractVersions(const std::string&) override { return No(); }
  Result<bool> SetDamage(const ledger::Incarnation&, const std::string&, const std::string&,
                         const std::string&) override {
    return No();
  }
  Result<std::vector<ledger::LandedContract>> LandedContracts(const std::string&) override { return No(); }
  Result<std::vector<ledger::DataFile>> Files(const std::string& table) override;
  Result<std::vector<ledger::PartitionRow>> Partitions(const std::string& table) override;
  Result<std::vector<ledger::RemovedFile>> RemovedFiles(int64_t) override { return No(); }
  Result<void> ForgetRemoved(const ledger::Incarnation&, const std::vector<ledger::RemovedFile>&) override {
    return No();
  }

 private:
  static Error No() { return Error{Code::kInternal, "a query has no business here"}; }
};

// A scratch lake with a ledger in memory; its files are written by DuckDB.
class TestProject {
 public:
  // `folder` below the scratch folder becomes the lake's root.
  explicit TestProject(const std::string& folder = "lake");
  ~TestProject();

  // A key is `name` (text; a date when it ends with _day), or `name=column` for a column that moved into it.
  void AddTable(const std::string& table, std::vector<record::Field> fields, std::vector<std::string> keys);
  // Writes `select` with the lineage columns behind it, as a file of `partition` (encoded, as in paths).
  void AddFile(const std::string& table, const ledger::PartitionValues& partition, const std::string& select,
               int schema_version = 1, int contract_version = 1);
  std::string Location(const std::string& key) const { return (root_ / key).string(); }

  Result<QueryTask> TaskOf(const std::string& sql, const OutputOptions& how);
  Result<Answer> RunInto(const std::string& sql, const OutputOptions& how, const Sink& sink);
  Result<Answer> Run(const std::string& sql, std::string* text, Format format = Format::kCsv);
  // CSV without header and CR; "error: …" when it fails.
  std::string Rows(const std::string& sql);
  std::string Json(const std::string& sql);
  std::string Failure(const std::string& sql);

  FakeLedger ledger;
  EngineOptions options;
  SnapshotOptions snapshot;
  OutputOptions output;

 private:
  std::filesystem::path scratch_;
  std::filesystem::path root_;
  std::unique_ptr<storage::Store> store_;
  int files_ = 0;
};

record::Field MakeField(std::string name, record::Kind kind, std::vector<record::Field> children = {});

}  // namespace datahub::query
