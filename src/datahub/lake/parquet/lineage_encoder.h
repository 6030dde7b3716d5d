#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datahub/lake/parquet/chunk_writer.h"
#include "datahub/lake/parquet/dictionary.h"
#include "datahub/lake/parquet/offset_encoder.h"
#include "datahub/lake/parquet/row_cursor.h"
#include "datahub/lake/parquet/schema_tree.h"

namespace datahub::lake::parquet {

// Encodes the lineage columns of a row group. All but dh_offset are constant over a Selection and are written as runs, at a
// cost per selection, not per row. dh_offset, 20 digits, is written a value a row.
class LineageEncoder {
 public:
  // `chunk` has been begun for the column, with dictionary unless it is kOffset.
  Result<void> Encode(Lineage column, std::span<const Selection> rows, const FileOptions& options, ChunkWriter& chunk);

 private:
  struct Run {
    uint32_t index;
    size_t rows;
  };

  template <class T, class ValueOf>
  Result<void> EncodeRuns(std::span<const Selection> rows, ValueOf value_of, Dictionary<T>& dictionary,
                          ChunkWriter& chunk);
  Result<void> EncodeOffsets(std::span<const Selection> rows, const FileOptions& options, ChunkWriter& chunk);

  std::vector<Run> runs_;
  Dictionary<int32_t> int32s_;
  Dictionary<int64_t> int64s_;
  Dictionary<record::Bytes> strings_;
  OffsetEncoder offsets_;
  RawPage page_;
};

}  // namespace datahub::lake::parquet
