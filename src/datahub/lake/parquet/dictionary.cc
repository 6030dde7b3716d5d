#include "datahub/lake/parquet/dictionary.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "datahub/lake/parquet/bounds.h"

namespace datahub::lake::parquet {
namespace {

constexpr size_t kSlotsMin = 1024;

uint64_t Mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

constexpr uint64_t kSeed = 0x9E3779B97F4A7C15ull;
constexpr uint64_t kFactor = 0xD6E8FEB86659FD93ull;

template <class T>
uint64_t HashScalar(T value) {
  if constexpr (std::is_same_v<T, record::Int128>) {
    return Mix(static_cast<uint64_t>(value) ^ kSeed, static_cast<uint64_t>(value >> 64) ^ kFactor);
  } else if constexpr (std::is_same_v<T, double>) {
    return Mix(std::bit_cast<uint64_t>(value) ^ kSeed, kFactor);
  } else {
    return Mix(static_cast<uint64_t>(value) ^ kSeed, kFactor);
  }
}

template <class T>
bool SameBits(T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
  } else {
    return a == b;
  }
}

template <class T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// Reads no byte beyond the string.
uint64_t HashString(const char* data, size_t size) {
  if (size <= 16) {
    if (size >= 8) return Mix(Load<uint64_t>(data) ^ kSeed ^ size, Load<uint64_t>(data + size - 8) ^ kFactor);
    if (size >= 4) return Mix(Load<uint32_t>(data) ^ kSeed ^ size, Load<uint32_t>(data + size - 4) ^ kFactor);
    if (size == 0) return kSeed;
    const uint64_t few = static_cast<uint64_t>(static_cast<uint8_t>(data[0])) << 16 |
                         static_cast<uint64_t>(static_cast<uint8_t>(data[size / 2])) << 8 |
                         static_cast<uint8_t>(data[size - 1]);
    return Mix(few ^ kSeed ^ size << 32, kFactor);
  }
  uint64_t hash = kSeed ^ size;
  const char* last = data + size - 16;
  for (; data < last; data += 16) hash = Mix(Load<uint64_t>(data) ^ hash, Load<uint64_t>(data + 8) ^ kFactor);
  return Mix(Load<uint64_t>(last) ^ hash, Load<uint64_t>(last + 8) ^ kFactor);
}

bool SameString(const char* a, const char* b, size_t size) {
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size > 16) {
    const char* const c = a + size - 16;
    const char* const d = b + size - 16;
    return ((Load<uint64_t>(a) ^ Load<uint64_t>(b)) | (Load<uint64_t>(a + 8) ^ Load<uint64_t>(b + 8)) |
            (Load<uint64_t>(c) ^ Load<uint64_t>(d)) | (Load<uint64_t>(c + 8) ^ Load<uint64_t>(d + 8))) == 0;
  }
  if (size >= 8) {
    return ((Load<uint64_t>(a) ^ Load<uint64_t>(b)) | (Load<uint64_t>(a + size - 8) ^ Load<uint64_t>(b + size - 8))) ==
           0;
  }
  if (size >= 4) {
    return ((Load<uint32_t>(a) ^ Load<uint32_t>(b)) | (Load<uint32_t>(a + size - 4) ^ Load<uint32_t>(b + size - 4))) ==
           0;
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

template <class T>
bool AllSame(const T* values, size_t count) {
  bool same = true;
  for (size_t i = 1; i < count; ++i) same &= SameBits(values[i], values[0]);
  return same;
}

}  // namespace

template <class T>
void Dictionary<T>::Clear() {
  // A table that one column made large would be cleared for every small chunk after it.
  slots_.assign(
      slots_.size() > kSlotsMin * 4 && values_.size() < kSlotsMin ? kSlotsMin : std::max(slots_.size(), kSlotsMin), 0);
  values_.clear();
}

template <class T>
void Dictionary<T>::Add(const T* values, size_t count, uint32_t* indices) {
  if (count == 0) return;
  if (AllSame(values, count)) {
    std::fill_n(indices, count, FindOrInsert(values[0]));
    return;
  }
  for (size_t i = 0; i < count; ++i) indices[i] = FindOrInsert(values[i]);
}

template <class T>
uint32_t Dictionary<T>::FindOrInsert(T value) {
  const size_t mask = slots_.size() - 1;
  size_t slot = HashScalar(value) & mask;
  while (slots_[slot] != 0) {
    const uint32_t index = slots_[slot] - 1;
    if (SameBits(values_[index], value)) return index;
    slot = (slot + 1) & mask;
  }
  values_.push_back(value);
  slots_[slot] = static_cast<uint32_t>(values_.size());
  if (values_.size() * 4 > slots_.size()) Rehash(slots_.size() * 4);
  return static_cast<uint32_t>(values_.size() - 1);
}

template <class T>
void Dictionary<T>::Rehash(size_t slots) {
  slots_.assign(slots, 0);
  for (size_t i = 0; i < values_.size(); ++i) {
    size_t slot = HashScalar(values_[i]) & (slots - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots - 1);
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

template <class T>
void Dictionary<T>::AppendPlain(ByteBuffer& out) const {
  if constexpr (std::is_same_v<T, record::Int128>) {
    for (const T& value : values_) {
      EncodeDecimal(value, out.Reserve(kDecimalBytes));
      out.Extend(kDecimalBytes);
    }
  } else {
    out.Append(values_.data(), values_.size() * sizeof(T));
  }
}

template class Dictionary<int32_t>;
template class Dictionary<int64_t>;
template class Dictionary<double>;
template class Dictionary<record::Int128>;

void Dictionary<record::Bytes>::Clear() {
  slots_.assign(
      slots_.size() > kSlotsMin * 4 && entries_.size() < kSlotsMin ? kSlotsMin : std::max(slots_.size(), kSlotsMin),
      {});
  entries_.clear();
  plain_.Clear();
}

void Dictionary<record::Bytes>::Add(const record::Bytes* values, size_t count, uint32_t* indices) {
  // Hashes of some, then their places: the processor works on several strings at once, none waits for another's.
  constexpr size_t kStep = 64;
  uint64_t hashes[kStep];
  for (size_t i = 0; i < count; i += kStep) {
    const size_t n = std::min(kStep, count - i);
    for (size_t j = 0; j < n; ++j) hashes[j] = HashString(values[i + j].data, values[i + j].size);
    for (size_t j = 0; j < n; ++j) indices[i + j] = FindOrInsert(values[i + j], hashes[j]);
  }
}

uint32_t Dictionary<record::Bytes>::FindOrInsert(record::Bytes value, uint64_t hash) {
  const auto tag = static_cast<uint32_t>(hash >> 32);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  while (slots_[slot].index != 0) {
    if (slots_[slot].tag == tag) {
      const Entry& entry = entries_[slots_[slot].index - 1];
      if (entry.size == value.size && SameString(plain_.data() + entry.offset, value.data, value.size)) {
        return slots_[slot].index - 1;
      }
    }
    slot = (slot + 1) & mask;
  }
  return Insert(value, hash, slot);
}

uint32_t Dictionary<record::Bytes>::Insert(record::Bytes value, uint64_t hash, size_t slot) {
  plain_.AppendFixed(value.size);
  entries_.push_back({static_cast<uint32_t>(plain_.size()), value.size, hash});
  plain_.Append(value.data, value.size);
  slots_[slot] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(entries_.size())};
  if (entries_.size() * 4 > slots_.size()) Rehash(slots_.size() * 4);
  return static_cast<uint32_t>(entries_.size() - 1);
}

void Dictionary<record::Bytes>::Rehash(size_t slots) {
  slots_.assign(slots, {});
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & (slots - 1);
    while (slots_[slot].index != 0) slot = (slot + 1) & (slots - 1);
    slots_[slot] = {static_cast<uint32_t>(entries_[i].hash >> 32), static_cast<uint32_t>(i + 1)};
  }
}

}  // namespace datahub::lake::parquet
