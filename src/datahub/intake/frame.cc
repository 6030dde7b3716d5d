#include "datahub/intake/frame.h"

#include <algorithm>
#include <cstring>

namespace datahub::intake {
namespace {

constexpr size_t kFirstBlocks = 128;

}  // namespace

void FrameBuilder::Clear() {
  payload_bytes_ = sizeof(FrameHeader);
  entries_ = 0;
}

void FrameBuilder::Grow(size_t blocks) {
  const size_t capacity = std::max({blocks, capacity_ * 2, kFirstBlocks});
  std::unique_ptr<char[]> larger(new char[capacity * kBlockBytes]);
  if (blocks_) std::memcpy(larger.get(), blocks_.get(), capacity_ * kBlockBytes);
  blocks_ = std::move(larger);
  capacity_ = capacity;
}

void FrameBuilder::Append(const void* bytes, size_t size) {
  const size_t needed = RoundUpToPage((payload_bytes_ + size + kBlockPayloadBytes - 1) / kBlockPayloadBytes);
  if (needed > capacity_) Grow(needed);
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const size_t block = payload_bytes_ / kBlockPayloadBytes;
    const size_t at = payload_bytes_ % kBlockPayloadBytes;
    const size_t count = std::min(size, kBlockPayloadBytes - at);
    std::memcpy(blocks_.get() + block * kBlockBytes + at, from, count);
    payload_bytes_ += count;
    from += count;
    size -= count;
  }
}

std::string_view FrameBuilder::Seal(FrameHeader header, uint64_t nonce, uint32_t first_block) {
  if (capacity_ == 0) Grow(kPageBlocks);
  const size_t blocks = BlocksOf(entry_bytes());
  const size_t whole = RoundUpToPage(blocks);
  header.blocks = static_cast<uint32_t>(blocks);
  header.entry_bytes = static_cast<uint32_t>(entry_bytes());
  header.entries = entries_;
  std::memcpy(blocks_.get(), &header, sizeof(header));
  const size_t last = payload_bytes_ - (blocks - 1) * kBlockPayloadBytes;  // bytes in the last block
  char* const end = blocks_.get() + (blocks - 1) * kBlockBytes + last;
  std::memset(end, 0, static_cast<size_t>(blocks_.get() + whole * kBlockBytes - end));
  for (size_t i = 0; i < blocks; ++i) {
    SealBlock(blocks_.get() + i * kBlockBytes, nonce, first_block + static_cast<uint32_t>(i), header.sequence);
  }
  return {blocks_.get(), whole * kBlockBytes};
}

void CopyEntries(const char* frame, const FrameHeader& header, std::vector<char>& out) {
  out.resize(header.entry_bytes);
  char* to = out.data();
  size_t left = header.entry_bytes;
  size_t at = sizeof(FrameHeader);
  for (size_t block = 0; left > 0; ++block, at = 0) {
    const size_t count = std::min(left, kBlockPayloadBytes - at);
    std::memcpy(to, frame + block * kBlockBytes + at, count);
    to += count;
    left -= count;
  }
}

FrameHeader HeaderOf(const char* frame) {
  FrameHeader header;
  std::memcpy(&header, frame, sizeof(header));
  return header;
}

}  // namespace datahub::intake
