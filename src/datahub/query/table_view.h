#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/query/session.h"
#include "datahub/query/snapshot.h"
#include "datahub/record/table_schema.h"

namespace datahub::query {

// One table of the ledger as a view: SQL text over an explicit list of files.
//
// Columns  the table's newest columns, then partition keys that are none of them (VARCHAR), then the lineage columns. A
//          column that was moved into its key (transform identity) has its own type, read from the key's text.
// Plain    files that hold exactly these columns, under paths DuckDB reads as Hive does: one read_parquet with
//          hive_partitioning. As fast as DuckDB gets: partitions, row groups and columns not asked for are not read.
// Mapped   all others (columns gained or widened since, a key whose text is "NULL", a lake below a folder `x=y`):
//          read_parquet with a schema by name, keys from the file's own path. Prunes as well; costs a little a file.
//
// What a file holds is known from samples: files of one layout hold the same columns, so one of each is opened. A file that
// breaks this fails the query, it never gives wrong rows.
class TableView {
 public:
  static constexpr size_t kSampledLayoutsMax = 64;  // files of more are read mapped

  TableView(std::string database, const ledger::TableColumns& columns);

  // Opens samples, and allows the files to the session.
  Result<void> Create(Session& session, const std::vector<SnapshotFile>& files) const;

 private:
  struct Column {
    record::Field field;
    bool is_key = false;
    size_t key = 0;  // which one
  };
  struct Scan {
    std::vector<std::string> locations;
    uint64_t rows = 0;
  };

  // Plain and mapped.
  Result<std::pair<Scan, Scan>> Sort(Session& session, const std::vector<SnapshotFile>& files) const;
  Result<bool> HoldsColumns(Session& session, const std::string& location) const;
  bool IsHivePath(const SnapshotFile& file) const;
  Result<void> CheckPath(const SnapshotFile& file) const;

  std::string PlainSelect(const std::string& list, uint64_t rows) const;
  std::string MappedSelect(const std::string& list, uint64_t rows) const;
  std::string EmptySelect() const;
  std::string KeyFromPath(const Column& column) const;

  std::string database_;
  std::string table_;
  std::vector<ledger::PartitionKey> keys_;
  std::vector<Column> columns_;
};

}  // namespace datahub::query
