#include "datahub/record/chunk.h"

#include <sys/mman.h>

#include "datahub/base/exhaustion.h"
#include "datahub/base/result.h"

namespace datahub::record {
namespace {

constexpr size_t kHugePage = 2u << 20;

}  // namespace

Buffer::Buffer(size_t capacity) : capacity_(capacity) {
  const size_t bytes = capacity + kPadding;
  if (capacity < kHugePage) {
    data_.reset(static_cast<char*>(std::malloc(bytes)));
  } else {
    data_.reset(static_cast<char*>(std::aligned_alloc(kHugePage, (bytes + kHugePage - 1) / kHugePage * kHugePage)));
    // Only whole ones: the padding would cost another.
    if (data_) (void)::madvise(data_.get(), capacity / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
  if (data_ == nullptr) NoMemory();
}

}  // namespace datahub::record
