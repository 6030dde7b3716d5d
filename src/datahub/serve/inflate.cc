#include "datahub/serve/inflate.h"

#include <algorithm>
#include <memory>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <fmt/format.h>

#include "datahub/base/exhaustion.h"

namespace datahub::serve {
namespace {

constexpr size_t kStepBytes = 256u << 10;
constexpr int kWindowLogMax = 27;

Error TooLong(size_t bytes_max) {
  return {Code::kLimit, fmt::format("the body is longer than {} bytes when it is decompressed", bytes_max)};
}
Error Damaged(std::string_view encoding) {
  return {Code::kInvalidInput, fmt::format("the body is not {} data, or not all of it", encoding)};
}

Result<std::string> InflateGzip(std::string_view body, size_t bytes_max) {
  z_stream stream{};
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) NoMemory();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, ::inflateEnd);
  std::string out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  for (;;) {
    const size_t before = out.size();
    out.resize(std::min(before + kStepBytes, bytes_max + 1));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(out.size() - before);
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    if (state == Z_MEM_ERROR) NoMemory();  // no damage: the client would throw it away
    out.resize(out.size() - stream.avail_out);
    if (out.size() > bytes_max) return TooLong(bytes_max);
    if (state == Z_STREAM_END && stream.avail_in == 0) return out;
    if (state == Z_STREAM_END) {
      if (::inflateReset(&stream) != Z_OK) return Damaged("gzip");
      continue;
    }
    if (state != Z_OK || (stream.avail_in == 0 && out.size() == before)) return Damaged("gzip");
  }
}

Result<std::string> InflateZstd(std::string_view body, size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(), ::ZSTD_freeDCtx);
  if (context == nullptr) NoMemory();
  ::ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLogMax);
  std::string out;
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  for (;;) {
    const size_t before = out.size();
    out.resize(std::min(before + kStepBytes, bytes_max + 1));
    ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
    const size_t state = ::ZSTD_decompressStream(context.get(), &to, &in);
    if (::ZSTD_getErrorCode(state) == ZSTD_error_memory_allocation) NoMemory();
    out.resize(before + to.pos);
    if (::ZSTD_isError(state) != 0) return Damaged("zstd");
    if (out.size() > bytes_max) return TooLong(bytes_max);
    if (in.pos == in.size && state == 0) return out;
    if (in.pos == in.size && to.pos == 0) return Damaged("zstd");
  }
}

}  // namespace

Result<std::string> Inflate(std::string_view body, std::string_view encoding, size_t bytes_max) {
  if (encoding == "gzip" || encoding == "x-gzip") return InflateGzip(body, bytes_max);
  if (encoding == "zstd") return InflateZstd(body, bytes_max);
  return Error{Code::kInvalidInput,
               fmt::format("Content-Encoding '{}' is not known; gzip and zstd are", encoding.substr(0, 40))};
}

}  // namespace datahub::serve
