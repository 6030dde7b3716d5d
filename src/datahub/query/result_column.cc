#include "datahub/query/result_column.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/query/value_text.h"

namespace datahub::query {
namespace {

Int128 WideOf(const duckdb_hugeint& value) {
  return static_cast<Int128>(static_cast<Uint128>(static_cast<uint64_t>(value.upper)) << 64 | value.lower);
}

std::string TakeText(char* text) {
  std::string taken = text == nullptr ? "" : text;
  duckdb_free(text);
  return taken;
}

// JSON that a user holds in a column may have line ends in it; a row is one line.
void AppendCompactJson(std::string& out, std::string_view text) {
  json::Document document;
  const Result<const json::Value*> value = document.Parse(text);
  if (value) {
    json::AppendValue(out, **value);
  } else {
    json::AppendString(out, text);
  }
}

bool IsNested(duckdb_type type) {
  return type == DUCKDB_TYPE_LIST || type == DUCKDB_TYPE_ARRAY || type == DUCKDB_TYPE_STRUCT ||
         type == DUCKDB_TYPE_MAP || type == DUCKDB_TYPE_UNION;
}

bool HasText(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_INVALID:
    case DUCKDB_TYPE_ANY:
    case DUCKDB_TYPE_BIGNUM:
    case DUCKDB_TYPE_STRING_LITERAL:
    case DUCKDB_TYPE_INTEGER_LITERAL:
    case DUCKDB_TYPE_GEOMETRY:
    case DUCKDB_TYPE_VARIANT:
      return false;
    default:
      return type <= DUCKDB_TYPE_VARIANT;
  }
}

std::string_view TypeName(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BIGNUM:
      return "BIGNUM";
    case DUCKDB_TYPE_GEOMETRY:
      return "GEOMETRY";
    case DUCKDB_TYPE_VARIANT:
      return "VARIANT";
    default:
      return "one that has no text here";
  }
}

}  // namespace

Result<ResultColumn> ResultColumn::Of(duckdb_logical_type type, std::string name) {
  ResultColumn column;
  column.name_ = std::move(name);
  column.type_ = duckdb_get_type_id(type);
  if (!HasText(column.type_)) {
    return Error{Code::kInvalidInput,
                 fmt::format("query: the type of column '{}' is {}; cast it, for example to VARCHAR", column.name_,
                             TypeName(column.type_))};
  }
  if (column.type_ == DUCKDB_TYPE_VARCHAR) column.is_json_ = TakeText(duckdb_logical_type_get_alias(type)) == "JSON";
  if (column.type_ == DUCKDB_TYPE_DECIMAL) {
    column.stored_ = duckdb_decimal_internal_type(type);
    column.scale_ = duckdb_decimal_scale(type);
  }
  if (column.type_ == DUCKDB_TYPE_ENUM) {
    column.stored_ = duckdb_enum_internal_type(type);
    const uint32_t count = duckdb_enum_dictionary_size(type);
    for (uint32_t i = 0; i < count; ++i) column.words_.push_back(TakeText(duckdb_enum_dictionary_value(type, i)));
  }
  DH_TRY(column.AddChildren(type));
  return column;
}

Result<void> ResultColumn::AddChild(duckdb_logical_type type, std::string name) {
  const LogicalType owned(type);
  children_.push_back(DH_TRY(Of(owned.get(), std::move(name))));
  return {};
}

Result<void> ResultColumn::AddChildren(duckdb_logical_type type) {
  switch (type_) {
    case DUCKDB_TYPE_LIST:
      return AddChild(duckdb_list_type_child_type(type), name_);
    case DUCKDB_TYPE_ARRAY:
      array_size_ = duckdb_array_type_array_size(type);
      return AddChild(duckdb_array_type_child_type(type), name_);
    case DUCKDB_TYPE_MAP:
      DH_TRY(AddChild(duckdb_map_type_key_type(type), name_));
      return AddChild(duckdb_map_type_value_type(type), name_);
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        DH_TRY(AddChild(duckdb_struct_type_child_type(type, i), TakeText(duckdb_struct_type_child_name(type, i))));
      }
      return {};
    case DUCKDB_TYPE_UNION:
      DH_TRY(AddChild(duckdb_create_logical_type(DUCKDB_TYPE_UTINYINT), ""));
      for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
        DH_TRY(AddChild(duckdb_union_type_member_type(type, i), TakeText(duckdb_union_type_member_name(type, i))));
      }
      return {};
    default:
      return {};
  }
}

void ResultColumn::Bind(duckdb_vector vector) {
  data_ = duckdb_vector_get_data(vector);
  valid_ = duckdb_vector_get_validity(vector);
  BindChildren(vector);
}

void ResultColumn::BindChildren(duckdb_vector vector) {
  switch (type_) {
    case DUCKDB_TYPE_LIST:
      children_[0].Bind(duckdb_list_vector_get_child(vector));
      return;
    case DUCKDB_TYPE_ARRAY:
      children_[0].Bind(duckdb_array_vector_get_child(vector));
      return;
    case DUCKDB_TYPE_MAP: {
      const duckdb_vector entries = duckdb_list_vector_get_child(vector);
      for (size_t i = 0; i < 2; ++i) children_[i].Bind(duckdb_struct_vector_get_child(entries, i));
      return;
    }
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_UNION:
      for (size_t i = 0; i < children_.size(); ++i) children_[i].Bind(duckdb_struct_vector_get_child(vector, i));
      return;
    default:
      return;
  }
}

bool ResultColumn::is_number() const {
  return (type_ >= DUCKDB_TYPE_TINYINT && type_ <= DUCKDB_TYPE_DOUBLE) || type_ == DUCKDB_TYPE_HUGEINT ||
         type_ == DUCKDB_TYPE_UHUGEINT || type_ == DUCKDB_TYPE_DECIMAL;
}

std::string_view ResultColumn::bytes(uint64_t row) const {
  const auto& text = At<duckdb_string_t>(row);
  const uint32_t size = text.value.inlined.length;
  return {size <= sizeof(text.value.inlined.inlined) ? text.value.inlined.inlined : text.value.pointer.ptr, size};
}

void ResultColumn::AppendText(uint64_t row, std::string& out) const {
  if (IsNested(type_)) {
    AppendJson(row, out);
  } else if (type_ == DUCKDB_TYPE_VARCHAR) {
    out += bytes(row);
  } else {
    AppendScalar(row, out);
  }
}

void ResultColumn::AppendJson(uint64_t row, std::string& out) const {
  if (type_ == DUCKDB_TYPE_SQLNULL || IsNull(row)) {
    out += "null";
  } else if (IsNested(type_)) {
    AppendNested(row, out);
  } else if (is_json_) {
    AppendCompactJson(out, bytes(row));
  } else if (type_ == DUCKDB_TYPE_VARCHAR) {
    json::AppendString(out, bytes(row));
  } else if (type_ == DUCKDB_TYPE_ENUM) {
    json::AppendString(out, words_[Integer(stored_, row)]);
  } else if (is_number()) {
    const bool finite = type_ == DUCKDB_TYPE_DOUBLE  ? std::isfinite(At<double>(row))
                        : type_ == DUCKDB_TYPE_FLOAT ? std::isfinite(At<float>(row))
                                                     : true;
    finite ? AppendNumber(row, out) : void(out += "null");
  } else if (type_ == DUCKDB_TYPE_BOOLEAN) {
    AppendScalar(row, out);
  } else {
    out += '"';  // none of the rest has a character that needs an escape
    AppendScalar(row, out);
    out += '"';
  }
}

uint64_t ResultColumn::Integer(duckdb_type type, uint64_t row) const {
  switch (type) {
    case DUCKDB_TYPE_UTINYINT:
      return At<uint8_t>(row);
    case DUCKDB_TYPE_USMALLINT:
      return At<uint16_t>(row);
    default:
      return At<uint32_t>(row);
  }
}

void ResultColumn::AppendNumber(uint64_t row, std::string& out) const {
  const auto integer = [&](auto value) {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
  };
  switch (type_ == DUCKDB_TYPE_DECIMAL ? stored_ : type_) {
    case DUCKDB_TYPE_TINYINT:
      return integer(static_cast<int>(At<int8_t>(row)));
    case DUCKDB_TYPE_UTINYINT:
      return integer(static_cast<int>(At<uint8_t>(row)));
    case DUCKDB_TYPE_USMALLINT:
      return integer(static_cast<int>(At<uint16_t>(row)));
    case DUCKDB_TYPE_UINTEGER:
      return integer(At<uint32_t>(row));
    case DUCKDB_TYPE_UBIGINT:
      return integer(At<uint64_t>(row));
    case DUCKDB_TYPE_SMALLINT:
      return AppendDecimal(out, At<int16_t>(row), scale_);
    case DUCKDB_TYPE_INTEGER:
      return scale_ == 0 ? integer(At<int32_t>(row)) : AppendDecimal(out, At<int32_t>(row), scale_);
    case DUCKDB_TYPE_BIGINT:
      return scale_ == 0 ? integer(At<int64_t>(row)) : AppendDecimal(out, At<int64_t>(row), scale_);
    case DUCKDB_TYPE_HUGEINT:
      return AppendDecimal(out, WideOf(At<duckdb_hugeint>(row)), scale_);
    case DUCKDB_TYPE_UHUGEINT: {
      const auto& value = At<duckdb_uhugeint>(row);
      return AppendUint128(out, static_cast<Uint128>(value.upper) << 64 | value.lower);
    }
    case DUCKDB_TYPE_FLOAT:
      return AppendFloat(out, At<float>(row));
    default:
      return AppendDouble(out, At<double>(row));
  }
}

void ResultColumn::AppendScalar(uint64_t row, std::string& out) const {
  switch (type_) {
    case DUCKDB_TYPE_BOOLEAN:
      out += At<bool>(row) ? "true" : "false";
      return;
    case DUCKDB_TYPE_ENUM:
      out += words_[Integer(stored_, row)];
      return;
    case DUCKDB_TYPE_DATE:
      return AppendDate(out, At<int32_t>(row));
    case DUCKDB_TYPE_TIME:
      return AppendTime(out, At<int64_t>(row), 1'000'000);
    case DUCKDB_TYPE_TIME_NS:
      return AppendTime(out, At<int64_t>(row), 1'000'000'000);
    case DUCKDB_TYPE_TIME_TZ: {
      const duckdb_time_tz_struct parts = duckdb_from_time_tz(At<duckdb_time_tz>(row));
      AppendTime(out, duckdb_to_time(parts.time).micros, 1'000'000);
      return AppendTimeZone(out, parts.offset);
    }
    case DUCKDB_TYPE_TIMESTAMP_S:
      return AppendTimestamp(out, At<int64_t>(row), 1, false);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return AppendTimestamp(out, At<int64_t>(row), 1'000, false);
    case DUCKDB_TYPE_TIMESTAMP:
      return AppendTimestamp(out, At<int64_t>(row), 1'000'000, false);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return AppendTimestamp(out, At<int64_t>(row), 1'000'000'000, false);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return AppendTimestamp(out, At<int64_t>(row), 1'000'000, true);
    case DUCKDB_TYPE_INTERVAL: {
      const auto& value = At<duckdb_interval>(row);
      return AppendInterval(out, value.months, value.days, value.micros);
    }
    // Stored with the sign bit turned, so that it sorts.
    case DUCKDB_TYPE_UUID:
      return AppendUuid(out, static_cast<Uint128>(WideOf(At<duckdb_hugeint>(row))) ^ static_cast<Uint128>(1) << 127);
    case DUCKDB_TYPE_BIT:
      return AppendBits(out, bytes(row));
    case DUCKDB_TYPE_BLOB:
      return AppendBase64(out, bytes(row));
    default:
      return AppendNumber(row, out);
  }
}

void ResultColumn::AppendNested(uint64_t row, std::string& out) const {
  switch (type_) {
    case DUCKDB_TYPE_LIST:
      return AppendList(At<duckdb_list_entry>(row).offset, At<duckdb_list_entry>(row).length, out);
    case DUCKDB_TYPE_ARRAY:
      return AppendList(row * array_size_, array_size_, out);
    case DUCKDB_TYPE_MAP:
      return AppendMap(row, out);
    case DUCKDB_TYPE_UNION:
      return AppendUnion(row, out);
    default:
      return AppendStruct(row, out);
  }
}

void ResultColumn::AppendList(uint64_t begin, uint64_t count, std::string& out) const {
  out += '[';
  for (uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    children_[0].AppendJson(begin + i, out);
  }
  out += ']';
}

void ResultColumn::AppendStruct(uint64_t row, std::string& out) const {
  const bool unnamed = !children_.empty() && children_[0].name_.empty();  // row(1, 2)
  out += unnamed ? '[' : '{';
  for (const ResultColumn& child : children_) {
    if (&child != children_.data()) out += ',';
    if (!unnamed) {
      json::AppendString(out, child.name_);
      out += ':';
    }
    child.AppendJson(row, out);
  }
  out += unnamed ? ']' : '}';
}

void ResultColumn::AppendMap(uint64_t row, std::string& out) const {
  const auto& entry = At<duckdb_list_entry>(row);
  out += '{';
  for (uint64_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    if (i > entry.offset) out += ',';
    std::string key;
    children_[0].AppendText(i, key);  // a map has no null key
    json::AppendString(out, key);
    out += ':';
    children_[1].AppendJson(i, out);
  }
  out += '}';
}

void ResultColumn::AppendUnion(uint64_t row, std::string& out) const {
  const uint64_t member = children_[0].Integer(DUCKDB_TYPE_UTINYINT, row) + 1;
  children_[member].AppendJson(row, out);
}

}  // namespace datahub::query
