#include "datahub/query/display_width.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>

#include <fmt/format.h>

namespace datahub::query {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Unicode's general categories Mn, Me and Cf, the blocks that occur in text.
constexpr std::array<Range, 12> kNoWidth = {{{0x0300, 0x036f},
                                             {0x0483, 0x0489},
                                             {0x0591, 0x05bd},
                                             {0x0610, 0x061a},
                                             {0x064b, 0x065f},
                                             {0x200b, 0x200f},
                                             {0x202a, 0x202e},
                                             {0x2060, 0x2064},
                                             {0x20d0, 0x20f0},
                                             {0xfe00, 0xfe0f},
                                             {0xfe20, 0xfe2f},
                                             {0xfeff, 0xfeff}}};
// East Asian width W and F, and emoji.
constexpr std::array<Range, 9> kDoubleWidth = {{{0x1100, 0x115f},
                                                {0x2e80, 0x303e},
                                                {0x3041, 0xa4cf},
                                                {0xac00, 0xd7a3},
                                                {0xf900, 0xfaff},
                                                {0xfe30, 0xfe6f},
                                                {0xff00, 0xff60},
                                                {0x1f300, 0x1faff},
                                                {0x20000, 0x3fffd}}};

bool IsIn(std::span<const Range> ranges, uint32_t point) {
  return std::any_of(ranges.begin(), ranges.end(), [&](Range r) { return point >= r.first && point <= r.last; });
}

struct Character {
  uint32_t point = 0;
  size_t bytes = 0;  // 0: not UTF-8
};

Character First(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  uint32_t point = lead & (0xff >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[bytes] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return {};
  return {point, bytes};
}

size_t WidthOf(uint32_t point) {
  if (point < 0x300) return 1;
  if (IsIn(kNoWidth, point)) return 0;
  return IsIn(kDoubleWidth, point) ? 2 : 1;
}

// C0, DEL, C1, and marks that turn the direction of what follows.
bool IsControl(uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

void AppendEscape(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

void AppendVisible(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character character = First(text);
    const size_t bytes = std::max<size_t>(1, character.bytes);
    if (character.bytes == 0 || IsControl(character.point)) {
      AppendEscape(out, text.substr(0, bytes));
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = First(text);
    width += character.bytes == 0 ? 1 : WidthOf(character.point);
    text.remove_prefix(std::max<size_t>(1, character.bytes));
  }
  return width;
}

std::string CutToWidth(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t taken = 0;
  size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = First(text.substr(bytes));
    const size_t more = character.bytes == 0 ? 1 : WidthOf(character.point);
    if (taken + more + 1 > width) break;
    taken += more;
    bytes += std::max<size_t>(1, character.bytes);
  }
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace datahub::query
