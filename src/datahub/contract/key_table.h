#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace datahub::contract {

// Finds a member's key among the properties of an object.
class KeyTable {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  KeyTable() = default;
  KeyTable(KeyTable&&) = default;  // the keys look into the table itself: it may move, not be copied
  KeyTable& operator=(KeyTable&&) = default;
  explicit KeyTable(std::vector<std::string> keys);

  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  bool Is(uint32_t index, const char* data, size_t size) const {
    const Key& key = keys_[index];
    return key.size == size && Same(key.data, data, size);
  }
  // Whether this key in its quotes is what the text begins with. False also for keys longer than kQuotedMax or with escapes.
  // Reads 32 bytes. `index` may be size().
  bool Begins(uint32_t index, const char* text) const {
    const Quoted& key = quoted_[index];
    const __m256i same = _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)),
                                           _mm256_load_si256(reinterpret_cast<const __m256i*>(key.text)));
    return (static_cast<uint32_t>(_mm256_movemask_epi8(same)) & key.mask) == key.mask;
  }
  size_t SizeOf(uint32_t index) const { return keys_[index].size; }
  uint32_t Find(const char* data, size_t size) const {
    for (size_t slot = Hash(data, size) & mask_;; slot = (slot + 1) & mask_) {
      const uint32_t index = slots_[slot];
      if (index == kNone || Is(index, data, size)) return index;
    }
  }

  static size_t Hash(const char* data, size_t size) {
    uint64_t word = size;
    if (size >= 8) {
      word ^= Load<uint64_t>(data) ^ (Load<uint64_t>(data + size - 8) << 3);
    } else if (size >= 4) {
      word ^= Load<uint32_t>(data) ^ (uint64_t{Load<uint32_t>(data + size - 4)} << 29);
    } else {
      for (size_t i = 0; i < size; ++i) word = word << 9 ^ static_cast<unsigned char>(data[i]);
    }
    word *= 0x9e3779b97f4a7c15u;
    return word >> 32;
  }

 private:
  static constexpr size_t kQuotedMax = 30;
  struct alignas(32) Quoted {
    char text[32] = {'"', 1};  // what begins no token: no string holds a control character
    uint32_t mask = 3;
  };
  struct Key {
    const char* data = nullptr;
    size_t size = 0;
  };

  template <class T>
  static T Load(const char* from) {
    T word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  static bool Same(const char* a, const char* b, size_t size) {
    if (size >= 8) {
      if (size > 16) return std::memcmp(a, b, size) == 0;
      return ((Load<uint64_t>(a) ^ Load<uint64_t>(b)) |
              (Load<uint64_t>(a + size - 8) ^ Load<uint64_t>(b + size - 8))) == 0;
    }
    if (size >= 4) {
      return ((Load<uint32_t>(a) ^ Load<uint32_t>(b)) |
              (Load<uint32_t>(a + size - 4) ^ Load<uint32_t>(b + size - 4))) == 0;
    }
    for (size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  std::vector<std::string> texts_;
  std::vector<Key> keys_;
  std::vector<Quoted> quoted_ = std::vector<Quoted>(1);  // an empty one at the end
  std::vector<uint32_t> slots_ = {kNone};
  size_t mask_ = 0;
};

}  // namespace datahub::contract
