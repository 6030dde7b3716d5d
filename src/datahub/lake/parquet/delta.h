#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "datahub/lake/parquet/byte_buffer.h"

namespace datahub::lake::parquet {

// DELTA_BINARY_PACKED: blocks of 128 deltas, four miniblocks each. Blocks go to `out` as they fill; the header, which
// knows the count, comes last and belongs before them.
// T is int32_t or int64_t; differences wrap in T, as the format wants.
template <class T>
class DeltaEncoder {
 public:
  void Reset() { count_ = pending_ = 0; }
  void Add(const T* values, size_t count, ByteBuffer& out);
  // The last, short block.
  void Finish(ByteBuffer& out);
  void AppendHeader(ByteBuffer& header) const;

  size_t count() const { return count_; }

 private:
  using Unsigned = std::make_unsigned_t<T>;
  static constexpr size_t kBlock = 128;
  static constexpr size_t kMiniblocks = 4;

  void AppendBlock(ByteBuffer& out);

  size_t count_ = 0;
  size_t pending_ = 0;
  T first_ = 0;
  T last_ = 0;
  alignas(64) T deltas_[kBlock] = {};
};

extern template class DeltaEncoder<int32_t>;
extern template class DeltaEncoder<int64_t>;

}  // namespace datahub::lake::parquet
