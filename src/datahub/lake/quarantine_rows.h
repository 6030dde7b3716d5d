#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "datahub/lake/partition.h"
#include "datahub/record/chunk.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

// The rejected records of one chunk as rows of `<pipeline>_quarantine`: their bytes as they came, and why. Where they came
// from is in the lineage columns, as in every table.
//
//   { Add -> AddReason* }* -> Take -> Columns -> TableWriter
//
// Memory   `bytes` are views into the chunk; reasons are copied
class QuarantineRows {
 public:
  QuarantineRows(std::shared_ptr<const record::Chunk> chunk, int contract_version);

  // A record; `bytes` lie in the chunk.
  void Add(uint64_t offset, std::string_view bytes);
  // One more reason of the record added last.
  void AddReason(std::string_view instance, std::string_view keyword, std::string_view message);
  std::shared_ptr<record::Columns> Take() &&;

  // raw: bytes, reasons: list<struct<instance: string, keyword: string, message: string>>
  static record::TableSchema Schema();
  // day(received_at): no record can fail to land.
  static std::vector<PartitionField> PartitionBy();

 private:
  std::shared_ptr<record::Columns> columns_;
};

}  // namespace datahub::lake
