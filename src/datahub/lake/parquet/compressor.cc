#include "datahub/lake/parquet/compressor.h"

#include <fmt/format.h>

#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_compressSequences
#include <zstd.h>

#include <ctime>
#include <vector>

#include "datahub/base/hash.h"

namespace datahub::lake::parquet {

namespace {

constexpr size_t kSampleBytes = 32u << 10;
constexpr uint32_t kWidthMax = 1024;  // far within any window
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

template <class T>
T DifferenceAt(const char* at, size_t distance) {
  T a;
  T b;
  std::memcpy(&a, at, sizeof(T));
  std::memcpy(&b, at - distance, sizeof(T));
  return a ^ b;
}

// How many bytes from `at` on are what stands `distance` before them.
size_t SameBytes(const char* at, const char* end, size_t distance) {
  const char* const begin = at;
  for (; end - at >= 8; at += 8) {
    if (const auto difference = DifferenceAt<uint64_t>(at, distance); difference != 0) {
      return static_cast<size_t>(at - begin) + static_cast<size_t>(__builtin_ctzll(difference)) / 8;
    }
  }
  while (at < end && *at == *(at - distance)) ++at;
  return static_cast<size_t>(at - begin);
}

}  // namespace

// What values share with their neighbours, as zstd's sequences: literals, then a copy of what stands one width before.
struct Compressor::Matches {
  std::vector<ZSTD_Sequence> sequences;

  // Gives how many bytes are shared.
  size_t Find(std::string_view raw, uint32_t width) {
    sequences.clear();
    size_t shared = 0;
    if (raw.size() < size_t{width} * 2) return shared;
    const char* const end = raw.data() + raw.size();
    const char* literals = raw.data();
    for (const char* at = raw.data() + width; end - at >= kMatchMin;) {
      if (const auto difference = DifferenceAt<uint32_t>(at, width); difference != 0) {
        at += 4 - __builtin_clz(difference) / 8;  // behind the last byte that differs
        continue;
      }
      const size_t same = SameBytes(at, end, width);
      sequences.push_back({width, static_cast<unsigned>(at - literals), static_cast<unsigned>(same), 0});
      at += same;
      literals = at;
      shared += same;
    }
    return shared;
  }

  // How many of them end within so many bytes.
  size_t Within(size_t bytes) const {
    size_t count = 0;
    size_t end = 0;
    for (; count < sequences.size(); ++count) {
      end += sequences[count].litLength + sequences[count].matchLength;
      if (end > bytes) break;
    }
    return count;
  }

  static constexpr ptrdiff_t kMatchMin = 4;
};

Compressor::Compressor() : context_(ZSTD_createCCtx()), matches_(std::make_unique<Matches>()) {
  DH_ASSERT(context_ != nullptr);
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
  if (width == 0 || width > kWidthMax) {
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
    if (ZSTD_isError(searched) != 0 || searched < with_neighbours(sample)) {
      return ZSTD_compress2(context_, to, room, raw.data(), raw.size());
    }
  }
  return with_neighbours(raw);
}

Result<size_t> Compressor::Compress(std::string_view raw, uint32_t width, char* to, size_t room) {
  const int64_t begin = ThreadTimeNs();
  const size_t size = CompressAny(raw, width, to, room);
  time_ns_ += ThreadTimeNs() - begin;
  if (ZSTD_isError(size) != 0) {
    return Error{Code::kInternal,
                 fmt::format("compressing a Parquet page of {} bytes failed: {}", raw.size(), ZSTD_getErrorName(size))};
  }
  return size;
}

}  // namespace datahub::lake::parquet
