#include "datahub/lake/parquet/level_writer.h"

#include <cstring>

#include "datahub/lake/parquet/bit_pack.h"
#include "datahub/lake/parquet/hybrid.h"

namespace datahub::lake::parquet {

void LevelWriter::Reset(int max) {
  max_ = max;
  uniform_ = true;
  count_ = 0;
  levels_.clear();
}

void LevelWriter::AddAtMax(size_t count) {
  count_ += count;
  if (!uniform_) levels_.resize(count_, static_cast<uint8_t>(max_));
}

void LevelWriter::Add(const uint8_t* levels, size_t count) {
  if (uniform_) {
    uniform_ = false;
    levels_.assign(count_, static_cast<uint8_t>(max_));
  }
  count_ += count;
  levels_.insert(levels_.end(), levels, levels + count);
}

void LevelWriter::Append(ByteBuffer& out) const {
  if (max_ == 0) return;
  const int width = BitWidth(static_cast<uint64_t>(max_));
  const size_t length_at = out.size();
  out.AppendFixed<uint32_t>(0);
  if (uniform_) {
    AppendRun(static_cast<uint32_t>(max_), count_, width, out);
  } else {
    AppendHybrid(levels_.data(), levels_.size(), width, out);
  }
  const auto bytes = static_cast<uint32_t>(out.size() - length_at - sizeof(uint32_t));
  std::memcpy(out.data() + length_at, &bytes, sizeof(bytes));
}

}  // namespace datahub::lake::parquet
