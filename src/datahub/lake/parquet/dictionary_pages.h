#pragma once

#include <cstdint>
#include <vector>

#include "datahub/lake/parquet/bounds.h"
#include "datahub/lake/parquet/dictionary.h"
#include "datahub/lake/parquet/raw_page.h"

namespace datahub::lake::parquet {

// A chunk's dictionary, the indices of the open page, and the bounds of what they refer to.
template <class T>
class DictionaryPages {
 public:
  void Clear();
  void Add(const T* values, size_t count);
  size_t page_bytes() const { return values() * static_cast<size_t>(width()) / 8; }  // of the open page, about
  size_t values() const { return indices_.size(); }                                  // in the open page
  int width() const;                                                                 // bits of an index
  // Indices of the open page go to `page`. Gives the bounds of its values.
  Bounds Close(bool utf8, RawPage& page);

  const Dictionary<T>& dictionary() const { return dictionary_; }

 private:
  Bounds BoundsOfOpenPage(bool utf8);

  Dictionary<T> dictionary_;
  std::vector<uint32_t> indices_;
  std::vector<uint8_t> used_;  // which entries the open page has
};

extern template class DictionaryPages<int32_t>;
extern template class DictionaryPages<int64_t>;
extern template class DictionaryPages<double>;
extern template class DictionaryPages<record::Int128>;
extern template class DictionaryPages<record::Bytes>;

}  // namespace datahub::lake::parquet
