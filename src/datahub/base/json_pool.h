#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace datahub::json {

// Bump memory that is kept from text to text, up to kKeptBytesMax.
class Pool {
 public:
  static constexpr size_t kBlockBytes = 64 * 1024;
  static constexpr size_t kKeptBytesMax = 8 * 1024 * 1024;

  // Forgets what was taken.
  void Reset();
  // Of all blocks.
  size_t bytes() const { return bytes_; }
  // Aligned to 16 bytes.
  char* Take(size_t size) {
    size = (size + 15) & ~size_t(15);
    if (size > left_) return TakeElsewhere(size);
    char* const taken = at_;
    at_ += size;
    left_ -= size;
    return taken;
  }
  // Gives back what the last Take() did not need.
  void GiveBack(size_t size) {
    size &= ~size_t(15);
    at_ -= size;
    left_ += size;
  }

  template <class T>
  std::span<const T> Copy(const T* from, size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* const to = reinterpret_cast<T*>(Take(count * sizeof(T)));
    std::uninitialized_copy(from, from + count, to);
    return {to, count};
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

  char* TakeElsewhere(size_t size);

  std::vector<Block> blocks_;
  size_t bytes_ = 0;
  size_t next_ = 0;  // the first block nothing was taken from
  char* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace datahub::json
