#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/query/handle.h"

namespace datahub::query {

// One column of a result, or what is nested in one: the type's facts found once, pointers bound chunk by chunk.
//
// Text     what a table and CSV show: strings as they are, times as ISO 8601 (UTC), nested values as JSON
// Json     numbers of any size, decimals too, as number literals; nan and inf as null; BLOB as base64; JSON columns as the
//          JSON they hold; MAP as an object whose keys are texts; UNION as its value
class ResultColumn {
 public:
  // InvalidInput for the few types that have no text here (BIGNUM, VARIANT, GEOMETRY); the message says to cast.
  static Result<ResultColumn> Of(duckdb_logical_type type, std::string name);

  // `vector` must outlive the reading of its rows.
  void Bind(duckdb_vector vector);

  bool IsNull(uint64_t row) const { return valid_ != nullptr && (valid_[row / 64] >> (row % 64) & 1) == 0; }
  // Not for a null.
  void AppendText(uint64_t row, std::string& out) const;
  // "null" for a null.
  void AppendJson(uint64_t row, std::string& out) const;

  const std::string& name() const { return name_; }
  bool is_blob() const { return type_ == DUCKDB_TYPE_BLOB; }
  bool is_number() const;                      // shown to the right
  std::string_view bytes(uint64_t row) const;  // of VARCHAR, BLOB and BIT

 private:
  template <class T>
  const T& At(uint64_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  Result<void> AddChild(duckdb_logical_type type, std::string name);
  Result<void> AddChildren(duckdb_logical_type type);
  void BindChildren(duckdb_vector vector);

  uint64_t Integer(duckdb_type type, uint64_t row) const;  // unsigned ones: enum codes and union tags
  void AppendNumber(uint64_t row, std::string& out) const;
  void AppendScalar(uint64_t row, std::string& out) const;
  void AppendNested(uint64_t row, std::string& out) const;
  void AppendList(uint64_t begin, uint64_t count, std::string& out) const;
  void AppendStruct(uint64_t row, std::string& out) const;
  void AppendMap(uint64_t row, std::string& out) const;
  void AppendUnion(uint64_t row, std::string& out) const;

  std::string name_;
  duckdb_type type_ = DUCKDB_TYPE_INVALID;
  duckdb_type stored_ = DUCKDB_TYPE_INVALID;  // of a decimal or an enum
  int scale_ = 0;                             // decimal
  uint64_t array_size_ = 0;
  bool is_json_ = false;
  std::vector<std::string> words_;      // enum
  std::vector<ResultColumn> children_;  // union: the tag first

  const void* data_ = nullptr;
  const uint64_t* valid_ = nullptr;  // null: all are
};

}  // namespace datahub::query
