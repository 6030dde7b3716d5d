#include "datahub/lake/parquet/metadata.h"

#include <array>

#include "datahub/lake/parquet/thrift_writer.h"

namespace datahub::lake::parquet {
namespace {

using Type = ThriftWriter::Type;

template <class E>
int32_t Number(E value) {
  return static_cast<int32_t>(value);
}

// ConvertedType of an annotation, -1 for none.
int32_t ConvertedType(Annotation annotation) {
  switch (annotation) {
    case Annotation::kNone:
      return -1;
    case Annotation::kString:
      return 0;
    case Annotation::kMap:
      return 1;
    case Annotation::kList:
      return 3;
    case Annotation::kDecimal:
      return 5;
    case Annotation::kDate:
      return 6;
    case Annotation::kTimestampMicros:
      return 10;
  }
  return -1;
}

void WriteLogicalType(const SchemaElement& element, ThriftWriter& out) {
  out.BeginStruct(10);
  switch (element.annotation) {
    case Annotation::kNone:
      break;
    case Annotation::kString:
      out.EmptyStruct(1);
      break;
    case Annotation::kMap:
      out.EmptyStruct(2);
      break;
    case Annotation::kList:
      out.EmptyStruct(3);
      break;
    case Annotation::kDecimal:
      out.BeginStruct(5);
      out.I32(1, element.scale);
      out.I32(2, kDecimalPrecision);
      out.EndStruct();
      break;
    case Annotation::kDate:
      out.EmptyStruct(6);
      break;
    case Annotation::kTimestampMicros:
      out.BeginStruct(8);
      out.Bool(1, true);   // adjusted to UTC
      out.BeginStruct(2);  // unit
      out.EmptyStruct(2);  // microseconds
      out.EndStruct();
      out.EndStruct();
      break;
  }
  out.EndStruct();
}

void WriteSchemaElement(const SchemaElement& element, bool root, ThriftWriter& out) {
  out.Begin();
  if (element.type) out.I32(1, Number(*element.type));
  if (element.type == PhysicalType::kFixed16) out.I32(2, kDecimalBytes);
  if (!root) out.I32(3, Number(element.repetition));
  out.Binary(4, element.name);
  if (!element.type) out.I32(5, element.children);
  if (element.annotation != Annotation::kNone) out.I32(6, ConvertedType(element.annotation));
  if (element.annotation == Annotation::kDecimal) {
    out.I32(7, element.scale);
    out.I32(8, kDecimalPrecision);
  }
  if (element.field_id != 0) out.I32(9, element.field_id);
  if (element.annotation != Annotation::kNone) WriteLogicalType(element, out);
  out.End();
}

void WriteStatistics(const ColumnChunk& chunk, ThriftWriter& out) {
  int64_t nulls = 0;
  for (const PageEntry& page : chunk.pages) nulls += page.nulls;
  Bounds bounds;
  bool complete = true;
  for (const PageEntry& page : chunk.pages) {
    if (page.nulls == page.levels) continue;
    complete = complete && page.bounds.valid;
    if (complete) bounds.Widen(page.bounds, chunk.type);
  }
  out.BeginStruct(12);
  out.I64(3, nulls);
  if (complete && bounds.valid) {
    if (bounds.has_max) out.Binary(5, bounds.max);
    out.Binary(6, bounds.min);
    if (bounds.has_max) out.Bool(7, bounds.max_exact);
    out.Bool(8, bounds.min_exact);
  }
  out.EndStruct();
}

constexpr std::array kDataEncodings = {Encoding::kPlain, Encoding::kDeltaBinaryPacked, Encoding::kDeltaLengthByteArray,
                                       Encoding::kDeltaByteArray, Encoding::kRleDictionary};

void WriteEncodings(const ColumnChunk& chunk, ThriftWriter& out) {
  std::vector<Encoding> used = {Encoding::kRle};  // the levels
  for (Encoding encoding : kDataEncodings) {
    bool found = chunk.has_dictionary && encoding == Encoding::kPlain;
    for (const PageEntry& page : chunk.pages) found = found || page.encoding == encoding;
    if (found) used.push_back(encoding);
  }
  out.List(2, Type::kI32, used.size());
  for (Encoding encoding : used) out.I32Element(Number(encoding));
}

// How many pages of which kind: readers decide by it whether the dictionary alone answers a filter.
void WriteEncodingStats(const ColumnChunk& chunk, ThriftWriter& out) {
  struct Count {
    PageType type;
    Encoding encoding;
    int32_t pages;
  };
  std::vector<Count> counts;
  if (chunk.has_dictionary) counts.push_back({PageType::kDictionary, Encoding::kPlain, 1});
  for (Encoding encoding : kDataEncodings) {
    int32_t pages = 0;
    for (const PageEntry& page : chunk.pages) pages += page.encoding == encoding;
    if (pages > 0) counts.push_back({PageType::kData, encoding, pages});
  }
  out.List(13, Type::kStruct, counts.size());
  for (const Count& count : counts) {
    out.Begin();
    out.I32(1, Number(count.type));
    out.I32(2, Number(count.encoding));
    out.I32(3, count.pages);
    out.End();
  }
}

void WriteColumnMetadata(const ColumnChunk& chunk, ThriftWriter& out) {
  int64_t levels = 0;
  for (const PageEntry& page : chunk.pages) levels += page.levels;
  out.BeginStruct(3);
  out.I32(1, Number(chunk.type));
  WriteEncodings(chunk, out);
  out.List(3, Type::kBinary, chunk.path->size());
  for (const std::string& name : *chunk.path) out.BinaryElement(name);
  out.I32(4, Number(Codec::kZstd));
  out.I64(5, levels);
  out.I64(6, chunk.uncompressed_bytes);
  out.I64(7, chunk.compressed_bytes);
  out.I64(9, chunk.begin + chunk.dictionary_bytes);
  if (chunk.has_dictionary) out.I64(11, chunk.begin);
  WriteStatistics(chunk, out);
  WriteEncodingStats(chunk, out);
  out.EndStruct();
}

void WriteColumnChunk(const ColumnChunk& chunk, ThriftWriter& out) {
  out.Begin();
  out.I64(2, 0);  // file_offset is deprecated: the column's metadata is in the footer only
  WriteColumnMetadata(chunk, out);
  out.I64(4, chunk.offset_index_begin);
  out.I32(5, chunk.offset_index_bytes);
  if (chunk.column_index_bytes > 0) {
    out.I64(6, chunk.column_index_begin);
    out.I32(7, chunk.column_index_bytes);
  }
  out.End();
}

void WriteRowGroup(const RowGroup& group, size_t ordinal, ThriftWriter& out) {
  int64_t raw = 0;
  int64_t compressed = 0;
  out.Begin();
  out.List(1, Type::kStruct, group.columns.size());
  for (const ColumnChunk& chunk : group.columns) {
    WriteColumnChunk(chunk, out);
    raw += chunk.uncompressed_bytes;
    compressed += chunk.compressed_bytes;
  }
  out.I64(2, raw);
  out.I64(3, group.rows);
  out.I64(5, group.columns.front().begin);
  out.I64(6, compressed);
  if (ordinal <= INT16_MAX) out.I16(7, static_cast<int16_t>(ordinal));
  out.End();
}

void AppendPageHeader(PageType type, int32_t raw_bytes, int32_t compressed_bytes, ThriftWriter& out) {
  out.I32(1, Number(type));
  out.I32(2, raw_bytes);
  out.I32(3, compressed_bytes);
}

BoundaryOrder OrderOf(const ColumnChunk& chunk) {
  bool ascending = true;
  bool descending = true;
  const PageEntry* last = nullptr;
  for (const PageEntry& page : chunk.pages) {
    if (page.nulls == page.levels) continue;
    if (last != nullptr) {
      const int min = CompareEncoded(chunk.type, last->bounds.min, page.bounds.min);
      const int max = CompareEncoded(chunk.type, last->bounds.max, page.bounds.max);
      ascending = ascending && min <= 0 && max <= 0;
      descending = descending && min >= 0 && max >= 0;
    }
    last = &page;
  }
  if (ascending) return BoundaryOrder::kAscending;
  return descending ? BoundaryOrder::kDescending : BoundaryOrder::kUnordered;
}

}  // namespace

void AppendDataPageHeader(const PageEntry& page, int32_t raw_bytes, int32_t compressed_bytes, ByteBuffer& out) {
  ThriftWriter thrift(out);
  thrift.Begin();
  AppendPageHeader(PageType::kData, raw_bytes, compressed_bytes, thrift);
  thrift.BeginStruct(5);
  thrift.I32(1, static_cast<int32_t>(page.levels));
  thrift.I32(2, Number(page.encoding));
  thrift.I32(3, Number(Encoding::kRle));
  thrift.I32(4, Number(Encoding::kRle));
  thrift.EndStruct();
  thrift.End();
}

void AppendDictionaryPageHeader(int32_t entries, int32_t raw_bytes, int32_t compressed_bytes, ByteBuffer& out) {
  ThriftWriter thrift(out);
  thrift.Begin();
  AppendPageHeader(PageType::kDictionary, raw_bytes, compressed_bytes, thrift);
  thrift.BeginStruct(7);
  thrift.I32(1, entries);
  thrift.I32(2, Number(Encoding::kPlain));
  thrift.EndStruct();
  thrift.End();
}

bool AppendColumnIndex(const ColumnChunk& chunk, ByteBuffer& out) {
  for (const PageEntry& page : chunk.pages) {
    if (page.nulls != page.levels && !(page.bounds.valid && page.bounds.has_max)) return false;
  }
  const size_t pages = chunk.pages.size();
  ThriftWriter thrift(out);
  thrift.Begin();
  thrift.List(1, Type::kTrue, pages);
  for (const PageEntry& page : chunk.pages) thrift.BoolElement(page.nulls == page.levels);
  thrift.List(2, Type::kBinary, pages);
  for (const PageEntry& page : chunk.pages) thrift.BinaryElement(page.bounds.min);
  thrift.List(3, Type::kBinary, pages);
  for (const PageEntry& page : chunk.pages) thrift.BinaryElement(page.bounds.max);
  thrift.I32(4, Number(OrderOf(chunk)));
  thrift.List(5, Type::kI64, pages);
  for (const PageEntry& page : chunk.pages) thrift.I64Element(page.nulls);
  thrift.End();
  return true;
}

void AppendOffsetIndex(const ColumnChunk& chunk, ByteBuffer& out) {
  ThriftWriter thrift(out);
  int64_t at = chunk.begin + chunk.dictionary_bytes;
  int64_t first_row = 0;
  thrift.Begin();
  thrift.List(1, Type::kStruct, chunk.pages.size());
  for (const PageEntry& page : chunk.pages) {
    thrift.Begin();
    thrift.I64(1, at);
    thrift.I32(2, static_cast<int32_t>(page.bytes));
    thrift.I64(3, first_row);
    thrift.End();
    at += page.bytes;
    first_row += page.rows;
  }
  thrift.End();
}

void AppendFileMetadata(const FileMetadata& file, ByteBuffer& out) {
  int64_t rows = 0;
  for (const RowGroup& group : file.row_groups) rows += group.rows;
  size_t leaves = 0;
  for (const SchemaElement& element : file.schema) leaves += element.type.has_value();

  ThriftWriter thrift(out);
  thrift.Begin();
  thrift.I32(1, 2);  // format version
  thrift.List(2, Type::kStruct, file.schema.size());
  for (size_t i = 0; i < file.schema.size(); ++i) WriteSchemaElement(file.schema[i], i == 0, thrift);
  thrift.I64(3, rows);
  thrift.List(4, Type::kStruct, file.row_groups.size());
  for (size_t i = 0; i < file.row_groups.size(); ++i) WriteRowGroup(file.row_groups[i], i, thrift);
  thrift.List(5, Type::kStruct, 1);
  thrift.Begin();
  thrift.Binary(1, kFormatKey);
  thrift.Binary(2, std::to_string(kFormatVersion));
  thrift.End();
  thrift.Binary(6, file.created_by);
  thrift.List(7, Type::kStruct, leaves);
  for (size_t i = 0; i < leaves; ++i) {
    thrift.Begin();
    thrift.EmptyStruct(1);  // every column in the order of its type
    thrift.End();
  }
  thrift.End();
}

}  // namespace datahub::lake::parquet
