#include "datahub/lake/parquet/compressor.h"

#include <fmt/format.h>
#include <zstd.h>

#include <ctime>

namespace datahub::lake::parquet {

namespace {

int64_t ThreadTimeNs() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Compressor::Compressor() : context_(ZSTD_createCCtx()) { DH_ASSERT(context_ != nullptr); }
Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

void Compressor::SetLevel(int level) {
  if (level == level_) return;
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  level_ = level;
}

size_t Compressor::BytesMax(size_t raw) { return ZSTD_compressBound(raw); }

Result<size_t> Compressor::Compress(std::string_view raw, char* to, size_t room) {
  const int64_t begin = ThreadTimeNs();
  const size_t size = ZSTD_compress2(context_, to, room, raw.data(), raw.size());
  time_ns_ += ThreadTimeNs() - begin;
  if (ZSTD_isError(size) != 0) {
    return Error{Code::kInternal,
                 fmt::format("compressing a Parquet page of {} bytes failed: {}", raw.size(), ZSTD_getErrorName(size))};
  }
  return size;
}

}  // namespace datahub::lake::parquet
