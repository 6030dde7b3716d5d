#include "datahub/lake/parquet/compressor.h"

#include <fmt/format.h>

#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_compressSequences
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <vector>

#include "datahub/base/exhaustion.h"
#include "datahub/base/hash.h"

namespace datahub::lake::parquet {

namespace {

constexpr size_t kSampleBytes = 8u << 10;
constexpr size_t kSearchWorth = 32;  // a search must save more than one of so many bytes: it takes twice the time
constexpr uint32_t kWidthMin = 8;
constexpr uint32_t kWidthMax = 512;  // some of them fit the sample
// Of a frame that holds its bytes as they are.
constexpr uint32_t kFourByteSize = 2u << 6;
constexpr uint32_t kWithChecksum = 1u << 2;
constexpr uint32_t kWindowOf128KiB = (17 - 10) << 3;
constexpr uint32_t kLastBlock = 1;
constexpr int kMinMatch = 5;  // of pages of one width; fast levels look for seven, more than what two numbers share

int64_t ThreadTimeNs() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// The bits in which the eight bytes from `at` on differ from those `distance` before them.
uint64_t DifferenceAt(const char* at, size_t distance) {
  uint64_t a;
  uint64_t b;
  std::memcpy(&a, at, sizeof a);
  std::memcpy(&b, at - distance, sizeof b);
  return a ^ b;
}

// How many of a value's first bytes are those of the value before it; the same for its last bytes, up to eight.
size_t SharedAtBegin(const char* value, size_t width) {
  for (size_t i = 0; i + sizeof(uint64_t) <= width; i += sizeof(uint64_t)) {
    if (const uint64_t difference = DifferenceAt(value + i, width); difference != 0) {
      return i + static_cast<size_t>(__builtin_ctzll(difference)) / 8;
    }
  }
  const size_t last = width - sizeof(uint64_t);
  const uint64_t difference = DifferenceAt(value + last, width);
  return difference == 0 ? width : last + static_cast<size_t>(__builtin_ctzll(difference)) / 8;
}
size_t SharedAtEnd(const char* value, size_t width) {
  const uint64_t difference = DifferenceAt(value + width - sizeof(uint64_t), width);
  return difference == 0 ? sizeof(uint64_t) : static_cast<size_t>(__builtin_clzll(difference)) / 8;
}

}  // namespace

// What values share with their neighbours, as zstd's sequences: literals, then a copy of what stands one width before. At
// most one a value: the end of the value before and the beginning of its own, but for a few bytes that are the same by
// chance: matches of one size cost less than those of many. Before the values there may be something else (levels).
struct Compressor::Matches {
  std::vector<ZSTD_Sequence> sequences;  // `count` of them; more are kept, which would be zeroed anew for each page
  size_t count = 0;

  // Gives how many bytes are shared.
  size_t Find(std::string_view raw, size_t width) {
    count = 0;
    const size_t values = raw.size() / width;
    if (values < 2) return 0;
    if (sequences.size() < values) sequences.resize(values);
    const char* const end = raw.data() + raw.size();
    const char* literals = raw.data();
    const char* match = raw.data() + raw.size() % width + width;  // its begin, if there is one
    size_t shared = 0;
    const auto end_match = [&](const char* match_end) {
      const auto size = static_cast<size_t>(match_end - match);
      if (size < kMatchMin) return;
      sequences[count++] = {static_cast<unsigned>(width), static_cast<unsigned>(match - literals),
                            static_cast<unsigned>(size), 0};
      shared += size;
      literals = match_end;
    };
    for (const char* value = match; value < end; value += width) {
      size_t same = SharedAtBegin(value, width);
      if (same == width) continue;
      if (same < 2 * kMatchMin) same &= kMatchMin;
      end_match(value + same);
      const size_t at_end = std::min(SharedAtEnd(value, width), width - same);
      match = value + width - (at_end >= kSharedAtEndMin ? at_end : 0);
    }
    if (match < end) end_match(end);
    return shared;
  }

  // How many of them end within so many bytes.
  size_t Within(size_t bytes) const {
    size_t within = 0;
    size_t end = 0;
    for (; within < count; ++within) {
      end += sequences[within].litLength + sequences[within].matchLength;
      if (end > bytes) break;
    }
    return within;
  }

  static constexpr size_t kMatchMin = 4;
  static constexpr size_t kSharedAtEndMin = 3;
};

Compressor::Compressor() : context_(ZSTD_createCCtx()), matches_(std::make_unique<Matches>()) {
  if (context_ == nullptr) NoMemory();
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
}
Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

void Compressor::SetLevel(int level) {
  if (level == level_) return;
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  level_ = level;
}

// 0: the level's own.
void Compressor::SetMinMatch(int bytes) {
  if (bytes == min_match_) return;
  ZSTD_CCtx_setParameter(context_, ZSTD_c_minMatch, bytes);
  min_match_ = bytes;
}

size_t Compressor::BytesMax(size_t raw) {
  return ZSTD_compressBound(raw) + ZSTD_FRAMEHEADERSIZE_MAX + (raw / ZSTD_BLOCKSIZE_MAX + 1) * 3 + sizeof(uint32_t);
}

// Source   RFC 8878, 3.1.1
size_t Compressor::Store(std::string_view raw, char* to, size_t room) {
  DH_ASSERT(room >= BytesMax(raw.size()) && raw.size() <= UINT32_MAX);
  char* at = to;
  const auto append = [&at](uint32_t value, size_t bytes) {
    std::memcpy(at, &value, bytes);
    at += bytes;
  };
  append(ZSTD_MAGICNUMBER, 4);
  append(kFourByteSize | kWithChecksum, 1);
  append(kWindowOf128KiB, 1);
  append(static_cast<uint32_t>(raw.size()), 4);
  std::string_view rest = raw;
  do {
    const std::string_view block = rest.substr(0, ZSTD_BLOCKSIZE_MAX);
    rest.remove_prefix(block.size());
    append(static_cast<uint32_t>(block.size()) << 3 | (rest.empty() ? kLastBlock : 0), 3);  // its type: raw, 0
    std::memcpy(at, block.data(), block.size());
    at += block.size();
  } while (!rest.empty());
  append(static_cast<uint32_t>(Xxh64(raw)), 4);
  return static_cast<size_t>(at - to);
}

size_t Compressor::CompressAny(std::string_view raw, uint32_t width, char* to, size_t room) {
  if (width < kWidthMin || width > kWidthMax) {
    SetMinMatch(0);
    return ZSTD_compress2(context_, to, room, raw.data(), raw.size());
  }
  SetMinMatch(kMinMatch);
  const size_t shared = matches_->Find(raw, width);
  const auto with_neighbours = [&](std::string_view bytes) {
    return ZSTD_compressSequences(context_, to, room, matches_->sequences.data(), matches_->Within(bytes.size()),
                                  bytes.data(), bytes.size());
  };
  if (shared < raw.size() / 2) {
    // Whether a search finds more shows in the first ones.
    const std::string_view sample = raw.substr(0, kSampleBytes);
    const size_t searched = ZSTD_compress2(context_, to, room, sample.data(), sample.size());
    if (ZSTD_isError(searched) != 0 || searched + searched / kSearchWorth < with_neighbours(sample)) {
      return ZSTD_compress2(context_, to, room, raw.data(), raw.size());
    }
  }
  return with_neighbours(raw);
}

Result<size_t> Compressor::Compress(std::string_view raw, uint32_t width, char* to, size_t room) {
  const int64_t begin = ThreadTimeNs();
  const size_t size = CompressAny(raw, width, to, room);
  time_ns_ += ThreadTimeNs() - begin;
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) NoMemory();
  if (ZSTD_isError(size) != 0) {
    return Error{Code::kInternal,
                 fmt::format("compressing a Parquet page of {} bytes failed: {}", raw.size(), ZSTD_getErrorName(size))};
  }
  return size;
}

}  // namespace datahub::lake::parquet
