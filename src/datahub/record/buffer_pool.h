#pragma once

#include <cstddef>
#include <memory>

#include "datahub/record/chunk.h"

namespace datahub::record {

// Buffers of one size that come back when the last row that looks into them is gone: a fresh page costs more than the work
// on it.
//
// Memory   keeps at most kFreeMax free buffers; how many are in use is up to those who hold chunks
// Threads  Take from one; buffers come back from any, also after the pool is gone
class BufferPool {
 public:
  static constexpr size_t kFreeMax = 8;

  explicit BufferPool(size_t capacity);

  // At least `capacity` bytes; a larger one than the pool's is made anew and freed after use.
  std::shared_ptr<Buffer> Take(size_t capacity);
  size_t capacity() const { return capacity_; }

 private:
  struct Free;
  size_t capacity_;
  std::shared_ptr<Free> free_;
};

}  // namespace datahub::record
