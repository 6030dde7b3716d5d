#include "datahub/lake/parquet/bit_pack.h"

#include <array>
#include <cstring>
#include <utility>

namespace datahub::lake::parquet {
namespace {

// One function a width: unrolled, every shift is a constant.
template <int kWidth, class T>
void PackWidth(const T* values, char* out) {
  if constexpr (kWidth > 0) {
    uint64_t word = 0;
    int used = 0;
#pragma GCC unroll 32
    for (int i = 0; i < kPackedValues; ++i) {
      const uint64_t value = values[i];
      word |= value << used;
      used += kWidth;
      if (used >= 64) {
        std::memcpy(out, &word, 8);
        out += 8;
        used -= 64;
        // What did not fit; a shift by the full width (used == 0) would be undefined.
        word = used == 0 ? 0 : value >> ((kWidth - used) & 63);
      }
    }
    if (used > 0) std::memcpy(out, &word, 4);  // 32 * width is a multiple of 32
  }
}

template <class T>
using Packer = void (*)(const T*, char*);

template <class T, int... kWidths>
constexpr std::array<Packer<T>, sizeof...(kWidths)> Packers(std::integer_sequence<int, kWidths...>) {
  return {&PackWidth<kWidths, T>...};
}

constexpr auto kPackers32 = Packers<uint32_t>(std::make_integer_sequence<int, 33>());
constexpr auto kPackers64 = Packers<uint64_t>(std::make_integer_sequence<int, 65>());

}  // namespace

void Pack32(const uint32_t* values, int width, char* out) { kPackers32[static_cast<size_t>(width)](values, out); }
void Pack32(const uint64_t* values, int width, char* out) { kPackers64[static_cast<size_t>(width)](values, out); }

}  // namespace datahub::lake::parquet
