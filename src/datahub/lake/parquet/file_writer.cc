#include "datahub/lake/parquet/file_writer.h"

#include <fmt/format.h>

#include <utility>

#include "datahub/lake/parquet/schema_tree.h"
#include "datahub/lake/parquet/scratch.h"

namespace datahub::lake::parquet {
namespace {

constexpr std::string_view kMagic = "PAR1";

Error Misuse(std::string what) { return {Code::kInternal, "writing a Parquet file: " + std::move(what)}; }

}  // namespace

Scratch::Scratch() : parts_(std::make_unique<Parts>()) {}
Scratch::~Scratch() = default;
int64_t Scratch::compress_us() const { return parts_->compressor.time_us(); }

struct FileWriter::Impl {
  Impl(const FileSchema& schema, const FileOptions& file_options, Sink sink, Scratch& scratch)
      : options(file_options),
        tree(MakeSchemaTree(schema)),
        parts(*scratch.parts_),
        out(std::move(sink), parts.staged),
        chunk(out, parts.compressor, parts.pages) {
    for (size_t i = 0; i < kLineageColumns; ++i) {
      lineage_paths.push_back({LineageColumnOf(static_cast<Lineage>(i)).name});
    }
  }

  Result<size_t> CheckRows(std::span<const Selection> rows) const;
  Result<void> WriteRowGroup(std::span<const Selection> rows);
  Result<ColumnChunk> WriteLeaf(RowCursor& cursor, const StoredLeaf& leaf, int& untried);
  Result<ColumnChunk> WriteLineage(std::span<const Selection> rows, Lineage column);
  Result<void> WriteMagic();
  Result<void> WriteIndexes();
  Result<void> Finish();

  FileOptions options;
  ColumnHistory own_history;
  Result<SchemaTree> tree;
  Scratch::Parts& parts;
  FileOutput out;
  ChunkWriter chunk;
  std::vector<std::vector<std::string>> lineage_paths;
  FileMetadata metadata;
  uint64_t rows_written = 0;
  bool spent = false;
};

Result<size_t> FileWriter::Impl::CheckRows(std::span<const Selection> rows) const {
  size_t count = 0;
  for (const Selection& selection : rows) {
    const record::Columns& columns = *selection.columns;
    if (columns.leaves.size() != tree->columns) {
      return Misuse(
          fmt::format("the columns have {} leaves, the file's schema {}", columns.leaves.size(), tree->columns));
    }
    for (const RowRange range : selection.ranges) {
      if (range.begin > range.end || range.end > columns.rows) {
        return Misuse(fmt::format("rows {} to {} of {} are selected", range.begin, range.end, columns.rows));
      }
      count += range.end - range.begin;
    }
  }
  if (count == 0) return Misuse("a row group needs a row");
  if (count > INT32_MAX) return Misuse(fmt::format("{} rows are too many for one row group", count));
  return count;
}

Result<void> FileWriter::Impl::WriteMagic() {
  ByteBuffer magic;
  magic.Append(kMagic);
  return out.Write(magic);
}

Result<ColumnChunk> FileWriter::Impl::WriteLeaf(RowCursor& cursor, const StoredLeaf& leaf, int& untried) {
  const auto encode = [&]<class T>(ColumnEncoder<T>& encoder) -> Result<void> {
    chunk.Begin(leaf.type, leaf.path, ColumnEncoder<T>::kMayUseDictionary);
    cursor.Return({});
    return encoder.Encode(cursor, leaf, options, chunk, untried);
  };
  auto& encoders = parts.encoders;
  switch (leaf.type) {
    case PhysicalType::kBoolean:
      DH_TRY(encode(std::get<ColumnEncoder<uint8_t>>(encoders)));
      break;
    case PhysicalType::kInt32:
      DH_TRY(encode(std::get<ColumnEncoder<int32_t>>(encoders)));
      break;
    case PhysicalType::kInt64:
      DH_TRY(encode(std::get<ColumnEncoder<int64_t>>(encoders)));
      break;
    case PhysicalType::kDouble:
      DH_TRY(encode(std::get<ColumnEncoder<double>>(encoders)));
      break;
    case PhysicalType::kFixed16:
      DH_TRY(encode(std::get<ColumnEncoder<record::Int128>>(encoders)));
      break;
    case PhysicalType::kByteArray:
      DH_TRY(encode(std::get<ColumnEncoder<record::Bytes>>(encoders)));
      break;
  }
  return chunk.Finish();
}

Result<ColumnChunk> FileWriter::Impl::WriteLineage(std::span<const Selection> rows, Lineage column) {
  chunk.Begin(LineageColumnOf(column).type, lineage_paths[static_cast<size_t>(column)], column != Lineage::kOffset);
  DH_TRY(parts.lineage.Encode(column, rows, options, chunk));
  return chunk.Finish();
}

Result<void> FileWriter::Impl::WriteRowGroup(std::span<const Selection> rows) {
  if (spent) return Misuse("it is finished, or failed before");
  if (!tree) return tree.error();
  const size_t count = DH_TRY(CheckRows(rows));
  spent = true;  // until this row group is whole
  parts.staged.Clear();
  parts.compressor.SetLevel(options.zstd_level);
  if (out.position() == 0) DH_TRY(WriteMagic());
  RowGroup group;
  group.rows = static_cast<int64_t>(count);
  group.columns.reserve(tree->leaves.size() + kLineageColumns);
  RowCursor cursor(rows);
  std::vector<int>& untried = (options.history != nullptr ? *options.history : own_history).untried;
  untried.resize(tree->leaves.size());
  for (size_t i = 0; i < tree->leaves.size(); ++i) {
    group.columns.push_back(DH_TRY(WriteLeaf(cursor, tree->leaves[i], untried[i])));
  }
  for (size_t i = 0; i < kLineageColumns; ++i) {
    group.columns.push_back(DH_TRY(WriteLineage(rows, static_cast<Lineage>(i))));
  }
  DH_TRY(out.Flush());
  metadata.row_groups.push_back(std::move(group));
  rows_written += count;
  spent = false;
  return {};
}

Result<void> FileWriter::Impl::WriteIndexes() {
  ByteBuffer index;
  for (RowGroup& group : metadata.row_groups) {
    for (ColumnChunk& column : group.columns) {
      column.column_index_begin = static_cast<int64_t>(out.position());
      if (!AppendColumnIndex(column, index)) continue;
      column.column_index_bytes = static_cast<int32_t>(index.size());
      DH_TRY(out.Write(index));
    }
  }
  for (RowGroup& group : metadata.row_groups) {
    for (ColumnChunk& column : group.columns) {
      column.offset_index_begin = static_cast<int64_t>(out.position());
      AppendOffsetIndex(column, index);
      column.offset_index_bytes = static_cast<int32_t>(index.size());
      DH_TRY(out.Write(index));
    }
  }
  return {};
}

Result<void> FileWriter::Impl::Finish() {
  if (spent) return Misuse("it is finished, or failed before");
  if (!tree) return tree.error();
  spent = true;
  parts.staged.Clear();
  if (out.position() == 0) DH_TRY(WriteMagic());
  DH_TRY(WriteIndexes());
  metadata.schema = std::move(tree->elements);
  metadata.created_by = "datahub version " DH_VERSION;
  ByteBuffer footer;
  AppendFileMetadata(metadata, footer);
  footer.AppendFixed(static_cast<uint32_t>(footer.size()));
  footer.Append(kMagic);
  DH_TRY(out.Write(footer));
  return out.Flush();
}

FileWriter::FileWriter(const FileSchema& schema, const FileOptions& options, Sink sink, Scratch* scratch)
    : own_scratch_(scratch == nullptr ? std::make_unique<Scratch>() : nullptr),
      impl_(std::make_unique<Impl>(schema, options, std::move(sink), scratch == nullptr ? *own_scratch_ : *scratch)) {}
FileWriter::~FileWriter() = default;

Result<void> FileWriter::WriteRowGroup(std::span<const Selection> rows) { return impl_->WriteRowGroup(rows); }
Result<void> FileWriter::Finish() { return impl_->Finish(); }
uint64_t FileWriter::rows() const { return impl_->rows_written; }
uint64_t FileWriter::bytes() const { return impl_->out.handed(); }

}  // namespace datahub::lake::parquet
