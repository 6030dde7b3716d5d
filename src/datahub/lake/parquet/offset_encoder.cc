#include "datahub/lake/parquet/offset_encoder.h"

#include <algorithm>
#include <cstring>

namespace datahub::lake::parquet {
namespace {

constexpr size_t kLowDigits = 8;
constexpr size_t kHighDigits = kOffsetDigits - kLowDigits;

// The eight digits of a number below 10^8 as text: the first digit is the lowest byte.
inline uint64_t EightDigits(uint32_t value) {
  // Two halves of four, four of two, eight of one: each step divides all parts at once by multiplying with a reciprocal.
  const uint64_t high = value / 10000;
  const uint64_t low = value % 10000;
  const uint64_t fours = high | low << 32;
  const uint64_t hundreds = (fours * 10486 >> 20) & 0x7F0000007Full;
  const uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const uint64_t tens = (twos * 103 >> 10) & 0x000F000F000F000Full;
  const uint64_t ones = tens | (twos - tens * 10) << 8;
  return ones | 0x3030303030303030ull;
}

}  // namespace

void FormatOffset(uint64_t offset, char* out) {
  const uint64_t low = EightDigits(static_cast<uint32_t>(offset % 100'000'000));
  uint64_t high = offset / 100'000'000;
  std::memcpy(out + kHighDigits, &low, kLowDigits);
  for (size_t i = kHighDigits; i-- > 0; high /= 10) out[i] = static_cast<char>('0' + high % 10);
}

void OffsetEncoder::Reset(Encodings encodings) {
  with_deltas_ = encodings == Encodings::kDelta;
  prefixes_.Reset();
  suffixes_.Reset();
  prefix_blocks_.Clear();
  suffix_blocks_.Clear();
  count_ = 0;
}

void OffsetEncoder::Add(const uint64_t* offsets, size_t count, RawPage& page) {
  if (count == 0) return;
  uint64_t min = count_ == 0 ? offsets[0] : min_;
  uint64_t max = count_ == 0 ? offsets[0] : max_;
  for (size_t i = 0; i < count; ++i) {
    min = std::min(min, offsets[i]);
    max = std::max(max, offsets[i]);
  }
  min_ = min;
  max_ = max;
  if (with_deltas_) {
    AddWithDeltas(offsets, count, page);
  } else {
    AddPlain(offsets, count, page);
  }
}

// A length and 20 digits each; the first twelve are made anew only where they change.
void OffsetEncoder::AddPlain(const uint64_t* offsets, size_t count, RawPage& page) {
  constexpr uint32_t kSize = kOffsetDigits;
  char front[sizeof kSize + kOffsetDigits];
  std::memcpy(front, &kSize, sizeof kSize);
  FormatOffset(count_ == 0 ? offsets[0] : high_ * kLowModulus, front + sizeof kSize);
  if (count_ == 0) high_ = offsets[0] / kLowModulus;
  char* out = page.body.Reserve(count * sizeof front);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t high = offsets[i] / kLowModulus;
    if (high != high_) [[unlikely]] {
      FormatOffset(offsets[i], front + sizeof kSize);
      high_ = high;
    }
    const uint64_t text = EightDigits(static_cast<uint32_t>(offsets[i] - high * kLowModulus));
    std::memcpy(out, front, sizeof front - kLowDigits);
    std::memcpy(out + sizeof front - kLowDigits, &text, kLowDigits);
    out += sizeof front;
  }
  page.body.Extend(count * sizeof front);
  count_ += count;
}

void OffsetEncoder::AddWithDeltas(const uint64_t* offsets, size_t count, RawPage& page) {
  while (count > 0) {
    const size_t n = std::min(count, kStep);
    int32_t prefixes[kStep];
    int32_t suffixes[kStep];
    char* out = page.body.Reserve(n * kOffsetDigits);
    char* const begin = out;
    for (size_t i = 0; i < n; ++i) {
      const uint64_t offset = offsets[i];
      const uint64_t high = offset / kLowModulus;
      const uint64_t text = EightDigits(static_cast<uint32_t>(offset - high * kLowModulus));
      if (high == high_ && count_ > 0) [[likely]] {
        // Digits in common are zero bytes at the low end of the difference. All eight: shifting by 64 is undefined, and
        // nothing of the word counts.
        const uint64_t difference = text ^ low_text_;
        const int same = difference == 0 ? 8 : __builtin_ctzll(difference) / 8;
        const uint64_t rest = text >> (8 * same & 63);
        std::memcpy(out, &rest, 8);
        out += 8 - same;
        prefixes[i] = static_cast<int32_t>(kHighDigits) + same;
      } else {
        prefixes[i] = count_ == 0 ? 0 : PrefixOf(high);
        char digits[kOffsetDigits];
        FormatOffset(offset, digits);
        std::memcpy(out, digits + prefixes[i], kOffsetDigits - static_cast<size_t>(prefixes[i]));
        out += static_cast<int32_t>(kOffsetDigits) - prefixes[i];
      }
      suffixes[i] = static_cast<int32_t>(kOffsetDigits) - prefixes[i];
      high_ = high;
      low_text_ = text;
      ++count_;
    }
    page.body.Extend(static_cast<size_t>(out - begin));
    prefixes_.Add(prefixes, n, prefix_blocks_);
    suffixes_.Add(suffixes, n, suffix_blocks_);
    offsets += n;
    count -= n;
  }
}

// How many of the first twelve digits are the last offset's, which differ somewhere.
int32_t OffsetEncoder::PrefixOf(uint64_t high) const {
  uint64_t a = high;
  uint64_t b = high_;
  int32_t same = static_cast<int32_t>(kHighDigits);
  for (; a != b; a /= 10, b /= 10) --same;
  return same;
}

void OffsetEncoder::Close(RawPage& page) {
  if (!with_deltas_) return;
  prefixes_.Finish(prefix_blocks_);
  suffixes_.Finish(suffix_blocks_);
  prefixes_.AppendHeader(page.front);
  page.front.Append(prefix_blocks_.view());
  suffixes_.AppendHeader(page.front);
  page.front.Append(suffix_blocks_.view());
}

Bounds OffsetEncoder::bounds() const {
  if (count_ == 0) return {};
  char min[kOffsetDigits];
  char max[kOffsetDigits];
  FormatOffset(min_, min);
  FormatOffset(max_, max);
  return BoundsOf(std::string_view(min, kOffsetDigits), std::string_view(max, kOffsetDigits), true);
}

}  // namespace datahub::lake::parquet
