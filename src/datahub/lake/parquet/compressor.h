#pragma once

#include <memory>
#include <string_view>

#include "datahub/lake/parquet/byte_buffer.h"

struct ZSTD_CCtx_s;

namespace datahub::lake::parquet {

// zstd with one context for all pages.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void SetLevel(int level);
  // Room that Compress may need.
  static size_t BytesMax(size_t raw);
  // Writes to `to`, where `room` >= BytesMax; gives the size.
  Result<size_t> Compress(std::string_view raw, char* to, size_t room);

  int64_t time_us() const { return static_cast<int64_t>(time_ns_ / 1000); }  // of a core, spent in Compress

 private:
  ZSTD_CCtx_s* context_;
  int level_ = 0;
  int64_t time_ns_ = 0;
};

}  // namespace datahub::lake::parquet
