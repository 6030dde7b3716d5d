#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "datahub/base/result.h"
#include "datahub/query/engine.h"
#include "datahub/query/handle.h"
#include "datahub/query/result_column.h"

namespace datahub::query {

// One result in a format: Begin, Write a chunk of rows at a time, End. One statement's result each.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual Result<void> Begin(duckdb_result& result, std::span<const ResultColumn> columns) = 0;
  // Columns are bound to the chunk. False: no more rows are wanted.
  virtual Result<bool> Write(duckdb_data_chunk chunk, std::span<const ResultColumn> columns, uint64_t rows) = 0;
  virtual Result<void> End() = 0;

  uint64_t rows() const { return rows_; }  // that were or will be shown
  bool truncated() const { return truncated_; }

 protected:
  uint64_t rows_ = 0;
  bool truncated_ = false;
};

// Bytes for a sink, handed on when there is enough of it.
class TextBuffer {
 public:
  static constexpr size_t kBytesMax = 64 << 10;

  explicit TextBuffer(const Sink& sink) : sink_(sink) {}

  std::string& text() { return text_; }
  Result<void> FlushIfFull() { return text_.size() < kBytesMax ? Result<void>() : Flush(); }
  Result<void> Flush();

 private:
  const Sink& sink_;
  std::string text_;
};

std::unique_ptr<ResultWriter> MakeResultWriter(const OutputOptions& output, const Sink& sink);
// One JSON object a row, one a line.
std::unique_ptr<ResultWriter> MakeJsonLinesWriter(const Sink& sink);
// The same objects as one JSON array.
std::unique_ptr<ResultWriter> MakeJsonArrayWriter(const Sink& sink);
// RFC 4180: a header, CRLF behind each record; null is nothing, an empty text is "".
std::unique_ptr<ResultWriter> MakeCsvWriter(const Sink& sink);
// An Arrow IPC stream. InvalidInput for a type that it cannot give (ENUM).
std::unique_ptr<ResultWriter> MakeArrowWriter(const Sink& sink);
// A drawn table with a header and a count.
std::unique_ptr<ResultWriter> MakeBoxWriter(const OutputOptions& output, const Sink& sink);

}  // namespace datahub::query
