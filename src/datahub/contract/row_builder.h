#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "datahub/record/columns.h"

namespace datahub::contract {

// Writes rows into Columns, a leaf at a time, and takes the row in the making back.
//
//   Attach -> { BeginRow -> Put… -> CommitRow | the next BeginRow undoes } -> Detach
//
// Shape    every leaf gets at least one level a row: what puts no value puts a null
// Memory   leaves that do not repeat have room for the rows of Reserve(); leaves that repeat grow by doubling, a row that
//          asks for more than kRowLevelsBytesMax of levels overflows: what it puts is lost, and it may not be committed
// Threads  one thread at a time
class RowBuilder {
 public:
  // A row of lists in lists can take thousands of times its text.
  static constexpr size_t kRowLevelsBytesMax = 96u << 20;

  // Columns are full when they take about `bytes_max`, or have kRowsMax rows.
  explicit RowBuilder(const std::vector<record::Leaf>& leaves, size_t bytes_max = size_t(-1));

  // Columns of this shape without rows; room from an earlier use is kept.
  std::shared_ptr<record::Columns> NewColumns() const;
  // False when these columns are not of this shape: then they cannot be used again.
  bool Fits(const record::Columns& columns) const;
  // What their arrays take.
  static size_t BytesOf(const record::Columns& columns);

  void Attach(record::Columns& columns);
  void Detach();
  // Room for `rows` more rows.
  void Reserve(size_t rows);
  // How many more rows may be reserved until the columns are full; a first one always.
  size_t rows_left() const {
    if (row_ == 0) return rows_max_;
    return is_full() ? 0 : rows_max_ - row_;
  }
  bool is_full() const {
    return row_ >= rows_max_ || levels_bytes_ + (columns_->arena ? columns_->arena->bytes() : 0) > bytes_max_;
  }
  // The row in the making has more levels than a row may have, whatever was before it.
  bool overflowed() const {
    return overflowed_ || (levels_bytes_ > kRowLevelsBytesMax && RowLevelsBytes() > kRowLevelsBytesMax);
  }

  // Begins the row, undoing what was put since the last CommitRow().
  void BeginRow() {
    overflowed_ = false;
    for (const uint32_t leaf : repeated_) sinks_[leaf].count = sinks_[leaf].row_begin[row_];
  }
  void CommitRow(uint64_t offset) {
    for (const uint32_t leaf : repeated_) {
      Sink& sink = sinks_[leaf];
      if (row_ + 1 >= sink.row_begin_size) GrowRowBegin(sink);
      sink.row_begin[row_ + 1] = sink.count;
    }
    offsets_[row_++] = offset;
  }
  size_t rows() const { return row_; }

  // One value at `leaf`. Flat: the leaf does not repeat. Repeated: a level more.
  template <bool kRepeated, class T>
  void Put(uint32_t leaf, T value, int16_t definition, int16_t repetition) {
    Sink& sink = sinks_[leaf];
    const size_t at = Slot<kRepeated>(sink, repetition);
    static_cast<T*>(sink.values)[at] = value;
    sink.definition[at] = definition;
  }
  // No value at the leaves [begin, end), of either kind: the level says how far the path got.
  void PutNulls(uint32_t begin, uint32_t end, int16_t definition, int16_t repetition) {
    for (uint32_t leaf = begin; leaf < end; ++leaf) {
      Sink& sink = sinks_[leaf];
      const size_t at = sink.repeats ? Slot<true>(sink, repetition) : row_;
      sink.definition[at] = definition;
    }
  }

  // `size` bytes that live as long as the columns.
  char* Allocate(size_t size);

 private:
  struct Sink {
    void* values = nullptr;
    int16_t* definition = nullptr;
    int16_t* repetition = nullptr;
    uint32_t* row_begin = nullptr;
    size_t row_begin_size = 0;
    uint32_t count = 0;     // levels so far, where the leaf repeats
    uint32_t capacity = 0;  // of the same
    bool repeats = false;
    record::LeafColumn* column = nullptr;
  };

  template <bool kRepeated>
  size_t Slot(Sink& sink, int16_t repetition) {
    if constexpr (!kRepeated) return row_;
    if (sink.count == sink.capacity) [[unlikely]]
      GrowLevels(sink);
    sink.repetition[sink.count] = repetition;
    return sink.count++;
  }
  void GrowLevels(Sink& sink);
  size_t RowLevelsBytes() const;
  void GrowRowBegin(Sink& sink);
  static void Point(Sink& sink);

  static constexpr size_t kRowsMax = 64 * 1024;

  std::vector<record::Leaf> leaves_;
  const size_t bytes_max_;
  size_t rows_max_ = 0;      // of one Columns
  size_t levels_bytes_ = 0;  // room of the leaves that repeat
  bool overflowed_ = false;
  std::vector<uint32_t> repeated_;
  std::vector<Sink> sinks_;
  record::Columns* columns_ = nullptr;
  uint64_t* offsets_ = nullptr;
  size_t row_ = 0;
};

}  // namespace datahub::contract
