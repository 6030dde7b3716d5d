#include "datahub/intake/segment.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace datahub::intake {
namespace {

constexpr std::string_view kSegmentSuffix = ".log";
constexpr size_t kNameDigits = 20;

Error Damaged(const std::string& path, uint64_t offset, std::string_view what) {
  return {Code::kCorruption,
          fmt::format("the intake log is damaged: {} at byte {}: {}. Acknowledged records may be in it, so nothing was "
                      "changed. Restore the file from a backup, or move the log's folder away to start an empty one",
                      path, offset, what)};
}

}  // namespace

std::optional<Error> OtherVersion(std::string_view bytes, std::string_view ours, const std::string& path) {
  const std::string_view version = bytes.substr(0, kMagicBytes).substr(kMagicBytes - 2);
  const std::string_view mine = ours.substr(kMagicBytes - 2, 2);
  const bool is_one = bytes.size() >= kMagicBytes &&
                      bytes.substr(0, kMagicBytes - 2) == ours.substr(0, kMagicBytes - 2) &&
                      version.find_first_not_of("0123456789") == version.npos && version != mine;
  if (!is_one) return std::nullopt;
  return Error{Code::kInvalidInput,
               fmt::format("{} of the intake log was made by {} datahub (its format is version {}, this program's {}); "
                           "let the datahub that made it land what is in the log, or move the log's folder away to "
                           "start an empty one",
                           path, version > mine ? "a newer" : "an older", version, mine)};
}

std::string SegmentName(uint64_t first_sequence) { return fmt::format("{:020}{}", first_sequence, kSegmentSuffix); }

std::optional<uint64_t> ParseSegmentName(std::string_view name) {
  if (name.size() != kNameDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) return std::nullopt;
  uint64_t sequence = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + kNameDigits, sequence);
  if (failure != std::errc() || end != name.data() + kNameDigits) return std::nullopt;
  return sequence;
}

std::string HeaderPage(const SegmentHeader& header) {
  std::string page(kPageBytes, '\0');
  std::memcpy(page.data(), &header, sizeof(header));
  SealBlock(page.data(), 0, 0, header.first_sequence);
  return page;
}

Result<SegmentHeader> ReadHeader(std::string_view page, uint64_t file_bytes, const std::string& path) {
  uint32_t sequence = 0;
  if (page.size() < kPageBytes) return Damaged(path, page.size(), "the file ends before its header does");
  if (LookAtBlock(page.data(), 0, 0, &sequence) != BlockState::kGood)
    return Damaged(path, 0, "its header is not whole");
  SegmentHeader header;
  std::memcpy(&header, page.data(), sizeof(header));
  if (header.magic != SegmentHeader::kMagic) {
    if (const auto other = OtherVersion(page, HeaderPage({}), path)) return *other;
    return Damaged(path, 0, "it is not a segment");
  }
  const std::string_view rest = page.substr(kBlockBytes, kPageBytes - kBlockBytes);
  const size_t odd = rest.find_first_not_of('\0');
  if (odd != std::string_view::npos) return Damaged(path, kBlockBytes + odd, "there should be zeros");
  if (header.bytes != file_bytes) {
    return Damaged(path, std::min(header.bytes, file_bytes),
                   fmt::format("the file has {} bytes and was made with {}", file_bytes, header.bytes));
  }
  return header;
}

namespace {

class Scan {
 public:
  Scan(std::string_view image, const SegmentHeader& header, const std::string& path)
      : image_(image), header_(header), path_(path), blocks_(static_cast<uint32_t>(image.size() / kBlockBytes)) {
    result_ = {header.first_sequence, header.base_offset, kFirstFrameBlock, std::nullopt};
  }

  // True: a whole frame. False: none begins here, or not all of it is there.
  Result<bool> Frame(ScannedFrame* frame) {
    const uint32_t first = result_.next_block;
    if (first >= blocks_) return false;
    if (!DH_TRY(IsThere(first))) return false;
    frame->blocks = At(first);
    frame->first_block = first;
    frame->header = HeaderOf(frame->blocks);
    DH_TRY(CheckHeader(frame->header, first));
    const uint32_t end = first + frame->header.blocks;
    for (uint32_t block = first + 1; block < end; ++block) {
      if (!DH_TRY(IsThere(block))) return false;
    }
    const auto page_end = first + static_cast<uint32_t>(RoundUpToPage(frame->header.blocks));
    for (uint32_t block = end; block < page_end; ++block) {
      if (DH_TRY(IsThere(block))) return Damage(block, "a block where there should be zeros");
    }
    result_.next_block = page_end;
    result_.next_sequence += 1;
    result_.end_offset += frame->header.entry_bytes;
    return true;
  }

  // What follows the last whole frame: zeros, or pieces of one frame.
  Result<void> Tail() {
    uint32_t pieces = 0;
    for (uint32_t block = result_.next_block; block < blocks_; ++block) {
      if (DH_TRY(IsThere(block))) ++pieces;
    }
    if (pieces == 0) return {};
    result_.torn = fmt::format("{} at byte {}: frame {} was not written whole ({} blocks of it are there)", path_,
                               uint64_t(result_.next_block) * kBlockBytes, result_.next_sequence, pieces);
    return {};
  }

  ScanResult& result() { return result_; }

 private:
  const char* At(uint32_t block) const { return image_.data() + size_t(block) * kBlockBytes; }
  Error Damage(uint32_t block, std::string_view what) const {
    return Damaged(path_, uint64_t(block) * kBlockBytes, what);
  }

  // False: zeros. Good blocks are of the frame being looked at: a later frame is only begun when this one is durable.
  Result<bool> IsThere(uint32_t block) {
    uint32_t sequence = 0;
    switch (LookAtBlock(At(block), header_.nonce, block, &sequence)) {
      case BlockState::kZero:
        return false;
      case BlockState::kBad:
        return Damage(block, "a block does not have its checksum");
      case BlockState::kGood:
        break;
    }
    if (sequence == static_cast<uint32_t>(result_.next_sequence)) return true;
    return Damage(result_.next_block,
                  fmt::format("frame {} is missing or not whole, though what was written after it at byte {} says "
                              "that it was durable",
                              result_.next_sequence, uint64_t(block) * kBlockBytes));
  }

  Result<void> CheckHeader(const FrameHeader& header, uint32_t first) {
    const bool fits = header.magic == FrameHeader::kMagic && header.sequence == result_.next_sequence &&
                      header.synced_through == header.sequence - 1 && header.stream_offset == result_.end_offset &&
                      header.blocks == BlocksOf(header.entry_bytes) &&
                      uint64_t(first) + RoundUpToPage(header.blocks) <= blocks_;
    if (fits) return {};
    return Damage(first, fmt::format("frame {} should begin here", result_.next_sequence));
  }

  const std::string_view image_;
  const SegmentHeader& header_;
  const std::string& path_;
  const uint32_t blocks_;
  ScanResult result_;
};

}  // namespace

Result<ScanResult> ScanSegment(std::string_view image, const SegmentHeader& header, const std::string& path,
                               const std::function<Result<void>(const ScannedFrame&)>& frame) {
  Scan scan(image, header, path);
  ScannedFrame found;
  while (DH_TRY(scan.Frame(&found))) DH_TRY(frame(found));
  DH_TRY(scan.Tail());
  return scan.result();
}

Result<SegmentHeader> RowScan::Add(std::string_view name, std::string_view image, const std::string& path,
                                   const std::function<Result<void>(const ScannedFrame&)>& frame) {
  const SegmentHeader header = DH_TRY(ReadHeader(image.substr(0, kPageBytes), image.size(), path));
  const bool follows = !any_ || (header.log_id == log_id_ && header.first_sequence == result_.next_sequence &&
                                 header.base_offset == result_.end_offset);
  if (header.first_sequence != ParseSegmentName(name) || !follows) {
    return Damaged(path, 0,
                   fmt::format("it begins with frame {} at {} of the stream, where frame {} at {} should follow: a "
                               "segment is missing, swapped or of another log",
                               header.first_sequence, header.base_offset, result_.next_sequence, result_.end_offset));
  }
  if (result_.torn) return Damaged(path, 0, fmt::format("it follows {}", *result_.torn));
  any_ = true;
  log_id_ = header.log_id;
  result_ = DH_TRY(ScanSegment(image, header, path, frame));
  return header;
}

}  // namespace datahub::intake
