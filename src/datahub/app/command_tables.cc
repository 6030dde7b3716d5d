// Verbs that tell what tables are there and what they are made of.

#include <algorithm>
#include <utility>

#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/lake_audit.h"
#include "datahub/app/listing.h"
#include "datahub/app/workspace.h"
#include "datahub/base/log.h"
#include "datahub/query/table_facts.h"
#include "datahub/source/registry.h"

namespace datahub::app {
namespace {

// Tables of the ledger; none before the first run.
Result<std::vector<std::string>> TablesOf(const Workspace& workspace) {
  if (!workspace.ledger) return std::vector<std::string>();
  return workspace.ledger->Tables();
}

Result<Listing> ListTables(const Workspace& workspace) {
  Listing listing({"table", "rows", "files", "bytes", "partitions", "columns"});
  const std::vector<std::string> tables = DH_TRY(TablesOf(workspace));
  for (const std::string& table : tables) {
    const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
    const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
    const auto columns = DH_TRY(workspace.ledger->Columns(table));
    const query::FileSums sums = query::SumsOf(files);
    listing.Add({table, sums.rows, sums.files, sums.bytes, static_cast<uint64_t>(partitions.size()),
                 static_cast<uint64_t>(columns ? columns->schema.fields.size() : 0)});
  }
  return listing;
}

Result<Listing> ShowTable(const Workspace& workspace, const std::string& table) {
  DH_TRY(query::CheckTable(workspace.ledger.get(), table));
  const auto columns = DH_TRY(workspace.ledger->Columns(table));
  Listing listing({"column", "type", "from", "description"});
  if (!columns) return listing;
  for (query::ColumnFact& fact : query::ColumnFactsOf(*columns)) {
    listing.Add({std::move(fact.name), std::move(fact.type), std::move(fact.from), std::move(fact.description)});
  }
  return listing;
}

Result<Listing> TableFiles(const Workspace& workspace, const std::string& table) {
  DH_TRY(query::CheckTable(workspace.ledger.get(), table));
  const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
  Listing listing({"key", "rows", "bytes", "partition", "commit", "checksum"});
  for (const ledger::DataFile& file : files) {
    listing.Add({file.key, file.rows, file.bytes, query::PartitionText(file.partition), file.commit, file.checksum});
  }
  return listing;
}

Result<Listing> TablePartitions(const Workspace& workspace, const std::string& table) {
  DH_TRY(query::CheckTable(workspace.ledger.get(), table));
  const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
  Listing listing({"partition", "rows", "files", "bytes"});
  for (const ledger::PartitionRow& row : partitions) {
    listing.Add({query::PartitionText(row.values), row.rows, row.files, row.bytes});
  }
  return listing;
}

Result<Listing> TableStats(const Workspace& workspace, const std::string& table) {
  DH_TRY(query::CheckTable(workspace.ledger.get(), table));
  const std::vector<ledger::DataFile> files = DH_TRY(workspace.ledger->Files(table));
  const std::vector<ledger::PartitionRow> partitions = DH_TRY(workspace.ledger->Partitions(table));
  const query::FileSums sums = query::SumsOf(files);
  Listing listing(
      {"table", "rows", "files", "partitions", "bytes", "bytes_per_row", "file_bytes_min", "file_bytes_max"});
  const double per_row = sums.rows == 0 ? 0 : static_cast<double>(sums.bytes) / static_cast<double>(sums.rows);
  listing.Add({table, sums.rows, sums.files, static_cast<uint64_t>(partitions.size()), sums.bytes, per_row,
               sums.file_bytes_min, sums.file_bytes_max});
  return listing;
}

Result<Listing> ListOrphans(const Workspace& workspace) {
  Listing listing({"key", "commit"});
  if (!workspace.ledger) return listing;
  const std::vector<OrphanFile> orphans = DH_TRY(OrphansOf(workspace));
  for (const OrphanFile& orphan : orphans) listing.Add({orphan.key, orphan.commit});
  const auto is_posted = [](const SourceConfig& source) {
    return source::FindKind(source.spec.kind)->delivery == source::Delivery::kPush;
  };
  if (!orphans.empty() && std::ranges::any_of(workspace.project.sources, is_posted)) {
    log::Warn("what was posted and has landed is kept nowhere else: so far as it is in these files, --delete loses it");
  }
  return listing;
}

template <class F>
int PrintListing(const Globals& globals, F&& make, const std::string& empty_note) {
  int exit_code = kOk;
  const auto workspace = OpenForReading(globals.folder, &exit_code);
  if (!workspace) return exit_code;
  const Result<Listing> listing = make(*workspace);
  if (!listing) return Fail(listing.error());
  listing->Print(globals.json, empty_note);
  return kOk;
}

}  // namespace

int ListCommand(const Globals& globals) {
  return PrintListing(globals, ListTables, "no tables yet; `datahub run` makes them");
}

int ShowCommand(const Globals& globals, const std::string& table) {
  return PrintListing(
      globals, [&](const Workspace& workspace) { return ShowTable(workspace, table); }, "");
}

int TableFilesCommand(const Globals& globals, const std::string& table) {
  return PrintListing(
      globals, [&](const Workspace& workspace) { return TableFiles(workspace, table); }, "no files");
}

int TablePartitionsCommand(const Globals& globals, const std::string& table) {
  return PrintListing(
      globals, [&](const Workspace& workspace) { return TablePartitions(workspace, table); }, "no partitions");
}

int TableStatsCommand(const Globals& globals, const std::string& table) {
  return PrintListing(
      globals, [&](const Workspace& workspace) { return TableStats(workspace, table); }, "");
}

int TableOrphansCommand(const Globals& globals, bool remove) {
  if (!remove) {
    return PrintListing(globals, ListOrphans, "no orphans: the ledger knows every data file in the lake");
  }
  int exit_code = kOk;
  auto workspace =
      OpenForWriting(globals.folder, {.check_against_ledger = false, .ledger_may_be_older = true}, &exit_code);
  if (!workspace) return exit_code;
  const Result<uint64_t> deleted = DeleteOrphans(*workspace);
  if (!deleted) return Fail(deleted.error());
  Listing listing({"deleted"});
  listing.Add({*deleted});
  listing.Print(globals.json);
  return kOk;
}

}  // namespace datahub::app
