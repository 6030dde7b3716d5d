#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace datahub {

// 128 bits of XXH3: tells contents apart (not an adversary's).
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const Hash128&) const = default;
  std::string ToHex() const;  // 32 lower-case digits
};

Hash128 HashBytes(std::string_view bytes);

// XXH64 without a seed, which is what formats of others mean by it.
uint64_t Xxh64(std::string_view bytes);

// The same over pieces.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void Add(const void* bytes, size_t size);
  void Reset();  // as new
  Hash128 Digest() const;

 private:
  void* state_;
};

}  // namespace datahub
