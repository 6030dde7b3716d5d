#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "datahub/lake/parquet/bounds.h"
#include "datahub/lake/parquet/delta.h"
#include "datahub/lake/parquet/file_writer.h"
#include "datahub/lake/parquet/raw_page.h"
#include "datahub/record/columns.h"

namespace datahub::lake::parquet {

// How the values of one page are written when they are not in a dictionary. One class for each physical type:
//
//   Reset    before a page
//   Add      values go to page.body as they come, where the encoding allows
//   Close    the rest; what must come first goes to page.front, behind the levels that are there
//   bytes    of the page so far, about
//   bounds   of the page; not valid where they cannot be said or are not worth it
//   encoding of the page; PLAIN unless Encodings::kDelta says otherwise
//   width    for Compressor::Compress
template <class T>
class ValueEncoder;

// Booleans: PLAIN, one bit each.
template <>
class ValueEncoder<uint8_t> {
 public:
  void Reset(Encodings);
  void Add(const uint8_t* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes(); }
  Bounds bounds() const;
  Encoding encoding() const { return Encoding::kPlain; }
  uint32_t width() const { return 0; }

 private:
  uint64_t bits_ = 0;
  int used_ = 0;
  uint8_t all_ = 1;
  uint8_t any_ = 0;
  bool empty_ = true;
};

// Numbers: PLAIN; integers, dates and timestamps by request DELTA_BINARY_PACKED. A page that has a NaN has no bounds:
// engines differ on where it sorts.
template <class T>
class NumberEncoder {
 public:
  void Reset(Encodings encodings);
  void Add(const T* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes(); }
  Bounds bounds() const { return empty_ || unordered_ ? Bounds{} : BoundsOf(min_, max_); }
  Encoding encoding() const { return with_deltas_ ? Encoding::kDeltaBinaryPacked : Encoding::kPlain; }
  uint32_t width() const { return std::is_same_v<T, int64_t> && !with_deltas_ ? sizeof(T) : 0; }

 private:
  static constexpr bool kMayUseDeltas = std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t>;
  struct None {};

  bool with_deltas_ = false;
  bool empty_ = true;
  bool unordered_ = false;
  T min_ = 0;
  T max_ = 0;
  [[no_unique_address]] std::conditional_t<kMayUseDeltas, DeltaEncoder<T>, None> deltas_;
};
template <>
class ValueEncoder<int32_t> : public NumberEncoder<int32_t> {};
template <>
class ValueEncoder<int64_t> : public NumberEncoder<int64_t> {};
template <>
class ValueEncoder<double> : public NumberEncoder<double> {};
template <>
class ValueEncoder<record::Int128> : public NumberEncoder<record::Int128> {};

// Strings: PLAIN, each behind its length; by request DELTA_LENGTH_BYTE_ARRAY, all lengths, then all bytes. No bounds:
// strings that come here are mostly unique, and bounds of unsorted unique strings select nothing.
template <>
class ValueEncoder<record::Bytes> {
 public:
  void Reset(Encodings encodings);
  void Add(const record::Bytes* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes() + lengths_.size(); }
  Bounds bounds() const { return {}; }
  Encoding encoding() const { return with_deltas_ ? Encoding::kDeltaLengthByteArray : Encoding::kPlain; }
  // Of each value, where all of the page take as many bytes; else 0.
  uint32_t width() const { return with_deltas_ || shortest_ != longest_ ? 0 : longest_ + sizeof(uint32_t); }

 private:
  void AddPlain(const record::Bytes* values, size_t count, RawPage& page);
  void AddWithDeltas(const record::Bytes* values, size_t count, RawPage& page);

  bool with_deltas_ = false;
  uint32_t shortest_ = UINT32_MAX;
  uint32_t longest_ = 0;
  DeltaEncoder<int32_t> deltas_;
  ByteBuffer lengths_;
};

}  // namespace datahub::lake::parquet
