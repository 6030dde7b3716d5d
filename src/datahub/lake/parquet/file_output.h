#pragma once

#include <cstdint>
#include <utility>

#include "datahub/lake/parquet/byte_buffer.h"
#include "datahub/lake/parquet/file_writer.h"

namespace datahub::lake::parquet {

// A file's bytes on their way to the sink: small pieces are put together, large ones pass.
class FileOutput {
 public:
  FileOutput(FileWriter::Sink sink, ByteBuffer& staged) : sink_(std::move(sink)), staged_(staged) {}

  // Takes the bytes: `bytes` is empty afterwards.
  Result<void> Write(ByteBuffer& bytes) {
    position_ += bytes.size();
    if (bytes.size() < kPieceBytesMin) {
      staged_.Append(bytes.view());
      bytes.Clear();
      if (staged_.size() >= kPieceBytesMin) return Flush();
      return {};
    }
    DH_TRY(Flush());
    return Hand(bytes);
  }
  // Nothing is left in `staged` afterwards: others may use it.
  Result<void> Flush() {
    if (staged_.size() == 0) return {};
    return Hand(staged_);
  }

  uint64_t position() const { return position_; }  // of the next byte
  uint64_t handed() const { return handed_; }      // given to the sink

 private:
  static constexpr size_t kPieceBytesMin = 128u << 10;

  Result<void> Hand(ByteBuffer& bytes) {
    DH_TRY(sink_(bytes.view()));
    handed_ += bytes.size();
    bytes.Clear();
    return {};
  }

  FileWriter::Sink sink_;
  ByteBuffer& staged_;
  uint64_t position_ = 0;
  uint64_t handed_ = 0;
};

}  // namespace datahub::lake::parquet
