#include "datahub/base/json_string.h"

#include <immintrin.h>

#include <bit>
#include <cstdint>

#include "datahub/base/json_utf8.h"

namespace datahub::json {
namespace {

bool EndsRun(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// The first quote, backslash or control character from `at` on, or the text's end. Sets `high` when bytes beyond ASCII
// were passed (or may have been).
size_t EndOfRun(std::string_view text, size_t at, bool& high) {
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i control = _mm256_set1_epi8(0x1F);
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i is_control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, control), bytes);
    const __m256i ends = _mm256_or_si256(
        _mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote), _mm256_cmpeq_epi8(bytes, backslash)), is_control);
    const auto mask = static_cast<uint32_t>(_mm256_movemask_epi8(ends));
    const auto highs = static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
    if (mask != 0) {
      const int size = std::countr_zero(mask);
      high = high || (highs & ((uint32_t(1) << size) - 1)) != 0;
      return at + static_cast<size_t>(size);
    }
    high = high || highs != 0;
  }
  for (; at < text.size() && !EndsRun(text[at]); ++at) high = high || static_cast<unsigned char>(text[at]) >= 0x80;
  return at;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

const char* StringReader::Read(size_t& at, std::string_view& out) {
  const size_t begin = at + 1;
  bool high = false;
  const size_t end = EndOfRun(text, begin, high);
  if (end < text.size() && text[end] == '\\') return ReadEscaped(begin, at, out);
  out = text.substr(begin, end - begin);
  if (high) {
    const size_t bad = FindInvalidUtf8(out);
    if (bad != std::string_view::npos) {
      at = begin + bad;
      return "invalid UTF-8";
    }
  }
  if (end == text.size()) return "a string without an end";
  if (text[end] != '"') {
    at = end;
    return "a control character in a string";
  }
  at = end + 1;
  return nullptr;
}

const char* StringReader::ReadEscaped(size_t begin, size_t& at, std::string_view& out) {
  // The decoded text is never longer than the written one.
  size_t end = begin;
  bool high = false;
  while ((end = EndOfRun(text, end, high)) < text.size() && text[end] != '"') {
    if (text[end] != '\\') {
      at = end;
      return "a control character in a string";
    }
    end += 2;
  }
  if (end >= text.size()) return "a string without an end";
  const size_t bad = high ? FindInvalidUtf8(text.substr(begin, end - begin)) : std::string_view::npos;
  if (bad != std::string_view::npos) {
    at = begin + bad;
    return "invalid UTF-8";
  }
  char* const start = pool.Take(end - begin);
  char* to = start;
  for (at = begin; at < end;) {
    if (text[at] != '\\') {
      *to++ = text[at++];
    } else if (const char* const wrong = ReadEscape(at, to)) {
      return wrong;
    }
  }
  out = std::string_view(start, static_cast<size_t>(to - start));
  at = end + 1;
  return nullptr;
}

// On a mistake `at` stays on the backslash.
const char* StringReader::ReadEscape(size_t& at, char*& to) {
  switch (text[at + 1]) {
    case '"':
      *to++ = '"';
      break;
    case '\\':
      *to++ = '\\';
      break;
    case '/':
      *to++ = '/';
      break;
    case 'b':
      *to++ = '\b';
      break;
    case 'f':
      *to++ = '\f';
      break;
    case 'n':
      *to++ = '\n';
      break;
    case 'r':
      *to++ = '\r';
      break;
    case 't':
      *to++ = '\t';
      break;
    case 'u': {
      size_t next = at + 2;
      uint32_t point = 0;
      if (!ReadHex(next, point)) return "\\u must be followed by four hexadecimal digits";
      if (point >= 0xDC00 && point <= 0xDFFF) return "a lone low surrogate";
      if (point >= 0xD800 && point <= 0xDBFF) {
        uint32_t low = 0;
        if (text.substr(next, 2) != "\\u") return "a lone high surrogate";
        next += 2;
        if (!ReadHex(next, low) || low < 0xDC00 || low > 0xDFFF) return "a lone high surrogate";
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      }
      to = EncodeUtf8(point, to);
      at = next;
      return nullptr;
    }
    default:
      return "an escape that JSON does not know";
  }
  at += 2;
  return nullptr;
}

bool StringReader::ReadHex(size_t& at, uint32_t& point) const {
  if (text.size() - at < 4) return false;
  point = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(text[at++]);
    if (digit < 0) return false;
    point = point * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

}  // namespace datahub::json
