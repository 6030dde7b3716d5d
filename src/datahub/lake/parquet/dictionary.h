#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "datahub/lake/parquet/byte_buffer.h"
#include "datahub/record/columns.h"

namespace datahub::lake::parquet {

// Distinct values of a column chunk in the order of their first coming, and where to find them: a power-of-two table,
// open addressing, a quarter full at most. Values are told apart by their bits (so 0.0 and -0.0 are two).
//
// T: int32_t, int64_t, double, record::Int128. Strings have a class of their own below.
template <class T>
class Dictionary {
 public:
  void Clear();
  // indices[i] = the place of values[i].
  void Add(const T* values, size_t count, uint32_t* indices);

  size_t entries() const { return values_.size(); }
  size_t bytes() const { return values_.size() * sizeof(T); }
  const T& value(size_t index) const { return values_[index]; }
  // The dictionary page: all values, PLAIN.
  void AppendPlain(ByteBuffer& out) const;

 private:
  uint32_t FindOrInsert(T value);
  void Rehash(size_t slots);

  std::vector<uint32_t> slots_;  // index + 1; 0 = free
  std::vector<T> values_;
};

// The same for strings. Owns copies of them, which are the dictionary page as it will be written.
template <>
class Dictionary<record::Bytes> {
 public:
  void Clear();
  void Add(const record::Bytes* values, size_t count, uint32_t* indices);

  size_t entries() const { return entries_.size(); }
  size_t bytes() const { return plain_.size(); }
  std::string_view value(size_t index) const { return {plain_.data() + entries_[index].offset, entries_[index].size}; }
  void AppendPlain(ByteBuffer& out) const { out.Append(plain_.view()); }

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t index = 0;  // + 1; 0 = free
  };
  struct Entry {
    uint32_t offset;
    uint32_t size;
    uint64_t hash;
  };

  uint32_t FindOrInsert(record::Bytes value, uint64_t hash);
  uint32_t Insert(record::Bytes value, uint64_t hash, size_t slot);
  void Rehash(size_t slots);

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  ByteBuffer plain_;
};

extern template class Dictionary<int32_t>;
extern template class Dictionary<int64_t>;
extern template class Dictionary<double>;
extern template class Dictionary<record::Int128>;

}  // namespace datahub::lake::parquet
