#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/storage/store.h"

namespace datahub::lake {

// One data file of one partition, growing unseen.
//
// Durable  synced when Seal() returns; dropping it unsealed removes what it wrote
// Owns     nothing by reference but `schema` and `scratch`, which files of one thread share
class DataFileWriter {
 public:
  static Result<std::unique_ptr<DataFileWriter>> Open(storage::Store& store, std::string_view incarnation,
                                                      const storage::ObjectKey& key, const parquet::FileSchema& schema,
                                                      const parquet::FileOptions& options, parquet::Scratch& scratch);

  // Appends these rows as one row group, as several where they are more than `row_group_rows_max`.
  Result<void> Write(std::span<const parquet::Selection> rows, uint64_t row_group_rows_max);
  // Footer and sync. The writer is spent.
  Result<storage::UnseenObject> Seal() &&;

  uint64_t rows() const { return encoder_.rows(); }
  uint64_t bytes() const { return encoder_.bytes(); }
  int contract_version() const { return contract_version_; }

 private:
  DataFileWriter(std::unique_ptr<storage::UnseenWriter> object, const parquet::FileSchema& schema,
                 const parquet::FileOptions& options, parquet::Scratch& scratch);

  std::unique_ptr<storage::UnseenWriter> object_;
  parquet::FileWriter encoder_;  // writes into `object_`
  int contract_version_ = 0;
};

}  // namespace datahub::lake
