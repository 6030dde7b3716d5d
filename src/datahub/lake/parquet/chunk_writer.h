#pragma once

#include <string>
#include <vector>

#include "datahub/lake/parquet/compressor.h"
#include "datahub/lake/parquet/file_output.h"
#include "datahub/lake/parquet/metadata.h"
#include "datahub/lake/parquet/raw_page.h"

namespace datahub::lake::parquet {

// Compresses a column chunk's pages and brings them into the file. As long as there may be a dictionary, which must come
// first and is known last, pages wait here; else they leave as they come.
class ChunkWriter {
 public:
  ChunkWriter(FileOutput& out, Compressor& compressor, ByteBuffer& pages)
      : out_(out), compressor_(compressor), pages_(pages) {}

  void Begin(PhysicalType type, const std::vector<std::string>& path, bool dictionary);
  // `entry` is complete but for its bytes. `width`: of values that are like their neighbours (compressor.h). Empties `page`.
  Result<void> AddPage(RawPage& page, PageEntry entry, uint32_t width = 0);
  // The dictionary is complete: it and the pages that waited are written. Empties `page`.
  Result<void> AddDictionary(size_t entries, RawPage& page);
  // There is none; no page says that it needs one.
  void DropDictionary() { waiting_ = false; }
  Result<ColumnChunk> Finish();

 private:
  static constexpr size_t kWriteBytesMin = 256u << 10;

  // Appends a page to `to`: header and body.
  template <class AppendHeader>
  Result<int64_t> Append(std::string_view raw, uint32_t width, AppendHeader header, ByteBuffer& to);

  FileOutput& out_;
  Compressor& compressor_;
  ByteBuffer& pages_;
  ColumnChunk chunk_;
  bool waiting_ = false;
  bool stored_ = false;  // its pages are left as they are
};

}  // namespace datahub::lake::parquet
