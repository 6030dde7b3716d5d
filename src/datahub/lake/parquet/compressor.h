#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "datahub/lake/parquet/byte_buffer.h"

struct ZSTD_CCtx_s;

namespace datahub::lake::parquet {

// zstd with one context for all pages. Every frame carries a checksum of what it holds: a bit that flips later is an
// error of a reader that checks it, not another value.
//
// Pages of values of one width, each near the one before (timestamps, offsets), are spared the search for matches, which
// is most of the work: what a value shares with its neighbour is all that there is, and it stands at their beginnings or
// their ends.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void SetLevel(int level);
  // Room that Compress may need.
  static size_t BytesMax(size_t raw);
  // Writes to `to`, where `room` >= BytesMax; gives the size. `width`: of each of the values that `raw` ends with, which
  // are likely to be near their neighbours; 0: anything.
  Result<size_t> Compress(std::string_view raw, uint32_t width, char* to, size_t room);

  // A frame of `raw` as it is, for what zstd makes no smaller: readers copy it.
  static size_t Store(std::string_view raw, char* to, size_t room);

  int64_t time_us() const { return static_cast<int64_t>(time_ns_ / 1000); }  // of a core, spent in Compress

 private:
  struct Matches;

  void SetMinMatch(int bytes);
  size_t CompressAny(std::string_view raw, uint32_t width, char* to, size_t room);

  ZSTD_CCtx_s* context_;
  std::unique_ptr<Matches> matches_;
  int level_ = 0;
  int min_match_ = 0;
  int64_t time_ns_ = 0;
};

}  // namespace datahub::lake::parquet
