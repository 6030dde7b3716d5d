#include "datahub/lake/parquet/hybrid.h"

#include <cstring>

#include "datahub/lake/parquet/bit_pack.h"

namespace datahub::lake::parquet {
namespace {

constexpr size_t kGroup = 8;  // bit-packed values come in groups of eight

// A run saves what packing it would cost; it costs its own header and value, and a header for the packed values after it.
constexpr size_t kRunBitsMin = 48;

bool SameGroup(const uint8_t* values) {
  uint64_t group;
  std::memcpy(&group, values, 8);
  return group == values[0] * 0x0101010101010101ull;
}

bool SameGroup(const uint32_t* values) {
  uint32_t difference = 0;
  for (size_t i = 1; i < kGroup; ++i) difference |= values[i] ^ values[0];
  return difference == 0;
}

template <class T>
size_t RunEnd(const T* values, size_t begin, size_t count) {
  const T value = values[begin];
  size_t end = begin + kGroup;
  while (end + kGroup <= count && values[end] == value && SameGroup(values + end)) end += kGroup;
  while (end < count && values[end] == value) ++end;
  return end;
}

// The last group may be short: it is filled up with zeros, which readers do not read.
template <class T>
void AppendPacked(const T* values, size_t count, int width, ByteBuffer& out) {
  if (count == 0) return;
  const size_t groups = (count + kGroup - 1) / kGroup;
  out.AppendVarint(groups << 1 | 1);
  const size_t bytes = groups * static_cast<size_t>(width);
  char* at = out.Reserve(bytes + kPackedValues * sizeof(uint32_t));  // the last 32 are packed whole
  uint32_t wide[kPackedValues];
  for (size_t i = 0; i < count; i += kPackedValues) {
    const size_t n = count - i < kPackedValues ? count - i : kPackedValues;
    for (size_t j = 0; j < n; ++j) wide[j] = values[i + j];
    for (size_t j = n; j < kPackedValues; ++j) wide[j] = 0;
    Pack32(wide, width, at);
    at += 4 * width;
  }
  out.Extend(bytes);
}

template <class T>
void Append(const T* values, size_t count, int width, ByteBuffer& out) {
  size_t packed_from = 0;
  size_t i = 0;
  while (i + kGroup <= count) {
    if (!SameGroup(values + i)) {
      i += kGroup;
      continue;
    }
    const size_t end = RunEnd(values, i, count);
    if ((end - i) * static_cast<size_t>(width) >= kRunBitsMin || end == count) {
      AppendPacked(values + packed_from, i - packed_from, width, out);
      AppendRun(values[i], end - i, width, out);
      packed_from = i = end;
    } else {
      i += (end - i) / kGroup * kGroup;
    }
  }
  AppendPacked(values + packed_from, count - packed_from, width, out);
}

}  // namespace

void AppendRun(uint32_t value, size_t count, int width, ByteBuffer& out) {
  out.AppendVarint(static_cast<uint64_t>(count) << 1);
  out.Append(&value, static_cast<size_t>(width + 7) / 8);
}

void AppendHybrid(const uint32_t* values, size_t count, int width, ByteBuffer& out) {
  Append(values, count, width, out);
}

void AppendHybrid(const uint8_t* values, size_t count, int width, ByteBuffer& out) {
  Append(values, count, width, out);
}

}  // namespace datahub::lake::parquet
