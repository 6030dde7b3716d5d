#pragma once

#include <cstddef>
#include <cstdint>

#include "datahub/lake/parquet/byte_buffer.h"

namespace datahub::lake::parquet {

// Parquet's RLE / bit-packing hybrid: levels and dictionary indices.

// `count` times `value`.
void AppendRun(uint32_t value, size_t count, int width, ByteBuffer& out);

// Finds the runs that pay. `width` bits hold every value; 1 … 32 (for uint8_t: 1 … 8). Whole: a stream is one call, or
// calls of AppendRun only.
void AppendHybrid(const uint32_t* values, size_t count, int width, ByteBuffer& out);
void AppendHybrid(const uint8_t* values, size_t count, int width, ByteBuffer& out);

}  // namespace datahub::lake::parquet
