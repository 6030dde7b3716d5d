// Frames hold what was given, and a bit that flips in one is an error.

#include <gtest/gtest.h>
#include <zstd.h>

#include <random>

#include "datahub/lake/parquet/compressor.h"

namespace datahub::lake::parquet {
namespace {

std::string RandomBytes(size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

void ExpectFrameOf(const std::string& raw, std::string frame) {
  std::string back(raw.size() + 1, '\0');
  ASSERT_EQ(ZSTD_decompress(back.data(), back.size(), frame.data(), frame.size()), raw.size());
  back.resize(raw.size());
  ASSERT_EQ(back, raw);
  EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), raw.size());
  std::mt19937_64 random(frame.size());
  for (int i = 0; i < 50; ++i) {
    const size_t bit = random() % (frame.size() * 8);
    frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ 1 << bit % 8);
    const size_t size = ZSTD_decompress(back.data(), back.size(), frame.data(), frame.size());
    EXPECT_TRUE(ZSTD_isError(size) != 0 || back == raw) << "bit " << bit << " of " << frame.size() << " bytes";
    frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ 1 << bit % 8);
  }
}

TEST(Compressor, FramesHoldWhatWasGivenAndNoticeAFlippedBit) {
  Compressor compressor;
  compressor.SetLevel(1);
  for (const size_t size : {1u, 2u, 300u, 131'071u, 131'072u, 131'073u, 1'000'000u}) {
    const std::string random = RandomBytes(size);
    std::string even = random;
    for (size_t i = 8; i < size; ++i) even[i] = static_cast<char>(i % 8 < 6 ? even[i - 8] : even[i]);
    std::string room(Compressor::BytesMax(size), '\0');
    const auto frame = [&](size_t bytes) { return room.substr(0, bytes); };
    ExpectFrameOf(random, frame(Compressor::Store(random, room.data(), room.size())));
    for (const std::string& raw : {random, even}) {
      for (const uint32_t width : {0u, 8u, 15u, 24u, 40u, 600u}) {
        const Result<size_t> compressed = compressor.Compress(raw, width, room.data(), room.size());
        ASSERT_TRUE(compressed.has_value());
        ExpectFrameOf(raw, frame(*compressed));
      }
    }
  }
}

}  // namespace
}  // namespace datahub::lake::parquet
