#include "datahub/lake/parquet/leaf_block.h"

#include <algorithm>
#include <type_traits>

namespace datahub::lake::parquet {
namespace {

template <class T>
const T* ArrayOf(const record::LeafColumn& column) {
  if constexpr (std::is_same_v<T, uint8_t>) return column.bools.data();
  if constexpr (std::is_same_v<T, int32_t>) return column.int32s.data();
  if constexpr (std::is_same_v<T, int64_t>) return column.int64s.data();
  if constexpr (std::is_same_v<T, double>) return column.doubles.data();
  if constexpr (std::is_same_v<T, record::Int128>) return column.decimals.data();
  if constexpr (std::is_same_v<T, record::Bytes>) return column.bytes.data();
}

// Calls f(i, index of row i), with the test for the piece's form outside of the loop.
template <class F>
void ForRows(const RowPiece& piece, uint32_t rows, F f) {
  if (piece.rows == nullptr) {
    for (uint32_t i = 0; i < rows; ++i) f(i, piece.begin + i);
  } else {
    for (uint32_t i = 0; i < rows; ++i) f(i, piece.rows[i]);
  }
}

// The bytes of picked rows are all over a chunk: ask for them before they are needed.
inline void Fetch(const record::Bytes& value) {
  __builtin_prefetch(value.data);
  __builtin_prefetch(value.data + (value.size > 0 ? value.size - 1 : 0));
}

bool AllEqual(const int16_t* values, uint32_t count, int16_t to) {
  int16_t difference = 0;
  for (uint32_t i = 0; i < count; ++i) difference |= static_cast<int16_t>(values[i] ^ to);
  return difference == 0;
}

// Levels between picked rows are looked at too where rows lie close: reading all is faster than jumping.
bool AllAt(int16_t max, const int16_t* definition, const RowPiece& piece, uint32_t rows) {
  constexpr uint32_t kStrideMax = 64;
  if (piece.rows == nullptr) return AllEqual(definition + piece.begin, rows, max);
  const uint32_t first = piece.rows[0];
  const uint32_t last = piece.rows[rows - 1];
  if (first <= last && (last - first) / rows <= kStrideMax && AllEqual(definition + first, last - first + 1, max)) {
    return true;
  }
  int16_t difference = 0;
  for (uint32_t i = 0; i < rows; ++i) difference |= static_cast<int16_t>(definition[piece.rows[i]] ^ max);
  return difference == 0;
}

}  // namespace

template <class T>
uint32_t LeafBlock<T>::Gather(const RowPiece& piece, const StoredLeaf& leaf) {
  const record::LeafColumn& column = piece.columns->leaves[leaf.column];
  uint32_t rows = std::min(piece.count, rows_max_);
  for (;;) {
    if (leaf.max_repetition > 0) {
      rows = GatherRepeated(column, piece, rows, leaf);
    } else {
      GatherFlat(column, piece, rows, leaf);
    }
    if constexpr (!std::is_same_v<T, record::Bytes>) break;
    CountBytes();
    if (bytes_ <= kBytesMax || rows == 1) break;
    rows = rows_max_ = rows / 2;
  }
  if constexpr (std::is_same_v<T, record::Bytes>) {
    if (bytes_ < kBytesMax / 4 && rows_max_ < RowCursor::kPieceRowsMax) rows_max_ *= 2;
  }
  return rows;
}

template <class T>
void LeafBlock<T>::GatherFlat(const record::LeafColumn& column, const RowPiece& piece, uint32_t rows,
                              const StoredLeaf& leaf) {
  const T* const from = ArrayOf<T>(column);
  if (values_.size() < rows) values_.resize(RowCursor::kPieceRowsMax);
  T* const to = values_.data();
  levels_.rows = levels_.count = rows;
  levels_.repetition.clear();  // of a repeated leaf before

  const auto max = static_cast<int16_t>(leaf.max_definition);
  const int16_t* const definition = column.definition.data();
  levels_.all_defined = max == 0 || AllAt(max, definition, piece, rows);
  if (levels_.all_defined) {
    levels_.values = rows;
    ForRows(piece, rows, [&](uint32_t i, uint32_t row) {
      to[i] = from[row];
      if constexpr (std::is_same_v<T, record::Bytes>) Fetch(to[i]);
    });
    return;
  }
  levels_.definition.resize(rows);
  uint8_t* const levels = levels_.definition.data();
  size_t values = 0;
  ForRows(piece, rows, [&](uint32_t i, uint32_t row) {
    levels[i] = static_cast<uint8_t>(definition[row]);
    to[values] = from[row];
    values += definition[row] == max;
  });
  levels_.values = values;
  if constexpr (std::is_same_v<T, record::Bytes>) {
    for (size_t i = 0; i < values; ++i) Fetch(to[i]);
  }
}

template <class T>
uint32_t LeafBlock<T>::GatherRepeated(const record::LeafColumn& column, const RowPiece& piece, uint32_t rows,
                                      const StoredLeaf& leaf) {
  const T* const from = ArrayOf<T>(column);
  const uint32_t* const row_begin = column.row_begin.data();
  if (values_.size() > kLevelsKeptMax) {  // the room of one giant row
    values_ = {};
    levels_.definition = {};
    levels_.repetition = {};
  }
  levels_.definition.clear();
  levels_.repetition.clear();
  size_t values = 0;
  uint32_t taken = 0;
  while (taken < rows && levels_.definition.size() < kLevelsMax) {
    const uint32_t row = piece.row(taken++);
    const uint32_t begin = row_begin[row];
    const uint32_t end = row_begin[row + 1];
    const size_t room = values + (end - begin);
    if (values_.size() < room) values_.resize(std::max(room, values_.size() * 2));
    for (uint32_t i = begin; i < end; ++i) {
      levels_.definition.push_back(static_cast<uint8_t>(column.definition[i]));
      levels_.repetition.push_back(static_cast<uint8_t>(column.repetition[i]));
      values_[values] = from[i];
      values += column.definition[i] == leaf.max_definition;
    }
  }
  levels_.rows = taken;
  levels_.count = levels_.definition.size();
  levels_.values = values;
  levels_.all_defined = values == levels_.count;
  return taken;
}

template <class T>
void LeafBlock<T>::CountBytes() {
  if constexpr (std::is_same_v<T, record::Bytes>) {
    size_t bytes = 0;
    for (size_t i = 0; i < levels_.values; ++i) bytes += values_[i].size;
    bytes_ = bytes;
  }
}

template class LeafBlock<uint8_t>;
template class LeafBlock<int32_t>;
template class LeafBlock<int64_t>;
template class LeafBlock<double>;
template class LeafBlock<record::Int128>;
template class LeafBlock<record::Bytes>;

}  // namespace datahub::lake::parquet
