#include "datahub/lake/parquet/delta.h"

#include <algorithm>

#include "datahub/lake/parquet/bit_pack.h"

namespace datahub::lake::parquet {

template <class T>
void DeltaEncoder<T>::Add(const T* values, size_t count, ByteBuffer& out) {
  if (count == 0) return;
  const auto difference = [](T a, T b) { return static_cast<T>(static_cast<Unsigned>(a) - static_cast<Unsigned>(b)); };
  size_t i = 0;
  if (count_ == 0) {
    first_ = last_ = values[0];
    i = 1;
  }
  count_ += count;
  while (i < count) {
    const size_t n = std::min(kBlock - pending_, count - i);
    T* deltas = deltas_ + pending_;
    deltas[0] = difference(values[i], last_);
    for (size_t j = 1; j < n; ++j) deltas[j] = difference(values[i + j], values[i + j - 1]);
    i += n;
    pending_ += n;
    last_ = values[i - 1];
    if (pending_ == kBlock) AppendBlock(out);
  }
}

template <class T>
void DeltaEncoder<T>::AppendBlock(ByteBuffer& out) {
  T min = deltas_[0];
  if (pending_ == kBlock) {
    for (size_t i = 0; i < kBlock; ++i) min = std::min(min, deltas_[i]);
  } else {
    for (size_t i = 0; i < pending_; ++i) min = std::min(min, deltas_[i]);
  }

  alignas(64) Unsigned above[kBlock];
  for (size_t i = 0; i < kBlock; ++i) above[i] = static_cast<Unsigned>(deltas_[i]) - static_cast<Unsigned>(min);
  for (size_t i = pending_; i < kBlock; ++i) above[i] = 0;

  int widths[kMiniblocks];
  for (size_t m = 0; m < kMiniblocks; ++m) {
    Unsigned bits = 0;
    for (size_t i = 0; i < kPackedValues; ++i) bits |= above[m * kPackedValues + i];
    widths[m] = BitWidth(bits);
  }

  out.AppendZigzag(min);
  char* at = out.Reserve(kMiniblocks + sizeof(above));
  for (size_t m = 0; m < kMiniblocks; ++m) *at++ = static_cast<char>(widths[m]);
  for (size_t m = 0; m < kMiniblocks && m * kPackedValues < pending_; ++m) {
    Pack32(above + m * kPackedValues, widths[m], at);
    at += 4 * widths[m];
  }
  out.Extend(static_cast<size_t>(at - out.end()));
  pending_ = 0;
}

template <class T>
void DeltaEncoder<T>::Finish(ByteBuffer& out) {
  if (pending_ > 0) AppendBlock(out);
}

template <class T>
void DeltaEncoder<T>::AppendHeader(ByteBuffer& header) const {
  header.AppendVarint(kBlock);
  header.AppendVarint(kMiniblocks);
  header.AppendVarint(count_);
  header.AppendZigzag(count_ == 0 ? 0 : first_);
}

template class DeltaEncoder<int32_t>;
template class DeltaEncoder<int64_t>;

}  // namespace datahub::lake::parquet
