#include "datahub/lake/parquet/dictionary_pages.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "datahub/lake/parquet/bit_pack.h"
#include "datahub/lake/parquet/hybrid.h"

namespace datahub::lake::parquet {

template <class T>
void DictionaryPages<T>::Clear() {
  dictionary_.Clear();
  indices_.clear();
}

template <class T>
void DictionaryPages<T>::Add(const T* values, size_t count) {
  const size_t before = indices_.size();
  if (indices_.capacity() < before + count) indices_.reserve(std::max(before + count, indices_.capacity() * 2));
  indices_.resize(before + count);
  dictionary_.Add(values, count, indices_.data() + before);
}

// At least 1: some readers stumble over indices of no bits.
template <class T>
int DictionaryPages<T>::width() const {
  const size_t entries = dictionary_.entries();
  return entries <= 2 ? 1 : BitWidth(entries - 1);
}

template <class T>
Bounds DictionaryPages<T>::Close(bool utf8, RawPage& page) {
  page.body.AppendFixed(static_cast<uint8_t>(width()));
  AppendHybrid(indices_.data(), indices_.size(), width(), page.body);
  Bounds bounds = BoundsOfOpenPage(utf8);
  indices_.clear();
  return bounds;
}

template <class T>
Bounds DictionaryPages<T>::BoundsOfOpenPage(bool utf8) {
  if (indices_.empty()) return {};
  used_.assign(dictionary_.entries(), 0);
  for (const uint32_t index : indices_) used_[index] = 1;

  size_t min = indices_[0];
  size_t max = indices_[0];
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i] == 0) continue;
    if constexpr (std::is_same_v<T, double>) {
      if (std::isnan(dictionary_.value(i))) return {};  // engines differ on where NaN sorts
    }
    if (dictionary_.value(i) < dictionary_.value(min)) min = i;
    if (dictionary_.value(max) < dictionary_.value(i)) max = i;
  }
  if constexpr (std::is_same_v<T, record::Bytes>) {
    return BoundsOf(dictionary_.value(min), dictionary_.value(max), utf8);
  } else {
    return BoundsOf(dictionary_.value(min), dictionary_.value(max));
  }
}

template class DictionaryPages<int32_t>;
template class DictionaryPages<int64_t>;
template class DictionaryPages<double>;
template class DictionaryPages<record::Int128>;
template class DictionaryPages<record::Bytes>;

}  // namespace datahub::lake::parquet
