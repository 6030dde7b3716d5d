#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake::parquet {

struct RowRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Some rows of some Columns, in order.
struct Selection {
  const record::Columns* columns = nullptr;
  std::span<const RowRange> ranges;
};

// What files of one schema, written in turn, learnt of their columns.
struct ColumnHistory {
  std::vector<int> untried;  // one a leaf: chunks yet to be written without trying a dictionary
};

// How values are written that are not in a dictionary.
enum class Encodings : uint8_t {
  kPlain,  // PLAIN: every reader reads it right
  kDelta,  // DELTA_*: smaller and faster, but Spark before 3.5.7 and fastparquet misread them (docs/readers.md)
};

struct FileOptions {
  int zstd_level = 1;
  size_t page_bytes = 1u << 20;      // encoded, before compression; about
  ColumnHistory* history = nullptr;  // outlives the file; null: of this file alone
  Encodings encodings = Encodings::kPlain;
};

// What a file holds: the table's fields that are not moved into the partition key, then the five lineage columns
// dh_received_at (timestamp), dh_source, dh_shard, dh_offset (strings; the offset as 20 digits, zero padded, so that text
// order is number order), dh_contract_version (int32); lineage columns are required and are made by the writer itself
// from Columns::chunk, ::offsets and ::contract_version.
struct FileSchema {
  record::TableSchema schema;  // all contract columns, with field ids
  std::vector<bool> stored;    // one a top-level field: false = only in the partition key
};

// Buffers, dictionaries and the compressor that a FileWriter works with. Files that are written in turn by one thread can
// share one (a fresh page of memory costs more than the work on it); between row groups nothing of a file is in it.
class Scratch {
 public:
  Scratch();
  ~Scratch();

  int64_t compress_us() const;  // time of a core spent in zstd so far, for benches and metrics

 private:
  friend class FileWriter;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Writes one Parquet file, a row group at a time, a column at a time, so that memory is one column's pages.
//
//   Selections -> WriteRowGroup -> sink(bytes) … -> Finish -> footer
//
// Encoding is chosen per column chunk by what its values are: dictionary where it is smaller, else PLAIN (unique strings
// without min/max), or by request the delta encodings; constant columns cost next to nothing. Page index (ColumnIndex,
// OffsetIndex) is written.
// Source   Apache Parquet format 2.11; data pages V1; zstd, each page a frame with a checksum
// Memory   one column's pages, in `scratch`; the footer's entries
// Errors   the sink's own; Limit: a value or row of 2 GiB
// Threads  one at a time
class FileWriter {
 public:
  using Sink = std::function<Result<void>(std::string_view bytes)>;

  // `scratch`, where given, must outlive the writer.
  FileWriter(const FileSchema& schema, const FileOptions& options, Sink sink, Scratch* scratch = nullptr);
  ~FileWriter();

  // At least one row. InvalidInput: the schema cannot be stored. After an error the file is lost: only destroy the writer.
  Result<void> WriteRowGroup(std::span<const Selection> rows);
  // Footer. The writer is spent; syncing is the sink owner's.
  Result<void> Finish();

  uint64_t rows() const;
  uint64_t bytes() const;  // handed to the sink so far

 private:
  struct Impl;
  std::unique_ptr<Scratch> own_scratch_;  // where none was given
  std::unique_ptr<Impl> impl_;
};

}  // namespace datahub::lake::parquet
