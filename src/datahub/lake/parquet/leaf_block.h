#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "datahub/lake/parquet/row_cursor.h"
#include "datahub/lake/parquet/schema_tree.h"

namespace datahub::lake::parquet {

// Levels of some whole rows of one leaf.
struct BlockLevels {
  size_t rows = 0;
  size_t count = 0;         // levels; values and nulls
  size_t values = 0;        // levels at the maximum
  bool all_defined = true;  // then `definition` is not filled
  std::vector<uint8_t> definition;
  std::vector<uint8_t> repetition;  // repeated leaves
};

// Some rows of one leaf, gathered: values without gaps (nulls left out), levels apart. T is the type of the leaf's array
// in LeafColumn; booleans are uint8_t.
template <class T>
class LeafBlock {
 public:
  // Takes the piece's first rows, at least one, and says how many. Fewer than all where they are long.
  uint32_t Gather(const RowPiece& piece, const StoredLeaf& leaf);

  const BlockLevels& levels() const { return levels_; }
  const T* values() const { return values_.data(); }
  size_t bytes() const { return bytes_; }  // of all values

 private:
  // A block is at most about so large, because pages end where blocks end.
  static constexpr size_t kBytesMax = 128u << 10;
  static constexpr size_t kLevelsMax = 4096;
  static constexpr size_t kLevelsKeptMax = 256u << 10;

  void GatherFlat(const record::LeafColumn& column, const RowPiece& piece, uint32_t rows, const StoredLeaf& leaf);
  uint32_t GatherRepeated(const record::LeafColumn& column, const RowPiece& piece, uint32_t rows,
                          const StoredLeaf& leaf);
  void CountBytes();

  BlockLevels levels_;
  std::vector<T> values_;
  size_t bytes_ = 0;
  uint32_t rows_max_ = RowCursor::kPieceRowsMax;  // follows the length of rows
};

extern template class LeafBlock<uint8_t>;
extern template class LeafBlock<int32_t>;
extern template class LeafBlock<int64_t>;
extern template class LeafBlock<double>;
extern template class LeafBlock<record::Int128>;
extern template class LeafBlock<record::Bytes>;

}  // namespace datahub::lake::parquet
