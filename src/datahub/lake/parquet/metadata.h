#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datahub/lake/parquet/bounds.h"
#include "datahub/lake/parquet/byte_buffer.h"
#include "datahub/lake/parquet/format.h"

namespace datahub::lake::parquet {

// One node of a file's schema, in depth-first order; the first is the root.
struct SchemaElement {
  std::string name;
  std::optional<PhysicalType> type;  // none: a group
  Annotation annotation = Annotation::kNone;
  Repetition repetition = Repetition::kRequired;
  int scale = 0;     // Annotation::kDecimal
  int children = 0;  // groups
  int field_id = 0;  // 0: none
};

struct PageEntry {
  int64_t bytes = 0;   // header included
  int64_t levels = 0;  // values, nulls included
  int64_t nulls = 0;
  int64_t rows = 0;
  Encoding encoding = Encoding::kPlain;
  Bounds bounds;
};

// What the footer and the page index say of one column chunk.
struct ColumnChunk {
  PhysicalType type = PhysicalType::kByteArray;
  const std::vector<std::string>* path = nullptr;
  bool has_dictionary = false;
  int64_t begin = 0;             // place in the file
  int64_t dictionary_bytes = 0;  // its page, header included; comes first
  int64_t compressed_bytes = 0;
  int64_t uncompressed_bytes = 0;
  std::vector<PageEntry> pages;  // data pages

  int64_t column_index_begin = 0;
  int32_t column_index_bytes = 0;  // 0: none
  int64_t offset_index_begin = 0;
  int32_t offset_index_bytes = 0;
};

struct RowGroup {
  int64_t rows = 0;
  std::vector<ColumnChunk> columns;
};

// In every file's key-value metadata: what Datahub writes beyond the Parquet format itself, such as its dh_ columns.
inline constexpr std::string_view kFormatKey = "datahub.format";
inline constexpr int kFormatVersion = 1;

struct FileMetadata {
  std::vector<SchemaElement> schema;
  std::vector<RowGroup> row_groups;
  std::string created_by;
};

void AppendDataPageHeader(const PageEntry& page, int32_t raw_bytes, int32_t compressed_bytes, ByteBuffer& out);
void AppendDictionaryPageHeader(int32_t entries, int32_t raw_bytes, int32_t compressed_bytes, ByteBuffer& out);
// False, and nothing written: some page has values but no bounds, so that the chunk can have no column index.
bool AppendColumnIndex(const ColumnChunk& chunk, ByteBuffer& out);
void AppendOffsetIndex(const ColumnChunk& chunk, ByteBuffer& out);
// The Thrift part only; length and magic are the caller's.
void AppendFileMetadata(const FileMetadata& file, ByteBuffer& out);

}  // namespace datahub::lake::parquet
