#include "datahub/record/columns.h"

#include <algorithm>

namespace datahub::record {
namespace {

constexpr size_t kBlockBytesMin = 4096;
constexpr size_t kBlockBytesMax = 1u << 20;

}  // namespace

char* Arena::Allocate(size_t size) {
  if (size > left_ || at_ == nullptr) {
    // Blocks double, so that a small arena stays small; what is larger than a block gets one of its own and
    // the block in use goes on.
    const size_t block = std::clamp(bytes_, kBlockBytesMin, kBlockBytesMax);
    const bool alone = size > block / 2;
    blocks_.emplace_back(new char[alone ? std::max<size_t>(size, 1) : block]);
    bytes_ += alone ? size : block;
    if (alone) return blocks_.back().get();
    at_ = blocks_.back().get();
    left_ = block;
  }
  char* const place = at_;
  at_ += size;
  left_ -= size;
  return place;
}

}  // namespace datahub::record
