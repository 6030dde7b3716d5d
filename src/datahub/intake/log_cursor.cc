#include "datahub/intake/log_cursor.h"

#include <fmt/format.h>

namespace datahub::intake {
namespace {

Error DamagedAt(const Segment& segment, uint32_t block, std::string_view what) {
  return {Code::kCorruption, fmt::format("the intake log is damaged: {} at byte {}: {}", segment.file.path(),
                                         uint64_t(block) * kBlockBytes, what)};
}

}  // namespace

Result<bool> LogCursor::Next() {
  const uint64_t durable_end = log_.durable_end();
  if (offset_ >= durable_end) return false;
  if (!segment_) DH_TRY(Seek());
  for (;;) {
    if (!DH_TRY(ReadHeader())) {
      // The segment is full: what follows is in the next.
      std::shared_ptr<const Segment> next = DH_TRY(log_.SegmentOf(offset_));
      if (next == segment_) return DamagedAt(*segment_, block_, fmt::format("frame {} is missing", sequence_));
      segment_ = std::move(next);
      block_ = kFirstFrameBlock;
      continue;
    }
    if (header_.stream_offset + header_.entry_bytes > offset_) break;
    block_ += static_cast<uint32_t>(RoundUpToPage(header_.blocks));
    ++sequence_;
  }
  DH_TRY(ReadFrame());
  block_ += static_cast<uint32_t>(RoundUpToPage(header_.blocks));
  ++sequence_;
  offset_ = header_.stream_offset + header_.entry_bytes;
  return true;
}

Result<void> LogCursor::Seek() {
  segment_ = DH_TRY(log_.SegmentOf(offset_));
  block_ = kFirstFrameBlock;
  sequence_ = segment_->header.first_sequence;
  return {};
}

// False: no frame begins here, the segment ends.
Result<bool> LogCursor::ReadHeader() {
  if (block_ >= segment_->header.bytes / kBlockBytes) return false;
  pages_.resize(kPageBytes);
  const size_t read = DH_TRY(segment_->file.ReadAt(uint64_t(block_) * kBlockBytes, pages_.data(), kPageBytes));
  if (read < kPageBytes) return DamagedAt(*segment_, block_, "the file ends");
  uint32_t sequence = 0;
  switch (LookAtBlock(pages_.data(), segment_->header.nonce, block_, &sequence)) {
    case BlockState::kZero:
      if (sequence_ == segment_->header.first_sequence)
        return DamagedAt(*segment_, block_, "a frame should begin here");
      return false;
    case BlockState::kBad:
      return DamagedAt(*segment_, block_, "a block does not have its checksum");
    case BlockState::kGood:
      break;
  }
  header_ = HeaderOf(pages_.data());
  if (header_.magic != FrameHeader::kMagic || header_.sequence != sequence_) {
    return DamagedAt(*segment_, block_, fmt::format("frame {} should begin here", sequence_));
  }
  return true;
}

Result<void> LogCursor::ReadFrame() {
  const size_t bytes = size_t(header_.blocks) * kBlockBytes;
  if (bytes > kPageBytes) {
    pages_.resize(bytes);
    const uint64_t at = uint64_t(block_) * kBlockBytes + kPageBytes;
    const size_t read = DH_TRY(segment_->file.ReadAt(at, pages_.data() + kPageBytes, bytes - kPageBytes));
    if (read < bytes - kPageBytes) return DamagedAt(*segment_, block_, "the file ends in this frame");
  }
  uint32_t sequence = 0;
  for (uint32_t i = 0; i < header_.blocks; ++i) {
    const char* const block = pages_.data() + size_t(i) * kBlockBytes;
    const bool good = LookAtBlock(block, segment_->header.nonce, block_ + i, &sequence) == BlockState::kGood;
    if (!good || sequence != static_cast<uint32_t>(sequence_)) {
      return DamagedAt(*segment_, block_ + i, "a block does not have its checksum");
    }
  }
  CopyEntries(pages_.data(), header_, entries_);
  return {};
}

}  // namespace datahub::intake
