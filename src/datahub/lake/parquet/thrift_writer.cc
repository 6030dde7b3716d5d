#include "datahub/lake/parquet/thrift_writer.h"

namespace datahub::lake::parquet {

void ThriftWriter::Begin() {
  DH_ASSERT(depth_ + 1 < kDepthMax);
  last_id_[++depth_] = 0;
}

void ThriftWriter::End() {
  DH_ASSERT(depth_ > 0);
  out_.AppendFixed<uint8_t>(0);
  --depth_;
}

void ThriftWriter::FieldHeader(int id, Type type) {
  int& last = last_id_[depth_];
  const int step = id - last;
  DH_ASSERT(step > 0);
  if (step <= 15) {
    out_.AppendFixed<uint8_t>(static_cast<uint8_t>(step << 4 | static_cast<int>(type)));
  } else {
    out_.AppendFixed<uint8_t>(static_cast<uint8_t>(type));
    out_.AppendZigzag(id);
  }
  last = id;
}

void ThriftWriter::Bool(int id, bool value) { FieldHeader(id, value ? Type::kTrue : Type::kFalse); }

void ThriftWriter::I16(int id, int16_t value) {
  FieldHeader(id, Type::kI16);
  out_.AppendZigzag(value);
}

void ThriftWriter::I32(int id, int32_t value) {
  FieldHeader(id, Type::kI32);
  out_.AppendZigzag(value);
}

void ThriftWriter::I64(int id, int64_t value) {
  FieldHeader(id, Type::kI64);
  out_.AppendZigzag(value);
}

void ThriftWriter::Binary(int id, std::string_view value) {
  FieldHeader(id, Type::kBinary);
  BinaryElement(value);
}

void ThriftWriter::BeginStruct(int id) {
  FieldHeader(id, Type::kStruct);
  Begin();
}

void ThriftWriter::EmptyStruct(int id) {
  BeginStruct(id);
  End();
}

void ThriftWriter::List(int id, Type type, size_t size) {
  FieldHeader(id, Type::kList);
  if (size < 15) {
    out_.AppendFixed<uint8_t>(static_cast<uint8_t>(size << 4 | static_cast<size_t>(type)));
  } else {
    out_.AppendFixed<uint8_t>(static_cast<uint8_t>(0xF0 | static_cast<int>(type)));
    out_.AppendVarint(size);
  }
}

void ThriftWriter::BoolElement(bool value) { out_.AppendFixed<uint8_t>(value ? 1 : 2); }

void ThriftWriter::BinaryElement(std::string_view value) {
  out_.AppendVarint(value.size());
  out_.Append(value);
}

}  // namespace datahub::lake::parquet
