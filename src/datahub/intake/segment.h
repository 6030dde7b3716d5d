#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/intake/block.h"
#include "datahub/intake/frame.h"
#include "datahub/storage/posix_file.h"

namespace datahub::intake {

// A file of the log: a header in its first page, then frames, then zeros up to the size it was made with.
struct SegmentHeader {
  uint64_t magic = kMagic;
  uint64_t log_id = 0;  // which log: positions of another mean nothing here
  uint64_t nonce = 0;   // random: tells this segment's blocks from all others'
  uint64_t first_sequence = 0;
  uint64_t base_offset = 0;  // of its first frame's entries in the log's stream
  uint64_t bytes = 0;        // of the file
  int64_t made_at_us = 0;    // microseconds UTC

  // "DHLOG_01": the last two digits are the format's version. The first block is sealed alike in all versions.
  static constexpr uint64_t kMagic = 0x31305f474f4c4844;
  bool operator==(const SegmentHeader&) const = default;
};
inline constexpr uint32_t kFirstFrameBlock = kPageBlocks;
inline constexpr uint64_t kSegmentBytesMin = 64u << 10;
inline constexpr uint64_t kSegmentBytesMax = uint64_t(1) << 31;

// What a frame may hold in a segment of this size.
constexpr size_t EntryBytesMax(uint64_t segment_bytes) {
  return (segment_bytes / kBlockBytes - kFirstFrameBlock) * kBlockPayloadBytes - sizeof(FrameHeader);
}

// InvalidInput when `bytes` begin with the magic text of `ours` but for the version in its last two digits; nothing when
// they do not, or are of this version.
inline constexpr size_t kMagicBytes = 8;
std::optional<Error> OtherVersion(std::string_view bytes, std::string_view ours, const std::string& path);

// "00000000000000000001.log", by the first sequence.
std::string SegmentName(uint64_t first_sequence);
std::optional<uint64_t> ParseSegmentName(std::string_view name);

// The header's page, sealed.
std::string HeaderPage(const SegmentHeader& header);
// Corruption naming `path`, also when the file's size is not the header's. InvalidInput when another version made it.
Result<SegmentHeader> ReadHeader(std::string_view page, uint64_t file_bytes, const std::string& path);

// A frame as a scan finds it; `blocks` are its first.
struct ScannedFrame {
  FrameHeader header;
  uint32_t first_block = 0;
  const char* blocks = nullptr;
};

struct ScanResult {
  uint64_t next_sequence = 0;
  uint64_t end_offset = 0;
  uint32_t next_block = 0;
  std::optional<std::string> torn;  // what was not written whole and is dropped: place and why
};

// Looks at every byte of a segment, given whole. A frame of which blocks are missing (zero) and after which none comes is
// the torn tail: its write was not finished. Everything else that is not as it was written is Corruption, naming file and
// offset.
Result<ScanResult> ScanSegment(std::string_view image, const SegmentHeader& header, const std::string& path,
                               const std::function<Result<void>(const ScannedFrame&)>& frame);

// The segments of a log, in the order of their names: each must follow the one before it, and only the last may be torn.
class RowScan {
 public:
  // Corruption names the file.
  Result<SegmentHeader> Add(std::string_view name, std::string_view image, const std::string& path,
                            const std::function<Result<void>(const ScannedFrame&)>& frame);
  const ScanResult& result() const { return result_; }
  uint64_t log_id() const { return log_id_; }

 private:
  bool any_ = false;
  uint64_t log_id_ = 0;
  ScanResult result_;
};

}  // namespace datahub::intake
