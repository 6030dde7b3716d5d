#include "datahub/lake/parquet/lineage_encoder.h"

#include <type_traits>
#include <utility>

#include "datahub/lake/parquet/bit_pack.h"
#include "datahub/lake/parquet/hybrid.h"
#include "datahub/lake/parquet/open_page.h"

namespace datahub::lake::parquet {
namespace {

size_t RowsOf(const Selection& selection) {
  size_t rows = 0;
  for (const RowRange range : selection.ranges) rows += range.end - range.begin;
  return rows;
}

record::Bytes BytesOf(const std::string& text) { return {text.data(), static_cast<uint32_t>(text.size())}; }

template <class T>
Bounds BoundsOfAll(const Dictionary<T>& dictionary) {
  Bounds bounds;
  for (size_t i = 0; i < dictionary.entries(); ++i) {
    const auto value = dictionary.value(i);
    if constexpr (std::is_same_v<T, record::Bytes>) {
      bounds.Widen(BoundsOf(value, value, true), PhysicalType::kByteArray);
    } else {
      bounds.Widen(BoundsOf(value, value), std::is_same_v<T, int32_t> ? PhysicalType::kInt32 : PhysicalType::kInt64);
    }
  }
  return bounds;
}

}  // namespace

Result<void> LineageEncoder::Encode(Lineage column, std::span<const Selection> rows, const FileOptions& options,
                                    ChunkWriter& chunk) {
  const auto received_at = [](const record::Columns& of) { return of.chunk->received_at_us; };
  const auto source = [](const record::Columns& of) { return BytesOf(of.chunk->source); };
  const auto shard = [](const record::Columns& of) { return BytesOf(of.chunk->shard); };
  const auto version = [](const record::Columns& of) { return static_cast<int32_t>(of.contract_version); };
  switch (column) {
    case Lineage::kReceivedAt:
      return EncodeRuns(rows, received_at, int64s_, chunk);
    case Lineage::kSource:
      return EncodeRuns(rows, source, strings_, chunk);
    case Lineage::kShard:
      return EncodeRuns(rows, shard, strings_, chunk);
    case Lineage::kOffset:
      return EncodeOffsets(rows, options, chunk);
    case Lineage::kContractVersion:
      return EncodeRuns(rows, version, int32s_, chunk);
  }
  return {};
}

// One page: a run costs a few bytes, so that a page of them stays small.
template <class T, class ValueOf>
Result<void> LineageEncoder::EncodeRuns(std::span<const Selection> rows, ValueOf value_of, Dictionary<T>& dictionary,
                                        ChunkWriter& chunk) {
  dictionary.Clear();
  runs_.clear();
  PageEntry entry;
  entry.encoding = Encoding::kRleDictionary;
  for (const Selection& selection : rows) {
    const size_t count = RowsOf(selection);
    if (count == 0) continue;
    const T value = value_of(*selection.columns);
    uint32_t index;
    dictionary.Add(&value, 1, &index);
    if (!runs_.empty() && runs_.back().index == index) {
      runs_.back().rows += count;
    } else {
      runs_.push_back({index, count});
    }
    entry.rows += static_cast<int64_t>(count);
  }
  entry.levels = entry.rows;
  entry.bounds = BoundsOfAll(dictionary);

  const int width = dictionary.entries() <= 2 ? 1 : BitWidth(dictionary.entries() - 1);
  page_.Clear();
  page_.body.AppendFixed(static_cast<uint8_t>(width));
  for (const Run& run : runs_) AppendRun(run.index, run.rows, width, page_.body);
  DH_TRY(chunk.AddPage(page_, std::move(entry)));

  dictionary.AppendPlain(page_.body);
  return chunk.AddDictionary(dictionary.entries(), page_);
}

Result<void> LineageEncoder::EncodeOffsets(std::span<const Selection> rows, const FileOptions& options,
                                           ChunkWriter& chunk) {
  RowCursor cursor(rows);
  page_.Clear();
  offsets_.Reset(options.encodings);
  for (;;) {
    const RowPiece piece = cursor.Peek();
    if (piece.count > 0) {
      const uint64_t* offsets = piece.columns->offsets.data();
      if (piece.rows == nullptr) {
        offsets_.Add(offsets + piece.begin, piece.count, page_);
      } else {
        uint64_t picked[RowCursor::kPieceRowsMax];
        for (uint32_t i = 0; i < piece.count; ++i) picked[i] = offsets[piece.rows[i]];
        offsets_.Add(picked, piece.count, page_);
      }
      cursor.Advance(piece.count);
    }
    const auto count = static_cast<int64_t>(offsets_.count());
    const bool end = piece.count == 0;
    if (end && count == 0) return {};
    if (!end && count < kPageLevelsMax && offsets_.bytes(page_) < options.page_bytes) continue;
    PageEntry entry;
    entry.encoding = offsets_.encoding();
    entry.rows = entry.levels = count;
    entry.bounds = offsets_.bounds();
    offsets_.Close(page_);
    const uint32_t width = entry.encoding == Encoding::kPlain ? OffsetEncoder::kPlainBytes : 0;
    DH_TRY(chunk.AddPage(page_, std::move(entry), width));
    offsets_.Reset(options.encodings);
  }
}

}  // namespace datahub::lake::parquet
