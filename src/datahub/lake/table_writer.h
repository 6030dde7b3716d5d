#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/partition.h"
#include "datahub/ledger/commit.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"
#include "datahub/storage/store.h"

namespace datahub::lake {

struct TableSpec {
  std::string table;   // "users"
  std::string folder;  // below the lake's root: "sales/users"
  record::TableSchema schema;
  int schema_version = 1;
  std::vector<PartitionField> partition_by;  // has passed CheckPartitioning against `schema`
  int zstd_level = 1;
  parquet::Encodings encodings = parquet::Encodings::kPlain;
  size_t buffer_bytes_max = 64u << 20;   // rows buffered by one writer, with the chunks they hold
  uint64_t file_bytes_max = 128u << 20;  // a file that reaches it is sealed unseen and another begun
  size_t partitions_open_max = 1000;
  size_t files_open_max = 200;  // descriptors of one writer; the longest untouched file is sealed
  size_t files_max = 10'000;    // of one writer, so of its share of a commit
  uint64_t row_group_rows_max = 1'000'000;
};

// Splits accepted rows by partition, buffers them under one budget, and writes Parquet files unseen; one encoder works at
// a time.
//
//   record::Columns -> TableWriter -> vector<ledger::DataFile> (unseen, synced) -> the commit's intent
//
// Names    <folder>/<key>=<value>/…/<file_stem>-<n>.parquet; `file_stem` is the commit id and the thread's letter
// Durable  files are synced when Finish() returns; nobody can read them before the reveal
// Memory   buffer_bytes_max and the Columns appended last, one column's pages, and footers of open files: a quarter of
//          buffer_bytes_max
// Threads  one thread at a time
// Errors   what the store said; Limit: more than files_max; after an error the writer can only be dropped
// Owns     nothing by reference: `store` must outlive the writer
class TableWriter {
 public:
  TableWriter(storage::Store& store, TableSpec spec, std::string incarnation, std::string file_stem);
  ~TableWriter();

  // Rows that cannot land come first: they are not appended and are the caller's to reject.
  Result<std::vector<LandingFailure>> Append(std::shared_ptr<record::Columns> rows);
  // Columns whose rows are all written, for Walker::Recycle; their chunk may be gone. May be called at any time.
  std::vector<std::shared_ptr<record::Columns>> TakeSpent();
  uint64_t encoded_bytes() const;  // handed to files so far, over all partitions
  uint64_t rows() const;           // landed so far
  size_t buffered_bytes() const;   // memory of the rows that wait
  // Files it has sealed, and those that Finish() may still make.
  size_t files() const;
  // Partitions of this writer so far. Above partitions_open_max the caller closes the batch; nothing is refused here.
  size_t partitions_open() const;
  // Writes what is buffered, seals and syncs every file (file contents; SyncUnseen is the caller's). The writer is spent.
  Result<std::vector<ledger::DataFile>> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace datahub::lake
