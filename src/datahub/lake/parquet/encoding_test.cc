// What the encoders write is what was put in, by decoders of their own.

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "datahub/lake/parquet/bit_pack.h"
#include "datahub/lake/parquet/compressor.h"
#include "datahub/lake/parquet/delta.h"
#include "datahub/lake/parquet/hybrid.h"
#include "datahub/lake/parquet/level_writer.h"
#include "datahub/lake/parquet/offset_encoder.h"
#include "datahub/lake/parquet/test_decoder.h"
#include "datahub/lake/parquet/thrift_writer.h"
#include "datahub/lake/parquet/value_encoder.h"

namespace datahub::lake::parquet {
namespace {

uint64_t Mask(int width) { return width == 64 ? ~0ull : (1ull << width) - 1; }

TEST(BitPack, EveryWidthComesBack) {
  std::mt19937_64 random(1);
  for (int width = 0; width <= 64; ++width) {
    uint64_t wide[kPackedValues];
    uint32_t narrow[kPackedValues];
    for (int i = 0; i < kPackedValues; ++i) narrow[i] = static_cast<uint32_t>(wide[i] = random() & Mask(width));
    std::string bytes(static_cast<size_t>(width) * 4, '\x55');
    Pack32(wide, width, bytes.data());
    EXPECT_EQ(TestDecoder(bytes).Bits(kPackedValues, width), std::vector<uint64_t>(wide, wide + kPackedValues))
        << width;
    if (width > 32) continue;
    std::string same(bytes.size(), '\xAA');
    Pack32(narrow, width, same.data());
    EXPECT_EQ(same, bytes) << width;
  }
}

TEST(Hybrid, RunsAndNoiseComeBack) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 400; ++round) {
    const int width = 1 + static_cast<int>(random() % 20);
    const size_t count = random() % 3000;
    std::vector<uint32_t> values;
    while (values.size() < count) {
      const size_t run = random() % 3 == 0 ? random() % 200 : 1;
      values.insert(values.end(), run, static_cast<uint32_t>(random() & Mask(width)));
    }
    values.resize(count);
    ByteBuffer out;
    AppendHybrid(values.data(), count, width, out);
    TestDecoder decoder(out.view());
    ASSERT_EQ(decoder.Hybrid(count, width), values) << "width " << width << ", " << count;
    ASSERT_EQ(decoder.left(), 0u);
    if (width > 8) continue;
    const std::vector<uint8_t> narrow(values.begin(), values.end());
    ByteBuffer same;
    AppendHybrid(narrow.data(), count, width, same);
    ASSERT_EQ(same.view(), out.view());
  }
}

TEST(Hybrid, AConstantIsAFewBytes) {
  const std::vector<uint32_t> values(1'000'000, 5);
  ByteBuffer out;
  AppendHybrid(values.data(), values.size(), 3, out);
  EXPECT_LE(out.size(), 5u);
}

template <class T>
std::string EncodeDelta(const std::vector<T>& values, std::mt19937_64& random) {
  DeltaEncoder<T> encoder;
  ByteBuffer blocks;
  encoder.Reset();
  for (size_t i = 0; i < values.size();) {  // in pieces of any size
    const size_t n = std::min<size_t>(values.size() - i, random() % 300);
    encoder.Add(values.data() + i, n, blocks);
    i += n;
  }
  encoder.Finish(blocks);
  ByteBuffer header;
  encoder.AppendHeader(header);
  return std::string(header.view()) + std::string(blocks.view());
}

template <class T>
void DeltaComesBack() {
  std::mt19937_64 random(3);
  using Limits = std::numeric_limits<T>;
  for (int round = 0; round < 300; ++round) {
    std::vector<T> values(random() % 700);
    const auto shift = random() % (sizeof(T) * 8);
    for (size_t i = 0; i < values.size(); ++i) {
      switch (round % 3) {
        case 0:
          values[i] = static_cast<T>(random() >> shift);
          break;
        case 1:
          values[i] = static_cast<T>(i * shift);
          break;
        default:
          values[i] = random() % 2 == 0 ? Limits::min() : Limits::max();
          break;
      }
    }
    const std::string bytes = EncodeDelta(values, random);
    TestDecoder decoder(bytes);
    ASSERT_EQ(decoder.Delta<T>(), values);
    ASSERT_EQ(decoder.left(), 0u);
  }
}

TEST(Delta, Int32ComesBack) { DeltaComesBack<int32_t>(); }
TEST(Delta, Int64ComesBack) { DeltaComesBack<int64_t>(); }

std::string Digits(uint64_t offset) {
  const std::string digits = std::to_string(offset);
  return std::string(kOffsetDigits - digits.size(), '0') + digits;
}

TEST(OffsetEncoder, TextComesBack) {
  std::mt19937_64 random(4);
  for (const uint64_t step : {0ull, 1ull, 230ull, 99'999'999ull, 1ull << 40}) {
    for (const uint64_t first : {0ull, 99'999'000ull, 9'999'999'999ull, 18'446'744'073'709'551'000ull}) {
      std::vector<uint64_t> offsets;
      uint64_t at = first;
      for (int i = 0; i < 1500; ++i) {
        offsets.push_back(at);
        if (random() % 50 == 0) at = random();  // anywhere, backwards too
        at += step == 0 ? 0 : random() % step;
      }
      for (const Encodings encodings : {Encodings::kPlain, Encodings::kDelta}) {
        OffsetEncoder encoder;
        RawPage page;
        encoder.Reset(encodings);
        encoder.Add(offsets.data(), 700, page);
        encoder.Add(offsets.data() + 700, 800, page);
        ASSERT_EQ(encoder.count(), offsets.size());
        const Bounds bounds = encoder.bounds();
        encoder.Close(page);
        TestDecoder decoder(page.Join());
        const bool plain = encodings == Encodings::kPlain;
        const std::vector<std::string> texts = plain ? decoder.PlainStrings() : decoder.Strings();
        ASSERT_EQ(texts.size(), offsets.size());
        for (size_t i = 0; i < offsets.size(); ++i) ASSERT_EQ(texts[i], Digits(offsets[i]));
        EXPECT_EQ(bounds.min, *std::min_element(texts.begin(), texts.end()));
        EXPECT_EQ(bounds.max, *std::max_element(texts.begin(), texts.end()));
      }
    }
  }
}

TEST(LevelWriter, OneThatDiffersIsEnough) {
  for (const size_t before : {0u, 1u, 9u, 1000u}) {
    LevelWriter levels;
    levels.Reset(2);
    levels.AddAtMax(before);
    const uint8_t some[] = {2, 0, 1, 2, 2};
    levels.Add(some, 5);
    levels.AddAtMax(40);
    ByteBuffer out;
    levels.Append(out);
    std::vector<uint32_t> expected(before, 2);
    expected.insert(expected.end(), some, some + 5);
    expected.insert(expected.end(), 40, 2);
    TestDecoder decoder(out.view());
    uint32_t size;
    std::memcpy(&size, decoder.Take(4).data(), 4);
    EXPECT_EQ(size, decoder.left());
    EXPECT_EQ(decoder.Hybrid(expected.size(), 2), expected);
  }
}

struct Texts {
  std::vector<std::string> texts;
  std::vector<record::Bytes> values;

  Texts() {
    for (size_t i = 0; i < 600; ++i) texts.push_back(std::string(i % 150, static_cast<char>('a' + i % 26)));
    for (const std::string& text : texts) values.push_back({text.data(), static_cast<uint32_t>(text.size())});
  }
};

TEST(ValueEncoder, StringsFollowTheirLengths) {
  const Texts of;
  ValueEncoder<record::Bytes> encoder;
  RawPage page;
  encoder.Reset(Encodings::kPlain);
  encoder.Add(of.values.data(), 200, page);
  encoder.Add(of.values.data() + 200, 400, page);
  encoder.Close(page);
  EXPECT_EQ(encoder.encoding(), Encoding::kPlain);
  EXPECT_EQ(TestDecoder(page.Join()).PlainStrings(), of.texts);
}

TEST(ValueEncoder, DeltaStringsAreLengthsThenBytes) {
  const Texts of;
  ValueEncoder<record::Bytes> encoder;
  RawPage page;
  encoder.Reset(Encodings::kDelta);
  encoder.Add(of.values.data(), of.values.size(), page);
  encoder.Close(page);
  EXPECT_EQ(encoder.encoding(), Encoding::kDeltaLengthByteArray);
  TestDecoder decoder(page.Join());
  const std::vector<int32_t> lengths = decoder.Delta<int32_t>();
  ASSERT_EQ(lengths.size(), of.texts.size());
  for (size_t i = 0; i < of.texts.size(); ++i) EXPECT_EQ(decoder.Take(static_cast<size_t>(lengths[i])), of.texts[i]);
  EXPECT_EQ(decoder.left(), 0u);
}

template <class T>
void IntegersComeBack() {
  std::mt19937_64 random(5);
  std::vector<T> values(1000);
  for (T& value : values) value = static_cast<T>(random());
  values[17] = std::numeric_limits<T>::min();
  values[18] = std::numeric_limits<T>::max();
  for (const Encodings encodings : {Encodings::kPlain, Encodings::kDelta}) {
    ValueEncoder<T> encoder;
    RawPage page;
    encoder.Reset(encodings);
    encoder.Add(values.data(), 300, page);
    encoder.Add(values.data() + 300, 700, page);
    encoder.Close(page);
    const Bounds bounds = encoder.bounds();
    EXPECT_EQ(bounds.min, std::string(reinterpret_cast<const char*>(&values[17]), sizeof(T)));
    EXPECT_EQ(bounds.max, std::string(reinterpret_cast<const char*>(&values[18]), sizeof(T)));
    const std::string_view bytes = page.Join();
    if (encodings == Encodings::kPlain) {
      EXPECT_EQ(encoder.encoding(), Encoding::kPlain);
      EXPECT_EQ(bytes, std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
    } else {
      EXPECT_EQ(encoder.encoding(), Encoding::kDeltaBinaryPacked);
      EXPECT_EQ(TestDecoder(bytes).Delta<T>(), values);
    }
  }
}

TEST(ValueEncoder, Int32sComeBack) { IntegersComeBack<int32_t>(); }
TEST(ValueEncoder, Int64sComeBack) { IntegersComeBack<int64_t>(); }

TEST(ValueEncoder, BooleansAreBits) {
  for (const size_t count : {1u, 8u, 63u, 64u, 65u, 1000u}) {
    ValueEncoder<uint8_t> encoder;
    RawPage page;
    encoder.Reset(Encodings::kPlain);
    std::vector<uint8_t> values(count);
    std::vector<uint64_t> expected(count);
    for (size_t i = 0; i < count; ++i) values[i] = expected[i] = i % 3 == 0;
    encoder.Add(values.data(), count, page);
    encoder.Close(page);
    EXPECT_EQ(page.value_bytes(), (count + 7) / 8);
    EXPECT_EQ(TestDecoder(page.Join()).Bits(count, 1), expected);
  }
}

TEST(ValueEncoder, PagesWithNaNHaveNoBounds) {
  ValueEncoder<double> encoder;
  RawPage page;
  encoder.Reset(Encodings::kPlain);
  const double values[] = {1, 2, NAN, 3};
  encoder.Add(values, 2, page);
  EXPECT_TRUE(encoder.bounds().valid);
  encoder.Add(values + 2, 2, page);
  EXPECT_FALSE(encoder.bounds().valid);
}

// Values of one width are compressed by what they share with their neighbours: all, much, little, nothing.
TEST(Compressor, EveryWidthComesBack) {
  std::mt19937_64 random(6);
  Compressor compressor;
  compressor.SetLevel(1);
  for (const uint32_t width : {0u, 8u, 15u, 24u, 40u, 1000u, 70'000u}) {
    for (const size_t size : {1u, 7u, 40u, 41u, 5000u, 131'072u, 300'000u, 1'400'000u}) {
      for (const unsigned noise : {0u, 1u, 3u, 7u, 60u}) {
        std::string raw(size, 'x');
        for (size_t i = 0; i < size; ++i) {
          const bool drawn = width == 0 || i < width || i % width < noise || random() % 5000 == 0;
          raw[i] = drawn ? static_cast<char>('0' + random() % 10) : raw[i - width];
        }
        std::string bytes(Compressor::BytesMax(size), '\0');
        const auto compressed = compressor.Compress(raw, width, bytes.data(), bytes.size());
        ASSERT_TRUE(compressed) << compressed.error().ToString();
        std::string back(size, '\0');
        ASSERT_EQ(ZSTD_decompress(back.data(), size, bytes.data(), *compressed), size);
        ASSERT_TRUE(back == raw) << width << ", " << size << ", " << noise;
      }
    }
  }
}

// A value larger than the room kept free before the values still comes out in one piece.
TEST(RawPage, LargeFrontsAreJoined) {
  RawPage page;
  page.body.Append("values");
  const std::string front(300'000, 'f');
  page.front.Append(front);
  EXPECT_EQ(page.Join(), front + "values");
}

TEST(ThriftWriter, FieldsAsTheProtocolSays) {
  ByteBuffer out;
  ThriftWriter thrift(out);
  thrift.Begin();
  thrift.I32(1, -1);
  thrift.Bool(2, true);
  thrift.Binary(20, "ab");  // too far for the short form
  thrift.List(21, ThriftWriter::Type::kI32, 1);
  thrift.I32Element(1);
  thrift.EmptyStruct(22);
  thrift.End();
  EXPECT_EQ(out.view(), std::string_view("\x15\x01\x11\x08\x28\x02"
                                         "ab\x19\x15\x02\x1C\x00\x00",
                                         14));
}

}  // namespace
}  // namespace datahub::lake::parquet
