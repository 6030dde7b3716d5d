#pragma once

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
  std::vector<uint32_t> slots_ = {kNone};
  size_t mask_ = 0;
};

}  // namespace datahub::contract
