#pragma once

#include <cstdint>

namespace datahub::lake::parquet {

constexpr int kPackedValues = 32;

// Packs 32 values of `width` bits each, least significant bit first, into 4 * width bytes. Bits above `width` must be 0.
void Pack32(const uint32_t* values, int width, char* out);  // width 0 … 32
void Pack32(const uint64_t* values, int width, char* out);  // width 0 … 64

// Bits that `value` needs: 0 for 0.
constexpr int BitWidth(uint64_t value) { return value == 0 ? 0 : 64 - __builtin_clzll(value); }

}  // namespace datahub::lake::parquet
