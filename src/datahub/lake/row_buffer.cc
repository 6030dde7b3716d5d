#include "datahub/lake/row_buffer.h"

#include <algorithm>
#include <utility>

#include "datahub/base/result.h"
#include "datahub/lake/copy_rows.h"

namespace datahub::lake {

using parquet::RowRange;

void RowBuffer::Append(std::shared_ptr<record::Columns> columns, std::span<const uint32_t> partition_of_row,
                       uint32_t nowhere) {
  DH_ASSERT(partition_of_row.size() == columns->rows);
  Held& held = Hold(std::move(columns), false);
  const auto rows = static_cast<uint32_t>(partition_of_row.size());
  const size_t row_bytes = rows > 0 ? held.bytes / rows : 0;
  for (uint32_t begin = 0; begin < rows;) {
    const uint32_t number = partition_of_row[begin];
    uint32_t end = begin + 1;
    while (end < rows && partition_of_row[end] == number) ++end;
    if (number != nowhere) {
      if (number >= partitions_.size()) partitions_.resize(number + 1);
      AddRange(partitions_[number], held, {begin, end}, row_bytes);
    }
    begin = end;
  }
  if (held.waiting == 0) LetGo(held);
}

uint64_t RowBuffer::rows(uint32_t partition) const {
  return partition < partitions_.size() ? partitions_[partition].rows : 0;
}

std::vector<uint32_t> RowBuffer::LargestFirst() const {
  std::vector<uint32_t> order;
  for (uint32_t number = 0; number < partitions_.size(); ++number) {
    if (partitions_[number].rows > 0) order.push_back(number);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return partitions_[a].live_bytes > partitions_[b].live_bytes; });
  return order;
}

std::vector<parquet::Selection> RowBuffer::Selections(uint32_t number) const {
  std::vector<parquet::Selection> selections;
  const Partition& partition = partitions_[number];
  for (size_t part = 0; part < partition.parts.size(); ++part) {
    selections.push_back({partition.parts[part].held->columns.get(), RangesOf(partition, part)});
  }
  return selections;
}

void RowBuffer::Release(uint32_t number) {
  Partition released = std::exchange(partitions_[number], {});
  ranges_bytes_ -= released.ranges.size() * sizeof(RowRange);
  live_bytes_ -= released.live_bytes;
  for (const Part& part : released.parts) {
    part.held->waiting -= part.rows;
    if (part.held->waiting == 0) LetGo(*part.held);
  }
}

void RowBuffer::Compact() {
  bool any = false;
  auto held = held_.begin();
  for (size_t left = held_.size(); left > 0; --left, ++held) {  // copies are added behind and not looked at
    if (held->waiting * 4 >= held->columns->rows * 3) continue;
    auto columns = std::make_shared<record::Columns>(MakeEmptyLike(*held->columns, held->waiting));
    held->copy = &Hold(std::move(columns), true);
    any = true;
  }
  if (!any) return;
  for (Partition& partition : partitions_) {
    if (partition.rows > 0) CompactPartition(partition);
  }
  for (Held& copy : held_) {
    if (!copy.copied) continue;
    columns_bytes_ -= copy.bytes;
    copy.bytes = FootprintOf(*copy.columns);
    columns_bytes_ += copy.bytes;
  }
}

std::vector<std::shared_ptr<record::Columns>> RowBuffer::TakeSpent() { return std::exchange(spent_, {}); }

std::span<const RowRange> RowBuffer::RangesOf(const Partition& partition, size_t part) {
  const size_t begin = partition.parts[part].first_range;
  const bool last = part + 1 == partition.parts.size();
  const size_t end = last ? partition.ranges.size() : partition.parts[part + 1].first_range;
  return std::span(partition.ranges).subspan(begin, end - begin);
}

RowBuffer::Held& RowBuffer::Hold(std::shared_ptr<record::Columns> columns, bool copied) {
  Held& held = held_.emplace_back();
  held.self = std::prev(held_.end());
  held.bytes = FootprintOf(*columns);
  held.columns = std::move(columns);
  held.copied = copied;
  columns_bytes_ += held.bytes;
  return held;
}

void RowBuffer::LetGo(Held& held) {
  columns_bytes_ -= held.bytes;
  if (!held.copied) {
    // Nobody else looks: the chunk need not wait until the columns are taken.
    if (held.columns.use_count() == 1) {
      held.columns->chunk.reset();
      held.columns->arena.reset();
    }
    if (spent_.size() == kSpentMax) spent_.erase(spent_.begin());
    spent_.push_back(std::move(held.columns));
  }
  held_.erase(held.self);
}

void RowBuffer::AddRange(Partition& partition, Held& held, RowRange range, size_t row_bytes) {
  if (partition.parts.empty() || partition.parts.back().held != &held) {
    partition.parts.push_back({&held, partition.ranges.size(), 0, 0});
  }
  partition.ranges.push_back(range);
  ranges_bytes_ += sizeof(RowRange);
  const size_t rows = range.end - range.begin;
  const size_t share = rows * row_bytes;
  Part& part = partition.parts.back();
  part.rows += rows;
  part.live_bytes += share;
  partition.rows += rows;
  partition.live_bytes += share;
  live_bytes_ += share;
  held.waiting += rows;
}

void RowBuffer::CompactPartition(Partition& partition) {
  Partition compact;
  compact.rows = partition.rows;
  for (size_t i = 0; i < partition.parts.size(); ++i) {
    Part part = partition.parts[i];
    const std::span<const RowRange> ranges = RangesOf(partition, i);
    const size_t first_range = compact.ranges.size();
    if (Held* const copy = part.held->copy; copy != nullptr) {
      const auto begin = static_cast<uint32_t>(copy->columns->rows);
      part.live_bytes = CopyRows(*part.held->columns, ranges, *copy->columns);
      compact.ranges.push_back({begin, static_cast<uint32_t>(copy->columns->rows)});
      copy->waiting += part.rows;
      part.held->waiting -= part.rows;
      if (part.held->waiting == 0) LetGo(*part.held);
      part.held = copy;
    } else {
      compact.ranges.insert(compact.ranges.end(), ranges.begin(), ranges.end());
    }
    part.first_range = first_range;
    compact.parts.push_back(part);
    compact.live_bytes += part.live_bytes;
  }
  ranges_bytes_ -= (partition.ranges.size() - compact.ranges.size()) * sizeof(RowRange);
  live_bytes_ = live_bytes_ - partition.live_bytes + compact.live_bytes;
  partition = std::move(compact);
}

}  // namespace datahub::lake
