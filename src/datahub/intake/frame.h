#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "datahub/intake/block.h"

namespace datahub::intake {

// What one group commit wrote: a run of blocks that begins at a page. The header is the beginning of the payload.
struct FrameHeader {
  uint32_t magic = kMagic;
  uint32_t blocks = 0;          // with the header's
  uint64_t sequence = 0;        // 1, 2, 3… over all segments
  uint64_t synced_through = 0;  // frames known durable when this one was written: one is in flight, so sequence - 1
  uint64_t stream_offset = 0;   // of the entries' first byte; the log's entries are one stream of bytes
  uint32_t entry_bytes = 0;
  uint32_t entries = 0;
  int64_t written_at_us = 0;  // microseconds UTC

  static constexpr uint32_t kMagic = 0x4d524644;  // "DFRM"
};
static_assert(sizeof(FrameHeader) == 48);

constexpr size_t BlocksOf(size_t entry_bytes) {
  return (sizeof(FrameHeader) + entry_bytes + kBlockPayloadBytes - 1) / kBlockPayloadBytes;
}
constexpr size_t RoundUpToPage(size_t blocks) { return (blocks + kPageBlocks - 1) / kPageBlocks * kPageBlocks; }

// A frame being filled; entries are copied to where they will be written from. Memory is kept from frame to frame.
class FrameBuilder {
 public:
  FrameBuilder() { Clear(); }

  void Clear();
  void Append(const void* bytes, size_t size);
  void CountEntry() { ++entries_; }

  size_t entry_bytes() const { return payload_bytes_ - sizeof(FrameHeader); }
  uint32_t entries() const { return entries_; }

  // The frame's pages, complete; `header` needs sequence, synced_through, stream_offset and time. Until the next change.
  std::string_view Seal(FrameHeader header, uint64_t nonce, uint32_t first_block);

 private:
  void Grow(size_t blocks);

  std::unique_ptr<char[]> blocks_;
  size_t capacity_ = 0;  // blocks
  size_t payload_bytes_ = 0;
  uint32_t entries_ = 0;
};

// The entries of a frame in one piece, from the blocks of `frame`, which are good.
void CopyEntries(const char* frame, const FrameHeader& header, std::vector<char>& out);

FrameHeader HeaderOf(const char* frame);

}  // namespace datahub::intake
