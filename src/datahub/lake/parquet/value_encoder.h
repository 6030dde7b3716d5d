#pragma once

#include <cstddef>
#include <cstdint>

#include "datahub/lake/parquet/bounds.h"
#include "datahub/lake/parquet/delta.h"
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
template <class T>
class ValueEncoder;

// Booleans: PLAIN, one bit each.
template <>
class ValueEncoder<uint8_t> {
 public:
  static constexpr Encoding kEncoding = Encoding::kPlain;

  void Reset();
  void Add(const uint8_t* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes(); }
  Bounds bounds() const;

 private:
  uint64_t bits_ = 0;
  int used_ = 0;
  uint8_t all_ = 1;
  uint8_t any_ = 0;
  bool empty_ = true;
};

// Integers, dates, timestamps: DELTA_BINARY_PACKED.
template <class T>
class DeltaValueEncoder {
 public:
  static constexpr Encoding kEncoding = Encoding::kDeltaBinaryPacked;

  void Reset() { deltas_.Reset(); }
  void Add(const T* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes(); }
  Bounds bounds() const { return deltas_.count() == 0 ? Bounds{} : BoundsOf(min_, max_); }

 private:
  DeltaEncoder<T> deltas_;
  T min_ = 0;
  T max_ = 0;
};
template <>
class ValueEncoder<int32_t> : public DeltaValueEncoder<int32_t> {};
template <>
class ValueEncoder<int64_t> : public DeltaValueEncoder<int64_t> {};

// Doubles and decimals: PLAIN. A page that has a NaN has no bounds: engines differ on where it sorts.
template <class T>
class PlainValueEncoder {
 public:
  static constexpr Encoding kEncoding = Encoding::kPlain;

  void Reset() { empty_ = true, unordered_ = false; }
  void Add(const T* values, size_t count, RawPage& page);
  void Close(RawPage&) {}
  size_t bytes(const RawPage& page) const { return page.value_bytes(); }
  Bounds bounds() const { return empty_ || unordered_ ? Bounds{} : BoundsOf(min_, max_); }

 private:
  bool empty_ = true;
  bool unordered_ = false;
  T min_ = 0;
  T max_ = 0;
};
template <>
class ValueEncoder<double> : public PlainValueEncoder<double> {};
template <>
class ValueEncoder<record::Int128> : public PlainValueEncoder<record::Int128> {};

// Strings: DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. No bounds: strings that come here are mostly unique, and
// bounds of unsorted unique strings select nothing.
template <>
class ValueEncoder<record::Bytes> {
 public:
  static constexpr Encoding kEncoding = Encoding::kDeltaLengthByteArray;

  void Reset();
  void Add(const record::Bytes* values, size_t count, RawPage& page);
  void Close(RawPage& page);
  size_t bytes(const RawPage& page) const { return page.value_bytes() + lengths_.size(); }
  Bounds bounds() const { return {}; }

 private:
  DeltaEncoder<int32_t> deltas_;
  ByteBuffer lengths_;
};

}  // namespace datahub::lake::parquet
