#include "datahub/record/buffer_pool.h"

#include <mutex>
#include <utility>
#include <vector>

namespace datahub::record {

struct BufferPool::Free {
  std::mutex mutex;
  std::vector<std::unique_ptr<Buffer>> buffers;
};

BufferPool::BufferPool(size_t capacity) : capacity_(capacity), free_(std::make_shared<Free>()) {
  free_->buffers.reserve(kFreeMax);
}

std::shared_ptr<Buffer> BufferPool::Take(size_t capacity) {
  if (capacity > capacity_) return std::make_shared<Buffer>(capacity);
  std::unique_ptr<Buffer> buffer;
  {
    const std::lock_guard lock(free_->mutex);
    if (!free_->buffers.empty()) {
      buffer = std::move(free_->buffers.back());
      free_->buffers.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<Buffer>(capacity_);
  // The last in is the first out: its pages are the warmest.
  return {buffer.release(), [free = free_](Buffer* back) {
            std::unique_ptr<Buffer> owned(back);
            const std::lock_guard lock(free->mutex);
            if (free->buffers.size() < kFreeMax) free->buffers.push_back(std::move(owned));
          }};
}

}  // namespace datahub::record
