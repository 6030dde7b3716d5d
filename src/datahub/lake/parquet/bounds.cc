#include "datahub/lake/parquet/bounds.h"

#include <cstring>

namespace datahub::lake::parquet {
namespace {

template <class T>
int CompareAs(std::string_view a, std::string_view b) {
  T x;
  T y;
  std::memcpy(&x, a.data(), sizeof(T));
  std::memcpy(&y, b.data(), sizeof(T));
  return x < y ? -1 : x > y ? 1 : 0;
}

template <class T>
Bounds FixedBounds(T min, T max) {
  Bounds bounds;
  bounds.valid = true;
  bounds.min.assign(reinterpret_cast<const char*>(&min), sizeof(T));
  bounds.max.assign(reinterpret_cast<const char*>(&max), sizeof(T));
  return bounds;
}

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// The first byte of the character that ends at the end of `text`.
size_t LastCharacter(std::string_view text, bool utf8) {
  size_t at = text.size() - 1;
  while (utf8 && at > 0 && IsContinuation(text[at])) --at;
  return at;
}

std::string_view Cut(std::string_view text, bool utf8) {
  if (text.size() <= kBoundBytesMax) return text;
  size_t size = kBoundBytesMax;
  while (utf8 && size > 0 && IsContinuation(text[size])) --size;
  return text.substr(0, size);
}

// UTF-8 of the next code point, empty if there is none. `character` is one well-formed character.
std::string NextCharacter(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(character[i])); };
  uint32_t point = 0;
  switch (character.size()) {
    case 1:
      point = byte(0);
      break;
    case 2:
      point = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
      break;
    case 3:
      point = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
      break;
    case 4:
      point = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
      break;
    default:
      return {};
  }
  ++point;
  if (point >= 0xD800 && point < 0xE000) point = 0xE000;  // surrogates are no characters
  if (point > 0x10FFFF) return {};
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
}

// The shortest text that is above every text which begins with `text`; false if there is none.
bool Raise(std::string& text, bool utf8) {
  while (!text.empty()) {
    const size_t at = LastCharacter(text, utf8);
    if (utf8) {
      const std::string next = NextCharacter(std::string_view(text).substr(at));
      text.resize(at);
      if (!next.empty()) {
        text += next;
        return true;
      }
    } else if (static_cast<uint8_t>(text[at]) != 0xFF) {
      text[at] = static_cast<char>(text[at] + 1);
      return true;
    } else {
      text.resize(at);
    }
  }
  return false;
}

}  // namespace

int CompareEncoded(PhysicalType type, std::string_view a, std::string_view b) {
  switch (type) {
    case PhysicalType::kBoolean:
      return CompareAs<uint8_t>(a, b);
    case PhysicalType::kInt32:
      return CompareAs<int32_t>(a, b);
    case PhysicalType::kInt64:
      return CompareAs<int64_t>(a, b);
    case PhysicalType::kDouble:
      return CompareAs<double>(a, b);
    case PhysicalType::kFixed16:
      if (const int sign = CompareAs<int8_t>(a, b); sign != 0) return sign;
      return a.compare(b);
    case PhysicalType::kByteArray:
      return a.compare(b);  // char_traits<char> compares as unsigned
  }
  return 0;
}

void Bounds::Widen(const Bounds& other, PhysicalType type) {
  if (!other.valid) return;
  if (!valid) {
    *this = other;
    return;
  }
  if (CompareEncoded(type, other.min, min) < 0) {
    min = other.min;
    min_exact = other.min_exact;
  }
  has_max = has_max && other.has_max;
  if (has_max && CompareEncoded(type, other.max, max) > 0) {
    max = other.max;
    max_exact = other.max_exact;
  }
}

Bounds BoundsOf(uint8_t min, uint8_t max) { return FixedBounds(min, max); }
Bounds BoundsOf(int32_t min, int32_t max) { return FixedBounds(min, max); }
Bounds BoundsOf(int64_t min, int64_t max) { return FixedBounds(min, max); }

Bounds BoundsOf(double min, double max) { return FixedBounds(min == 0 ? -0.0 : min, max == 0 ? 0.0 : max); }

Bounds BoundsOf(record::Int128 min, record::Int128 max) {
  Bounds bounds;
  bounds.valid = true;
  bounds.min.resize(kDecimalBytes);
  bounds.max.resize(kDecimalBytes);
  EncodeDecimal(min, bounds.min.data());
  EncodeDecimal(max, bounds.max.data());
  return bounds;
}

Bounds BoundsOf(std::string_view min, std::string_view max, bool utf8) {
  Bounds bounds;
  bounds.valid = true;
  bounds.min = Cut(min, utf8);
  bounds.min_exact = bounds.min.size() == min.size();
  bounds.max = Cut(max, utf8);
  bounds.max_exact = bounds.max.size() == max.size();
  if (!bounds.max_exact) bounds.has_max = Raise(bounds.max, utf8);
  return bounds;
}

void EncodeDecimal(record::Int128 value, char* out) {
  const auto bits = static_cast<unsigned __int128>(value);
  const uint64_t high = __builtin_bswap64(static_cast<uint64_t>(bits >> 64));
  const uint64_t low = __builtin_bswap64(static_cast<uint64_t>(bits));
  std::memcpy(out, &high, 8);
  std::memcpy(out + 8, &low, 8);
}

}  // namespace datahub::lake::parquet
