#include "datahub/contract/hostname.h"

#include <algorithm>
#include <optional>
#include <string>

#include "datahub/base/json_utf8.h"
#include "datahub/contract/ascii.h"
#include "datahub/contract/pattern.h"

namespace datahub::contract {
namespace {

constexpr size_t kNameBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;

// RFC 3492, section 6.1.
uint32_t Adapt(uint32_t delta, uint32_t points, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / points;
  uint32_t k = 0;
  for (; delta > 455; k += 36) delta /= 35;
  return k + 36 * delta / (delta + 38);
}

// Punycode (RFC 3492, section 6.2) of at most kLabelBytesMax bytes: nothing when it is none, or says only ASCII.
std::optional<std::u32string> DecodePunycode(std::string_view text) {
  std::u32string points;
  const size_t dash = text.rfind('-');
  if (dash != std::string_view::npos) {
    points.assign(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dash));
    text.remove_prefix(dash + 1);
  }
  if (text.empty()) return std::nullopt;
  constexpr uint64_t kPointMax = 0x10FFFF;
  uint64_t point = 128;
  uint64_t i = 0;
  uint32_t bias = 72;
  while (!text.empty()) {
    const uint64_t before = i;
    uint64_t weight = 1;
    for (uint32_t k = 36;; k += 36) {
      if (text.empty()) return std::nullopt;
      const char c = text.front();
      text.remove_prefix(1);
      const uint32_t digit = static_cast<uint32_t>(IsDigit(c) ? c - '0' + 26 : IsLetter(c) ? (c | 0x20) - 'a' : 36);
      if (digit >= 36) return std::nullopt;
      i += digit * weight;
      if (i > (kPointMax + 1) * (kLabelBytesMax + 1)) return std::nullopt;
      const uint32_t least = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < least) break;
      weight *= 36 - least;
    }
    const uint64_t count = points.size() + 1;
    bias = Adapt(static_cast<uint32_t>(i - before), static_cast<uint32_t>(count), before == 0);
    point += i / count;
    i %= count;
    if (point > kPointMax || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
    points.insert(points.begin() + static_cast<std::ptrdiff_t>(i), static_cast<char32_t>(point));
    ++i;
  }
  return points;
}

// How many bytes the label has in Punycode, with its xn-- (RFC 3492, section 6.3).
size_t EncodedBytes(std::u32string_view points) {
  size_t bytes = 4;
  uint32_t done = 0;
  for (const char32_t point : points) done += point < 128 ? 1 : 0;
  bytes += done > 0 ? done + 1 : 0;
  uint64_t delta = 0;
  uint32_t bias = 72;
  bool first = true;
  for (char32_t least = 128; done < points.size();) {
    char32_t next = 0x110000;
    for (const char32_t point : points) next = point >= least ? std::min(next, point) : next;
    delta += uint64_t(next - least) * (done + 1);
    for (const char32_t point : points) {
      if (point < next) ++delta;
      if (point != next) continue;
      uint64_t left = delta;
      for (uint32_t k = 36;; k += 36) {
        const uint32_t threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        ++bytes;
        if (left < threshold) break;
        left = (left - threshold) / (36 - threshold);
      }
      bias = Adapt(static_cast<uint32_t>(delta), done + 1, first);
      first = false;
      delta = 0;
      ++done;
    }
    ++delta;
    least = next + 1;
  }
  return bytes;
}

// Of valid UTF-8.
std::u32string PointsOf(std::string_view text) {
  std::u32string points;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? lead : lead & (0x3F >> more);
    for (size_t k = 1; k <= more && i + k < text.size(); ++k) point = point << 6 | (text[i + k] & 0x3F);
    points += point;
    i += more + 1;
  }
  return points;
}

// The rules of RFC 5892 as patterns: what every code point must be, and what may be nowhere.
constexpr std::string_view kAllowed =
    R"(^[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\-\xb7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb]+$)";
constexpr std::string_view kForbidden =
    R"(^-|-$|^..--|^\p{M}|[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b])"
    R"(|(?<!l)\xb7|\xb7(?!l)|\u0375(?!\p{Script=Greek})|(?<!\p{Script=Hebrew})[\u05f3\u05f4])"
    R"(|[\u0660-\u0669].*[\u06f0-\u06f9]|[\u06f0-\u06f9].*[\u0660-\u0669])"
    R"(|^(?!.*[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]).*\u30fb)";
#define DH_VIRAMAS                                                                                                  \
  R"(\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714)" \
  R"(\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed\u{10a3f}\u{11046})" \
  R"(\u{1107f}\u{110b9}\u{11133}\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f})" \
  R"(\u{116b6}\u{1172b}\u{11839}\u{1193d}\u{1193e}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}\u{11d44}\u{11d45})" \
  R"(\u{11d97})"
constexpr std::string_view kBadJoiner =
    "(?<![" DH_VIRAMAS "])\\u200d|(?<![" DH_VIRAMAS
    R"(\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}])\u200c)";
#undef DH_VIRAMAS

bool IsDecodedLabel(std::u32string_view points) {
  static const auto compile = [](std::string_view expression) { return Pattern::Compile(expression).value(); };
  static const std::shared_ptr<const Pattern> allowed = compile(kAllowed);
  static const std::shared_ptr<const Pattern> forbidden = compile(kForbidden);
  static const std::shared_ptr<const Pattern> bad_joiner = compile(kBadJoiner);
  char text[4 * kLabelBytesMax];
  char* end = text;
  for (const char32_t point : points) end = json::EncodeUtf8(point, end);
  const std::string_view label(text, static_cast<size_t>(end - text));
  return allowed->Matches(label) && !forbidden->Matches(label) && !bad_joiner->Matches(label);
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax || label.front() == '-' || label.back() == '-') return false;
  if (!std::all_of(label.begin(), label.end(), [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; }))
    return false;
  if (label.size() < 4 || label[2] != '-' || label[3] != '-') return true;
  // "--" at the third and fourth place is kept for encoded names.
  if ((label[0] | 0x20) != 'x' || (label[1] | 0x20) != 'n') return false;
  const std::optional<std::u32string> points = DecodePunycode(label.substr(4));
  return points && IsDecodedLabel(*points);
}

bool IsIdnLabel(std::u32string_view points) {
  if (points.size() > kLabelBytesMax) return false;
  if (std::ranges::all_of(points, [](char32_t point) { return point < 128; })) {
    return IsLabel(std::string(points.begin(), points.end()));
  }
  std::u32string lower(points);
  for (char32_t& point : lower) point |= point >= 'A' && point <= 'Z' ? 0x20 : 0;
  return EncodedBytes(lower) <= kLabelBytesMax && IsDecodedLabel(lower);
}

}  // namespace

bool IsIdnHostname(std::string_view text) {
  const std::u32string points = PointsOf(text);
  if (points.empty() || points.size() > kNameBytesMax) return false;
  constexpr std::u32string_view kDots = U".\u3002\uff0e\uff61";
  for (std::u32string_view rest = points;;) {
    const size_t dot = rest.find_first_of(kDots);
    if (!IsIdnLabel(rest.substr(0, dot))) return false;
    if (dot == rest.npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

bool IsHostname(std::string_view text) {
  if (text.empty() || text.size() > kNameBytesMax) return false;
  while (true) {
    const size_t dot = text.find('.');
    if (!IsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace datahub::contract
