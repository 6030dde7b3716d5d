#pragma once

#include <cstdint>
#include <string_view>

#include "datahub/lake/parquet/byte_buffer.h"

namespace datahub::lake::parquet {

// Thrift's compact protocol, the writing half, as far as Parquet's metadata needs it. Fields of a struct are written in
// growing order of their ids.
// Source   Apache Thrift, thrift-compact-protocol.md
class ThriftWriter {
 public:
  enum class Type : uint8_t {
    kTrue = 1,
    kFalse = 2,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kBinary = 8,
    kList = 9,
    kStruct = 12
  };

  explicit ThriftWriter(ByteBuffer& out) : out_(out) {}

  // Around the outermost struct and around each struct that is an element of a list.
  void Begin();
  void End();

  void Bool(int id, bool value);
  void I16(int id, int16_t value);
  void I32(int id, int32_t value);
  void I64(int id, int64_t value);
  void Binary(int id, std::string_view value);
  void BeginStruct(int id);
  void EndStruct() { End(); }
  void EmptyStruct(int id);

  // `size` elements of `type` follow, each by its own call below, or by Begin … End.
  void List(int id, Type type, size_t size);
  void BoolElement(bool value);
  void I32Element(int32_t value) { out_.AppendZigzag(value); }
  void I64Element(int64_t value) { out_.AppendZigzag(value); }
  void BinaryElement(std::string_view value);

 private:
  static constexpr int kDepthMax = 12;  // the deepest of Parquet's own: file, row group, chunk, column, statistics

  void FieldHeader(int id, Type type);

  ByteBuffer& out_;
  int depth_ = 0;
  int last_id_[kDepthMax] = {};
};

}  // namespace datahub::lake::parquet
