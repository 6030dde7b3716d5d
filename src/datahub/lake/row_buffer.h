#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "datahub/lake/parquet/file_writer.h"
#include "datahub/record/columns.h"

namespace datahub::lake {

// Accepted rows that wait to be written, by partition. Rows stay where the contract put them; a partition is a list of row
// ranges. What keeps memory is the Columns (with its chunk), so a few waiting rows can hold much: Compact() moves them.
//
//   Append -> { LargestFirst -> Selections -> write -> Release }* -> Compact
//
// Memory   bytes() is all of it: Columns, chunks, arenas, ranges
// Threads  one thread at a time
class RowBuffer {
 public:
  // partition_of_row[r] is a small number, or `nowhere` for a row that is not wanted.
  void Append(std::shared_ptr<record::Columns> columns, std::span<const uint32_t> partition_of_row, uint32_t nowhere);

  size_t bytes() const { return columns_bytes_ + ranges_bytes_; }
  // What would be left of bytes() after Compact(), about: the share of each Columns that its waiting rows have.
  size_t live_bytes() const { return live_bytes_; }
  size_t live_bytes(uint32_t partition) const { return partitions_[partition].live_bytes; }
  uint64_t rows(uint32_t partition) const;
  // Partitions in which rows wait, by live bytes.
  std::vector<uint32_t> LargestFirst() const;

  // The waiting rows of a partition, in order of arrival; valid until the next call that changes anything.
  std::vector<parquet::Selection> Selections(uint32_t partition) const;
  // They are written: forgets them.
  void Release(uint32_t partition);

  // Copies the rows of every Columns of which less than three quarters still wait, and lets go of the original.
  void Compact();

  // Columns of the caller's of which no row waits, at most kSpentMax; older ones are freed.
  std::vector<std::shared_ptr<record::Columns>> TakeSpent();
  static constexpr size_t kSpentMax = 16;

 private:
  struct Held {
    std::shared_ptr<record::Columns> columns;
    size_t bytes = 0;
    size_t waiting = 0;    // rows
    bool copied = false;   // ours, not the caller's
    Held* copy = nullptr;  // while compacting: where its rows go
    std::list<Held>::iterator self;
  };
  // Rows of one Columns: the ranges from `first_range` to the next part's.
  struct Part {
    Held* held = nullptr;
    size_t first_range = 0;
    size_t rows = 0;
    size_t live_bytes = 0;
  };
  struct Partition {
    std::vector<Part> parts;
    std::vector<parquet::RowRange> ranges;
    uint64_t rows = 0;
    size_t live_bytes = 0;
  };

  static std::span<const parquet::RowRange> RangesOf(const Partition& partition, size_t part);
  Held& Hold(std::shared_ptr<record::Columns> columns, bool copied);
  void LetGo(Held& held);
  void AddRange(Partition& partition, Held& held, parquet::RowRange range, size_t row_bytes);
  void CompactPartition(Partition& partition);

  std::list<Held> held_;
  std::vector<Partition> partitions_;
  std::vector<std::shared_ptr<record::Columns>> spent_;
  size_t columns_bytes_ = 0;
  size_t ranges_bytes_ = 0;
  size_t live_bytes_ = 0;
};

}  // namespace datahub::lake
