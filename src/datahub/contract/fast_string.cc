#include "datahub/contract/fast_string.h"

#include <cstring>

#include "datahub/base/json_utf8.h"

namespace datahub::contract {
namespace {

// Four hexadecimal digits; `at` is moved behind them.
bool ReadHex(const char*& at, const char* end, uint32_t* unit) {
  if (end - at < 4) return false;
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *at++;
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      number = number * 16 + static_cast<uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      number = number * 16 + static_cast<uint32_t>(lower - 'a' + 10);
    } else {
      return false;
    }
  }
  *unit = number;
  return true;
}

}  // namespace

bool Unescape(std::string_view written, char* const room, std::string_view* text) {
  char* to = room;
  const char* at = written.data();
  const char* const end = at + written.size();
  while (at < end) {
    const auto* slash = static_cast<const char*>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
    const char* const stop = slash == nullptr ? end : slash;
    std::memcpy(to, at, static_cast<size_t>(stop - at));
    to += stop - at;
    if (slash == nullptr) break;
    at = slash + 1;  // never the end: the quote that closes the string is not escaped
    const char kind = *at++;
    constexpr std::string_view kKinds = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t known = kKinds.find(kind); known != std::string_view::npos) {
      *to++ = kMeanings[known];
      continue;
    }
    uint32_t point = 0;
    if (kind != 'u' || !ReadHex(at, end, &point) || (point >= 0xDC00 && point <= 0xDFFF)) return false;
    if (point >= 0xD800 && point <= 0xDBFF) {
      uint32_t low = 0;
      if (end - at < 2 || at[0] != '\\' || at[1] != 'u') return false;
      at += 2;
      if (!ReadHex(at, end, &low) || low < 0xDC00 || low > 0xDFFF) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    to = json::EncodeUtf8(point, to);
  }
  *text = {room, static_cast<size_t>(to - room)};
  return true;
}

}  // namespace datahub::contract
