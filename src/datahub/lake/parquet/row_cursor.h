#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "datahub/lake/parquet/file_writer.h"

namespace datahub::lake::parquet {

// Rows of one Columns: a run from `begin` on, or the ones listed.
struct RowPiece {
  const record::Columns* columns = nullptr;
  const uint32_t* rows = nullptr;  // null: a run
  uint32_t begin = 0;
  uint32_t count = 0;

  uint32_t row(uint32_t i) const { return rows == nullptr ? begin + i : rows[i]; }
};

// Goes through selections piece by piece. Short ranges of one Columns are put together into lists of rows, so that rows
// picked one by one (many partitions) cost little more than runs.
class RowCursor {
 public:
  static constexpr uint32_t kPieceRowsMax = 1024;

  explicit RowCursor(std::span<const Selection> selections) : selections_(selections) {}

  // The next rows; none (`count` 0) at the end. What `rows` points to lasts until the next call.
  RowPiece Peek();
  // Goes on behind the first `count` rows of what Peek gave last; at least 1.
  void Advance(uint32_t count);

  struct Place {
    size_t selection = 0;
    size_t range = 0;
    uint32_t offset = 0;  // within the range
  };
  Place place() const { return at_; }
  void Return(const Place& place) { at_ = place; }

 private:
  std::span<const Selection> selections_;
  Place at_;
  Place after_;  // behind the piece that Peek gave
  uint32_t peeked_ = 0;
  std::array<uint32_t, kPieceRowsMax> rows_;
};

}  // namespace datahub::lake::parquet
