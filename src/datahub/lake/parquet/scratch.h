#pragma once

#include <tuple>

#include "datahub/lake/parquet/column_encoder.h"
#include "datahub/lake/parquet/compressor.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/parquet/lineage_encoder.h"

namespace datahub::lake::parquet {

// What Scratch holds: one encoder for each kind of column, the compressor, buffers.
struct Scratch::Parts {
  Compressor compressor;
  ByteBuffer staged;  // small pieces on their way to the sink; empty between row groups
  ByteBuffer pages;   // of the open chunk
  LineageEncoder lineage;
  std::tuple<ColumnEncoder<uint8_t>, ColumnEncoder<int32_t>, ColumnEncoder<int64_t>, ColumnEncoder<double>,
             ColumnEncoder<record::Int128>, ColumnEncoder<record::Bytes>>
      encoders;
};

}  // namespace datahub::lake::parquet
