#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace datahub::lake::parquet {

// Small, slow decoders of what the encoders here write, for their tests; written from the format's text, not from them.
class TestDecoder {
 public:
  explicit TestDecoder(std::string_view bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size() - at_; }
  std::string_view Take(size_t size) {
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.at(at_++));
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }
  int64_t Zigzag() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1 ^ (0 - (value & 1)));
  }
  // `count` values of `width` bits, least significant bit first, from the next whole byte.
  std::vector<uint64_t> Bits(size_t count, int width) {
    std::vector<uint64_t> values(count);
    for (size_t i = 0; i < count * static_cast<size_t>(width); ++i) {
      const uint64_t bit = static_cast<uint8_t>(bytes_.at(at_ + i / 8)) >> (i % 8) & 1;
      values[i / static_cast<size_t>(width)] |= bit << (i % static_cast<size_t>(width));
    }
    at_ += (count * static_cast<size_t>(width) + 7) / 8;
    return values;
  }
  // RLE / bit-packing hybrid.
  std::vector<uint32_t> Hybrid(size_t count, int width) {
    std::vector<uint32_t> values;
    while (values.size() < count) {
      const uint64_t header = Varint();
      if (header & 1) {
        for (uint64_t value : Bits((header >> 1) * 8, width)) values.push_back(static_cast<uint32_t>(value));
      } else {
        uint32_t value = 0;
        const std::string_view bytes = Take(static_cast<size_t>(width + 7) / 8);
        for (size_t i = 0; i < bytes.size(); ++i)
          value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
        values.insert(values.end(), header >> 1, value);
      }
    }
    values.resize(count);
    return values;
  }
  // DELTA_BINARY_PACKED with its header.
  template <class T>
  std::vector<T> Delta() {
    using Unsigned = std::make_unsigned_t<T>;
    const uint64_t block = Varint();
    const uint64_t miniblocks = Varint();
    const uint64_t count = Varint();
    auto last = static_cast<Unsigned>(Zigzag());
    std::vector<T> values;
    if (count > 0) values.push_back(static_cast<T>(last));
    while (values.size() < count) {
      const auto min = static_cast<Unsigned>(Zigzag());
      const std::string_view widths = Take(miniblocks);
      for (size_t m = 0; m < miniblocks && values.size() < count; ++m) {
        for (uint64_t above : Bits(block / miniblocks, static_cast<uint8_t>(widths[m]))) {
          if (values.size() == count) break;
          last = static_cast<Unsigned>(last + min + static_cast<Unsigned>(above));
          values.push_back(static_cast<T>(last));
        }
      }
    }
    return values;
  }
  // PLAIN, to the end.
  std::vector<std::string> PlainStrings() {
    std::vector<std::string> values;
    while (left() > 0) {
      uint32_t size = 0;
      const std::string_view bytes = Take(4);
      for (size_t i = 0; i < 4; ++i) size |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
      values.emplace_back(Take(size));
    }
    return values;
  }
  // DELTA_BYTE_ARRAY.
  std::vector<std::string> Strings() {
    const std::vector<int32_t> prefixes = Delta<int32_t>();
    const std::vector<int32_t> suffixes = Delta<int32_t>();
    std::vector<std::string> values;
    std::string value;
    for (size_t i = 0; i < prefixes.size(); ++i) {
      value = value.substr(0, static_cast<size_t>(prefixes[i]));
      value += Take(static_cast<size_t>(suffixes.at(i)));
      values.push_back(value);
    }
    return values;
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace datahub::lake::parquet
