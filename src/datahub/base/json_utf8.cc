#include "datahub/base/json_utf8.h"

#include <bit>
#include <cstring>

namespace datahub::json {
namespace {

// Bytes of the well-formed sequence at `at`, or 0 (Unicode 15, table 3-7).
size_t SequenceAt(const unsigned char* at, size_t left) {
  const unsigned char lead = at[0];
  const auto continues = [&](size_t i) { return i < left && (at[i] & 0xC0) == 0x80; };
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xE0 && at[1] < 0xA0) return 0;
    if (lead == 0xED && at[1] > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xF0 && at[1] < 0x90) return 0;
    if (lead == 0xF4 && at[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t at = 0;
  while (at < text.size()) {
    uint64_t word = 0;
    while (at + 8 <= text.size()) {
      std::memcpy(&word, bytes + at, 8);
      if (word & 0x8080808080808080u) break;
      at += 8;
    }
    if (at == text.size()) break;
    const size_t size = SequenceAt(bytes + at, text.size() - at);
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

size_t DecodeUtf8(std::string_view text, char32_t& point) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  point = size == 1 ? lead : lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return size;
}

char* EncodeUtf8(uint32_t point, char* to) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | (point >> 6));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | (point >> 12));
    *to++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | (point >> 18));
    *to++ = static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    *to++ = static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return to;
}

size_t CodePoints(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  size_t continued = 0;
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    continued += static_cast<size_t>(std::popcount((word >> 7) & ~(word >> 6) & kOnes));
  }
  for (; at < text.size(); ++at) continued += (text[at] & 0xC0) == 0x80;
  return text.size() - continued;
}

}  // namespace datahub::json
