#include "datahub/source/files/compressed_stream.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "datahub/base/exhaustion.h"

namespace datahub::source::files {
namespace {

constexpr size_t kInputBytes = 256 << 10;
constexpr size_t kSkipBytes = 64 << 10;

class GzipDecoder final : public Decoder {
 public:
  // 16: gzip and nothing else; the header is checked by zlib.
  GzipDecoder() {
    if (inflateInit2(&state_, 16 + MAX_WBITS) != Z_OK) NoMemory();
  }
  ~GzipDecoder() override { inflateEnd(&state_); }

  Step Decode(std::string_view input, char* to, size_t size) override {
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    state_.avail_in = static_cast<uInt>(std::min(input.size(), kMost));
    state_.next_out = reinterpret_cast<Bytef*>(to);
    state_.avail_out = static_cast<uInt>(std::min(size, kMost));
    const int answer = inflate(&state_, Z_NO_FLUSH);
    if (answer == Z_MEM_ERROR) NoMemory();  // no damage
    Step step;
    step.taken = static_cast<size_t>(reinterpret_cast<char*>(state_.next_in) - input.data());
    step.given = static_cast<size_t>(reinterpret_cast<char*>(state_.next_out) - to);
    step.frame_ended = answer == Z_STREAM_END;
    if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR) {
      step.damage = state_.msg != nullptr ? state_.msg : fmt::format("zlib error {}", answer);
    }
    return step;
  }
  // gzip(1) passes over zeros behind a member (tapes, block devices).
  bool IsPadding(char byte) const override { return byte == '\0'; }
  void Reset() override { inflateReset(&state_); }

 private:
  z_stream state_{};
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : state_(ZSTD_createDStream()) {
    if (state_ == nullptr) NoMemory();
    ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(state_); }

  Step Decode(std::string_view input, char* to, size_t size) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{to, size, 0};
    const size_t answer = ZSTD_decompressStream(state_, &out, &in);
    if (ZSTD_getErrorCode(answer) == ZSTD_error_memory_allocation) NoMemory();
    Step step{.taken = in.pos, .given = out.pos, .frame_ended = answer == 0, .damage = {}};
    if (ZSTD_isError(answer) != 0) step.damage = ZSTD_getErrorName(answer);
    return step;
  }
  bool IsPadding(char) const override { return false; }
  void Reset() override { ZSTD_DCtx_reset(state_, ZSTD_reset_session_only); }

 private:
  ZSTD_DStream* state_;
};

class CompressedStream final : public ByteStream {
 public:
  CompressedStream(std::unique_ptr<Decoder> decoder, const OpenFile& file, uint64_t size)
      : decoder_(std::move(decoder)), file_(file), size_(size), input_(kInputBytes) {}

  Result<size_t> Read(char* to, size_t size) override {
    size_t given = 0;
    while (given < size && !damage_ && !ended_) {
      if (!amid_frame_ && !DH_TRY(BeginFrame())) break;
      const Decoder::Step step = decoder_->Decode(left_, to + given, size - given);
      left_.remove_prefix(step.taken);
      given += step.given;
      at_ += step.given;
      if (step.frame_ended) amid_frame_ = false;
      if (!step.damage.empty()) Damage(step.damage);
      if (step.taken > 0 || step.given > 0 || step.frame_ended || damage_) continue;
      // The decoder gives what it holds back before it wants more, so only now it is hungry.
      if (!left_.empty()) {
        Damage("the decoder makes no progress");
      } else if (!DH_TRY(Refill())) {
        break;
      }
    }
    // What was good comes first; the damage with the next call.
    if (given == 0 && damage_) return *damage_;
    return given;
  }

  Result<bool> SkipTo(uint64_t offset) override {
    std::vector<char> passed(kSkipBytes);
    while (at_ < offset) {
      if (DH_TRY(Read(passed.data(), std::min<uint64_t>(passed.size(), offset - at_))) == 0) return false;
    }
    return true;
  }

  bool whole() const override { return !amid_frame_; }
  uint64_t stored_bytes() const override { return read_ - left_.size(); }

 private:
  // False at the end of the file.
  Result<bool> Refill() {
    const uint64_t want = std::min<uint64_t>(input_.size(), size_ - read_);
    const size_t got = DH_TRY(file_.ReadAt(input_.data(), want, read_));
    read_ += got;
    left_ = std::string_view(input_.data(), got);
    ended_ = got == 0;
    return got > 0;
  }

  // False when no other frame follows.
  Result<bool> BeginFrame() {
    do {
      while (frames_ > 0 && !left_.empty() && decoder_->IsPadding(left_.front())) left_.remove_prefix(1);
      if (!left_.empty()) {
        decoder_->Reset();
        amid_frame_ = true;
        ++frames_;
        return true;
      }
    } while (DH_TRY(Refill()));
    return false;
  }

  void Damage(std::string_view how) {
    damage_ = Error{Code::kInvalidInput, fmt::format("{} is damaged at stored byte {} (byte {} of the content): {}",
                                                     file_.path(), stored_bytes(), at_, how)};
  }

  std::unique_ptr<Decoder> decoder_;
  const OpenFile& file_;
  uint64_t size_;
  std::vector<char> input_;
  std::string_view left_;
  uint64_t read_ = 0;
  uint64_t at_ = 0;
  uint64_t frames_ = 0;
  bool amid_frame_ = false;
  bool ended_ = false;
  std::optional<Error> damage_;
};

}  // namespace

std::unique_ptr<ByteStream> OpenGzipStream(const OpenFile& file, uint64_t size) {
  return std::make_unique<CompressedStream>(std::make_unique<GzipDecoder>(), file, size);
}

std::unique_ptr<ByteStream> OpenZstdStream(const OpenFile& file, uint64_t size) {
  return std::make_unique<CompressedStream>(std::make_unique<ZstdDecoder>(), file, size);
}

}  // namespace datahub::source::files
