#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/intake/log.h"

namespace datahub::intake {

// The durable frames of a log, one after the other, from the one that holds an offset of its stream.
//
//   LogCursor(log, offset) -> { Next -> entries }*
//
// Memory   one frame
// Errors   NotFound: the offset is before the log's beginning · Corruption, naming file and offset
// Threads  one at a time; the log goes on
class LogCursor {
 public:
  LogCursor(const Log& log, uint64_t offset) : log_(log), offset_(offset) {}

  // False: nothing more is durable.
  Result<bool> Next();

  const FrameHeader& header() const { return header_; }
  // Until the next call of Next.
  EntryCursor entries() const { return {{entries_.data(), entries_.size()}, header_.stream_offset}; }

 private:
  Result<void> Seek();
  Result<bool> ReadHeader();
  Result<void> ReadFrame();

  const Log& log_;
  uint64_t offset_;
  std::shared_ptr<const Segment> segment_;
  uint32_t block_ = kFirstFrameBlock;
  uint64_t sequence_ = 0;  // of the frame expected
  FrameHeader header_;
  std::vector<char> pages_;
  std::vector<char> entries_;
};

}  // namespace datahub::intake
