#pragma once

#include <cstddef>
#include <cstdint>

#include "datahub/lake/parquet/bounds.h"
#include "datahub/lake/parquet/delta.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/parquet/raw_page.h"

namespace datahub::lake::parquet {

// The text form of an offset: 20 digits, zero padded, so that text order is number order.
constexpr size_t kOffsetDigits = 20;
void FormatOffset(uint64_t offset, char* out);

// One page of offsets as text: PLAIN, or by request DELTA_BYTE_ARRAY: of each the length of the prefix it shares with the
// one before, and the digits after it. Offsets grow by little, so that three or four digits a row are all that is made.
class OffsetEncoder {
 public:
  static constexpr uint32_t kPlainBytes = sizeof(uint32_t) + kOffsetDigits;  // of each in PLAIN, with its length

  void Reset(Encodings encodings);
  void Add(const uint64_t* offsets, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t count() const { return count_; }
  size_t bytes(const RawPage& page) const { return page.value_bytes() + prefix_blocks_.size() + suffix_blocks_.size(); }
  Encoding encoding() const { return with_deltas_ ? Encoding::kDeltaByteArray : Encoding::kPlain; }
  Bounds bounds() const;

 private:
  static constexpr size_t kStep = 256;
  static constexpr uint64_t kLowModulus = 100'000'000;  // the last eight digits are one word

  void AddPlain(const uint64_t* offsets, size_t count, RawPage& page);
  void AddWithDeltas(const uint64_t* offsets, size_t count, RawPage& page);
  int32_t PrefixOf(uint64_t high) const;

  bool with_deltas_ = false;
  size_t count_ = 0;
  DeltaEncoder<int32_t> prefixes_;
  DeltaEncoder<int32_t> suffixes_;
  ByteBuffer prefix_blocks_;
  ByteBuffer suffix_blocks_;
  uint64_t high_ = 0;      // of the last offset: all but the last eight digits
  uint64_t low_text_ = 0;  // its last eight digits as text
  uint64_t min_ = 0;
  uint64_t max_ = 0;
};

}  // namespace datahub::lake::parquet
