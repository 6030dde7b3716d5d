#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "datahub/base/exhaustion.h"
#include "datahub/base/result.h"

namespace datahub::lake::parquet {

// Bytes that grow at the end, keep their room when cleared (but not the room of one giant value) and are never zeroed.
class ByteBuffer {
 public:
  static constexpr size_t kKeptBytesMax = 8u << 20;

  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  char* end() { return data_.get() + size_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  std::string_view view() const { return {data_.get(), size_}; }

  void Clear() {
    size_ = 0;
    if (capacity_ > kKeptBytesMax) [[unlikely]] {
      data_.reset();
      capacity_ = 0;
    }
  }

  // Room for `more` bytes behind the end; pointers into the buffer move.
  char* Reserve(size_t more) {
    if (capacity_ - size_ < more) [[unlikely]]
      Enlarge(size_ + more);
    return end();
  }
  // The first `more` bytes of reserved room hold data now.
  void Extend(size_t more) { size_ += more; }
  void Truncate(size_t size) { size_ = size; }

  void Append(const void* bytes, size_t size) {
    if (size == 0) return;
    std::memcpy(Reserve(size), bytes, size);
    size_ += size;
  }
  void Append(std::string_view bytes) { Append(bytes.data(), bytes.size()); }

  template <class T>
  void AppendFixed(T value) {  // little endian, as Parquet wants and this machine has
    std::memcpy(Reserve(sizeof(T)), &value, sizeof(T));
    size_ += sizeof(T);
  }

  void AppendVarint(uint64_t value) {
    char* at = Reserve(10);
    while (value >= 0x80) {
      *at++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at++ = static_cast<char>(value);
    size_ = static_cast<size_t>(at - data_.get());
  }
  void AppendZigzag(int64_t value) {
    AppendVarint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  void Enlarge(size_t wanted) {
    size_t room = capacity_ * 2 > wanted ? capacity_ * 2 : wanted;
    if (room < 256) room = 256;
    char* bytes = static_cast<char*>(std::realloc(data_.get(), room));
    if (bytes == nullptr) NoMemory();
    (void)data_.release();
    data_.reset(bytes);
    capacity_ = room;
  }

  std::unique_ptr<char, Free> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace datahub::lake::parquet
