#pragma once

#include <cstdint>
#include <vector>

#include "datahub/lake/parquet/byte_buffer.h"

namespace datahub::lake::parquet {

// Definition or repetition levels of one page. As long as all are at the maximum only their number is kept.
class LevelWriter {
 public:
  // `max` 0: the column has no such levels, nothing is written.
  void Reset(int max);
  void AddAtMax(size_t count);
  void Add(const uint8_t* levels, size_t count);
  // Length and levels, as a data page (V1) begins.
  void Append(ByteBuffer& out) const;

 private:
  int max_ = 0;
  bool uniform_ = true;
  size_t count_ = 0;
  std::vector<uint8_t> levels_;  // once one differs
};

}  // namespace datahub::lake::parquet
