#include "datahub/lake/data_file_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace datahub::lake {
namespace {

using parquet::RowRange;
using parquet::Selection;

uint64_t RowsOf(std::span<const Selection> rows) {
  uint64_t count = 0;
  for (const Selection& selection : rows) {
    for (const RowRange range : selection.ranges) count += range.end - range.begin;
  }
  return count;
}

// Takes rows off the front, up to a number.
class RowTaker {
 public:
  explicit RowTaker(std::span<const Selection> rows) : rows_(rows) {}

  std::vector<Selection> Take(uint64_t wanted) {
    std::vector<Selection> taken;
    ranges_.clear();
    std::vector<std::pair<const record::Columns*, size_t>> parts;  // columns, first range
    while (wanted > 0 && selection_ < rows_.size()) {
      const Selection& selection = rows_[selection_];
      if (range_ == selection.ranges.size()) {
        ++selection_;
        range_ = 0;
        continue;
      }
      if (parts.empty() || parts.back().first != selection.columns)
        parts.emplace_back(selection.columns, ranges_.size());
      RowRange range = selection.ranges[range_];
      range.begin += skip_;
      const uint64_t count = std::min<uint64_t>(wanted, range.end - range.begin);
      const bool whole = count == range.end - range.begin;
      range.end = range.begin + static_cast<uint32_t>(count);
      ranges_.push_back(range);
      wanted -= count;
      skip_ = whole ? 0 : skip_ + static_cast<uint32_t>(count);
      if (whole) ++range_;
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      const size_t end = i + 1 < parts.size() ? parts[i + 1].second : ranges_.size();
      taken.push_back({parts[i].first, std::span(ranges_).subspan(parts[i].second, end - parts[i].second)});
    }
    return taken;
  }

 private:
  const std::span<const Selection> rows_;
  size_t selection_ = 0;
  size_t range_ = 0;
  uint32_t skip_ = 0;  // rows taken of the range at hand
  std::vector<RowRange> ranges_;
};

}  // namespace

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::Open(storage::Store& store, std::string_view incarnation,
                                                             const storage::ObjectKey& key,
                                                             const parquet::FileSchema& schema,
                                                             const parquet::FileOptions& options,
                                                             parquet::Scratch& scratch) {
  std::unique_ptr<storage::UnseenWriter> object = DH_TRY(store.CreateUnseen(incarnation, key));
  return std::unique_ptr<DataFileWriter>(new DataFileWriter(std::move(object), schema, options, scratch));
}

DataFileWriter::DataFileWriter(std::unique_ptr<storage::UnseenWriter> object, const parquet::FileSchema& schema,
                               const parquet::FileOptions& options, parquet::Scratch& scratch)
    : object_(std::move(object)),
      encoder_(
          schema, options, [to = object_.get()](std::string_view bytes) { return to->Append(bytes); }, &scratch) {}

Result<void> DataFileWriter::Write(std::span<const Selection> rows, uint64_t row_group_rows_max) {
  if (rows.empty()) return {};
  contract_version_ = rows.front().columns->contract_version;
  uint64_t left = RowsOf(rows);
  if (left <= row_group_rows_max) return encoder_.WriteRowGroup(rows);
  RowTaker taker(rows);
  while (left > 0) {
    const uint64_t count = std::min(left, row_group_rows_max);
    DH_TRY(encoder_.WriteRowGroup(taker.Take(count)));
    left -= count;
  }
  return {};
}

Result<storage::UnseenObject> DataFileWriter::Seal() && {
  DH_TRY(encoder_.Finish());
  return std::move(*object_).Finish();
}

}  // namespace datahub::lake
