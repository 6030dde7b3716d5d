#include "datahub/source/files/prefix_hash.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace datahub::source::files {
namespace {

Hash128 Join(const Hash128& one, const Hash128& other) {
  const std::array<uint64_t, 4> both = {one.high, one.low, other.high, other.low};
  return HashBytes({reinterpret_cast<const char*>(both.data()), sizeof both});
}

const std::string& ZeroBlock() {
  static const std::string zeros(kHashBlockBytes, '\0');
  return zeros;
}

}  // namespace

void PrefixHasher::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t size = std::min<uint64_t>(bytes.size(), LeftOfBlock());
    if (size == kHashBlockBytes) {
      at_ += size;
      EndBlock(HashBytes(bytes.substr(0, size)));
    } else {
      AddPart(bytes.substr(0, size));
    }
    bytes.remove_prefix(size);
  }
}

void PrefixHasher::AddPart(std::string_view bytes) {
  block_->Add(bytes.data(), bytes.size());
  at_ += bytes.size();
  if (at_ % kHashBlockBytes == 0) {
    EndBlock(block_->Digest());
    block_->Reset();
  }
}

void PrefixHasher::AddZeros(uint64_t count) {
  static const Hash128 zero_block = HashBytes(ZeroBlock());
  while (count > 0) {
    const uint64_t size = std::min(count, LeftOfBlock());
    if (size == kHashBlockBytes) {
      at_ += size;
      EndBlock(zero_block);
    } else {
      AddPart(std::string_view(ZeroBlock()).substr(0, size));
    }
    count -= size;
  }
}

void PrefixHasher::EndBlock(const Hash128& block) {
  before_ = chain_;
  chain_ = Join(chain_, block);
}

PrefixHash PrefixHasher::Digest() const { return {.all = Join(chain_, block_->Digest()), .chain = before_}; }

}  // namespace datahub::source::files
