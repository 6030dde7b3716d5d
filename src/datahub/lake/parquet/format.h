#pragma once

#include <cstdint>

// Numbers of the format's parquet.thrift.
namespace datahub::lake::parquet {

enum class PhysicalType : int32_t { kBoolean = 0, kInt32 = 1, kInt64 = 2, kDouble = 5, kByteArray = 6, kFixed16 = 7 };
enum class Repetition : int32_t { kRequired = 0, kOptional = 1, kRepeated = 2 };
enum class Codec : int32_t { kZstd = 6 };
enum class PageType : int32_t { kData = 0, kDictionary = 2 };
enum class BoundaryOrder : int32_t { kUnordered = 0, kAscending = 1, kDescending = 2 };

enum class Encoding : int32_t {
  kPlain = 0,
  kRle = 3,
  kDeltaBinaryPacked = 5,
  kDeltaLengthByteArray = 6,
  kDeltaByteArray = 7,
  kRleDictionary = 8,
};

// A logical type and its older spelling, the converted type; both are written.
enum class Annotation : uint8_t { kNone, kString, kMap, kList, kDecimal, kDate, kTimestampMicros };

constexpr int32_t kDecimalBytes = 16;
constexpr int32_t kDecimalPrecision = 38;

}  // namespace datahub::lake::parquet
