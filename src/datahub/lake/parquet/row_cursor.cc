#include "datahub/lake/parquet/row_cursor.h"

#include <algorithm>

namespace datahub::lake::parquet {
namespace {

constexpr uint32_t kRunRowsMin = 64;  // shorter ranges are listed

}  // namespace

RowPiece RowCursor::Peek() {
  RowPiece piece;
  peeked_ = 0;
  for (; at_.selection < selections_.size(); at_ = {at_.selection + 1, 0, 0}) {
    const Selection& selection = selections_[at_.selection];
    const std::span<const RowRange> ranges = selection.ranges;
    piece.columns = selection.columns;
    for (after_ = at_; after_.range < ranges.size(); ++after_.range, after_.offset = 0) {
      const uint32_t begin = ranges[after_.range].begin + after_.offset;
      const uint32_t end = ranges[after_.range].end;
      if (end - begin >= kRunRowsMin) {
        if (piece.count == 0) {
          piece.begin = begin;
          piece.count = std::min(end - begin, kPieceRowsMax);
          after_.offset += piece.count;
          peeked_ = piece.count;
          return piece;
        }
        break;
      }
      const uint32_t n = std::min(end - begin, kPieceRowsMax - piece.count);
      for (uint32_t i = 0; i < n; ++i) rows_[piece.count + i] = begin + i;
      piece.count += n;
      if (n < end - begin) {
        after_.offset += n;
        break;
      }
    }
    if (piece.count > 0) {
      piece.rows = rows_.data();
      peeked_ = piece.count;
      return piece;
    }
  }
  return piece;
}

void RowCursor::Advance(uint32_t count) {
  DH_ASSERT(count > 0 && count <= peeked_);
  if (count == peeked_) {
    at_ = after_;
    return;
  }
  const std::span<const RowRange> ranges = selections_[at_.selection].ranges;
  while (count > 0) {
    const RowRange range = ranges[at_.range];
    const uint32_t left = range.end - range.begin - at_.offset;
    if (count < left) {
      at_.offset += count;
      return;
    }
    count -= left;
    ++at_.range;
    at_.offset = 0;
  }
}

}  // namespace datahub::lake::parquet
