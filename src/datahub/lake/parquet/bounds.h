#pragma once

#include <string>
#include <string_view>

#include "datahub/lake/parquet/format.h"
#include "datahub/record/columns.h"

namespace datahub::lake::parquet {

// Smallest and largest value of a page or a chunk, as statistics and column indexes spell them: PLAIN without a length.
// A bound that is not exact is still a bound: min is below every value, max above.
struct Bounds {
  bool valid = false;
  bool has_max = true;  // a long string of bytes 0xFF has no short upper bound
  bool min_exact = true;
  bool max_exact = true;
  std::string min;
  std::string max;

  void Widen(const Bounds& other, PhysicalType type);
};

// Strings in statistics are cut to this many bytes.
constexpr size_t kBoundBytesMax = 64;

int CompareEncoded(PhysicalType type, std::string_view a, std::string_view b);

Bounds BoundsOf(uint8_t min, uint8_t max);  // booleans
Bounds BoundsOf(int32_t min, int32_t max);
Bounds BoundsOf(int64_t min, int64_t max);
// Zeros get the sign that keeps both zeros inside. Neither may be NaN.
Bounds BoundsOf(double min, double max);
Bounds BoundsOf(record::Int128 min, record::Int128 max);
// `utf8`: cut between characters, so that the bounds are text too.
Bounds BoundsOf(std::string_view min, std::string_view max, bool utf8);

// 16 bytes, big endian.
void EncodeDecimal(record::Int128 value, char* out);

}  // namespace datahub::lake::parquet
