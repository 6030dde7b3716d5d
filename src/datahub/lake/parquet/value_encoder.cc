#include "datahub/lake/parquet/value_encoder.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace datahub::lake::parquet {

void ValueEncoder<uint8_t>::Reset(Encodings) {
  bits_ = 0;
  used_ = 0;
  all_ = 1;
  any_ = 0;
  empty_ = true;
}

void ValueEncoder<uint8_t>::Add(const uint8_t* values, size_t count, RawPage& page) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t bit = values[i] != 0;
    all_ &= bit;
    any_ |= bit;
    bits_ |= static_cast<uint64_t>(bit) << used_;
    if (++used_ == 64) {
      page.body.AppendFixed(bits_);
      bits_ = 0;
      used_ = 0;
    }
  }
  empty_ = empty_ && count == 0;
}

void ValueEncoder<uint8_t>::Close(RawPage& page) { page.body.Append(&bits_, static_cast<size_t>(used_ + 7) / 8); }

Bounds ValueEncoder<uint8_t>::bounds() const { return empty_ ? Bounds{} : BoundsOf(all_, any_); }

template <class T>
void NumberEncoder<T>::Reset(Encodings encodings) {
  empty_ = true;
  unordered_ = false;
  if constexpr (kMayUseDeltas) {
    with_deltas_ = encodings == Encodings::kDelta;
    deltas_.Reset();
  }
}

template <class T>
void NumberEncoder<T>::Add(const T* values, size_t count, RawPage& page) {
  if (count == 0) return;
  T min = empty_ ? values[0] : min_;
  T max = empty_ ? values[0] : max_;
  for (size_t i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<T, double>) unordered_ = unordered_ || std::isnan(values[i]);
    min = std::min(min, values[i]);
    max = std::max(max, values[i]);
  }
  min_ = min;
  max_ = max;
  empty_ = false;
  if constexpr (kMayUseDeltas) {
    if (with_deltas_) return deltas_.Add(values, count, page.body);
  }
  if constexpr (std::is_same_v<T, record::Int128>) {
    char* out = page.body.Reserve(count * sizeof(T));
    for (size_t i = 0; i < count; ++i) EncodeDecimal(values[i], out + i * sizeof(T));
    page.body.Extend(count * sizeof(T));
  } else {
    page.body.Append(values, count * sizeof(T));
  }
}

template <class T>
void NumberEncoder<T>::Close(RawPage& page) {
  if constexpr (kMayUseDeltas) {
    if (!with_deltas_) return;
    deltas_.Finish(page.body);
    deltas_.AppendHeader(page.front);
  }
}

template class NumberEncoder<int32_t>;
template class NumberEncoder<int64_t>;
template class NumberEncoder<double>;
template class NumberEncoder<record::Int128>;

namespace {

// memcpy of short strings without a call: pieces that overlap. Reads and writes nothing outside.
inline void CopyShort(char* to, const char* from, size_t size) {
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (size > 32) {
    std::memcpy(to, from, 32);
    std::memcpy(to + size - 32, from + size - 32, 32);
  } else if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

}  // namespace

void ValueEncoder<record::Bytes>::Reset(Encodings encodings) {
  with_deltas_ = encodings == Encodings::kDelta;
  shortest_ = UINT32_MAX;
  longest_ = 0;
  deltas_.Reset();
  lengths_.Clear();
}

void ValueEncoder<record::Bytes>::Add(const record::Bytes* values, size_t count, RawPage& page) {
  if (with_deltas_) return AddWithDeltas(values, count, page);
  AddPlain(values, count, page);
}

void ValueEncoder<record::Bytes>::AddPlain(const record::Bytes* values, size_t count, RawPage& page) {
  size_t bytes = count * sizeof(uint32_t);
  for (size_t i = 0; i < count; ++i) {
    bytes += values[i].size;
    shortest_ = std::min(shortest_, values[i].size);
    longest_ = std::max(longest_, values[i].size);
  }
  char* to = page.body.Reserve(bytes);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t size = values[i].size;
    std::memcpy(to, &size, sizeof size);
    CopyShort(to + sizeof size, values[i].data, size);
    to += sizeof size + size;
  }
  page.body.Extend(bytes);
}

void ValueEncoder<record::Bytes>::AddWithDeltas(const record::Bytes* values, size_t count, RawPage& page) {
  constexpr size_t kStep = 256;
  int32_t sizes[kStep];
  while (count > 0) {
    const size_t n = std::min(count, kStep);
    size_t bytes = 0;
    for (size_t i = 0; i < n; ++i) {
      sizes[i] = static_cast<int32_t>(values[i].size);
      bytes += values[i].size;
    }
    deltas_.Add(sizes, n, lengths_);
    char* to = page.body.Reserve(bytes);
    for (size_t i = 0; i < n; ++i) {
      CopyShort(to, values[i].data, values[i].size);
      to += values[i].size;
    }
    page.body.Extend(bytes);
    values += n;
    count -= n;
  }
}

void ValueEncoder<record::Bytes>::Close(RawPage& page) {
  if (!with_deltas_) return;
  deltas_.Finish(lengths_);
  deltas_.AppendHeader(page.front);
  page.front.Append(lengths_.view());
}

}  // namespace datahub::lake::parquet
