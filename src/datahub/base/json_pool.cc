#include "datahub/base/json_pool.h"

#include <algorithm>

namespace datahub::json {

void Pool::Reset() {
  size_t kept = 0;
  size_t bytes = 0;
  while (kept < blocks_.size() && bytes + blocks_[kept].size <= kKeptBytesMax) bytes += blocks_[kept++].size;
  blocks_.resize(kept);
  bytes_ = bytes;
  next_ = 0;
  at_ = nullptr;
  left_ = 0;
}

char* Pool::TakeElsewhere(size_t size) {
  while (next_ < blocks_.size() && blocks_[next_].size < size) ++next_;
  if (next_ == blocks_.size()) {
    // Blocks double, so that a large text takes few.
    const size_t bytes =
        std::max({size, kBlockBytes, blocks_.empty() ? 0 : std::min(blocks_.back().size * 2, kKeptBytesMax / 4)});
    blocks_.push_back({std::unique_ptr<char[]>(new char[bytes]), bytes});
    bytes_ += bytes;
  }
  at_ = blocks_[next_].bytes.get();
  left_ = blocks_[next_].size;
  ++next_;
  return Take(size);
}

}  // namespace datahub::json
