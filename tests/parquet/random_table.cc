#include "random_table.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace datahub::parquet_sample {
namespace {

using record::Field;
using record::Int128;
using record::Kind;
using record::LeafColumn;

uint64_t Below(Random& random, uint64_t end) { return random() % end; }
bool Chance(Random& random, double share) { return static_cast<double>(random() >> 11) < share * 9007199254740992.0; }

// The number behind a value: the same number, the same value.
uint64_t DrawNumber(Random& random, Draw draw, uint64_t row) {
  switch (draw) {
    case Draw::kConstant:
      return 7;
    case Draw::kFew:
      return Below(random, 60);
    case Draw::kSorted:
      return row / 3 + 1000;
    default:
      return random() >> Below(random, 64);
  }
}

std::string Text(Random& random, Draw draw, uint64_t row) {
  static const char* const words[] = {"",          "a", "Zürich", "naïve", "日本語", "🙂🙃", "\"quoted\"\\",
                                      "tab\there", "0", "straße"};
  const uint64_t number = DrawNumber(random, draw, row);
  if (draw == Draw::kConstant) return "constant";
  if (draw == Draw::kFew) return fmt::format("{}{}", words[number % 10], number / 10);
  if (draw == Draw::kSorted) return fmt::format("key-{:012}", number);
  std::string text = fmt::format("{:x}", number);
  const uint64_t more = Below(random, draw == Draw::kLong ? 300 : 6);
  for (uint64_t i = 0; i < more; ++i) text += words[Below(random, 10)];
  if (draw == Draw::kExtreme && Chance(random, 0.01)) text += std::string(20'000, 'x');
  return text;
}

std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\', json += c;
    } else if (static_cast<uint8_t>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", c);
    } else {
      json += c;
    }
  }
  return json + "\"";
}

std::string DecimalText(Int128 value) {
  if (value == 0) return "\"0\"";
  std::string digits;
  const bool negative = value < 0;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return fmt::format("\"{}{}\"", negative ? "-" : "", digits);
}

std::string DoubleText(double value) {
  return std::isfinite(value) ? fmt::format("{:.17e}", value) : fmt::format("\"{}\"", value);
}

// Appends values of one row to the leaves of a field, with Dremel's levels, and the row's JSON.
class Shredder {
 public:
  Shredder(Random& random, record::Columns& columns, uint64_t row) : random_(random), columns_(columns), row_(row) {}

  void Value(const Shape& shape, size_t& leaf, int repetition, int definition, int depth, std::string& json) {
    if (shape.field.nullable) {
      if (Chance(random_, shape.nulls)) {
        json += "null";
        return Absent(shape, leaf, repetition, definition);
      }
      ++definition;
    }
    switch (shape.field.kind) {
      case Kind::kStruct:
        return Struct(shape, leaf, repetition, definition, depth, json);
      case Kind::kList:
      case Kind::kMap:
        return Repeated(shape, leaf, repetition, definition, depth, json);
      default:
        return Leaf(shape, leaf, repetition, definition, json);
    }
  }

 private:
  void Absent(const Shape& shape, size_t& leaf, int repetition, int definition) {
    if (IsNested(shape.field.kind)) {
      for (const Shape& child : shape.children) Absent(child, leaf, repetition, definition);
      return;
    }
    LeafColumn& column = columns_.leaves[leaf++];
    AddLevels(column, repetition, definition);
    Resize(column);
  }

  void Struct(const Shape& shape, size_t& leaf, int repetition, int definition, int depth, std::string& json) {
    json += '{';
    for (const Shape& child : shape.children) {
      if (json.back() != '{') json += ',';
      json += JsonText(child.field.name) + ":";
      Value(child, leaf, repetition, definition, depth, json);
    }
    json += '}';
  }

  // A map is written as a list of [key, value].
  void Repeated(const Shape& shape, size_t& leaf, int repetition, int definition, int depth, std::string& json) {
    const bool map = shape.field.kind == Kind::kMap;
    const uint64_t items = Below(random_, static_cast<uint64_t>(shape.items_max) + 1);
    const size_t first = leaf;
    json += '[';
    if (items == 0) {
      for (const Shape& child : shape.children) Absent(child, leaf, repetition, definition);
    }
    for (uint64_t i = 0; i < items; ++i) {
      leaf = first;
      if (i > 0) json += ',';
      if (map) json += '[';
      key_ = i;
      for (const Shape& child : shape.children) {
        if (&child != &shape.children[0]) json += ',';
        Value(child, leaf, i == 0 ? repetition : depth + 1, definition + 1, depth + 1, json);
      }
      if (map) json += ']';
    }
    json += ']';
  }

  void Leaf(const Shape& shape, size_t& leaf, int repetition, int definition, std::string& json) {
    LeafColumn& column = columns_.leaves[leaf++];
    AddLevels(column, repetition, definition);
    Resize(column);
    Scalar(shape, column, json);
  }

  void AddLevels(LeafColumn& column, int repetition, int definition) {
    if (column.max_definition > 0) column.definition.push_back(static_cast<int16_t>(definition));
    if (column.max_repetition > 0) column.repetition.push_back(static_cast<int16_t>(repetition));
  }

  void Resize(LeafColumn& column) {
    switch (column.kind) {
      case Kind::kBool:
        column.bools.emplace_back();
        break;
      case Kind::kInt32:
      case Kind::kDate:
        column.int32s.emplace_back();
        break;
      case Kind::kInt64:
      case Kind::kTimestamp:
        column.int64s.emplace_back();
        break;
      case Kind::kDouble:
        column.doubles.emplace_back();
        break;
      case Kind::kDecimal:
        column.decimals.emplace_back();
        break;
      default:
        column.bytes.emplace_back();
        break;
    }
  }

  void Scalar(const Shape& shape, LeafColumn& column, std::string& json) {
    const Draw draw = shape.draw;
    const uint64_t number = DrawNumber(random_, draw, row_);
    const bool extreme = draw == Draw::kExtreme;
    switch (column.kind) {
      case Kind::kBool:
        column.bools.back() = number & 1;
        json += number & 1 ? "true" : "false";
        return;
      case Kind::kDate:
        return Int32(column, static_cast<int32_t>(number % 40'000) - 20'000, json);
      case Kind::kInt32:
        if (extreme)
          return Int32(column, number & 1 ? INT32_MIN : number & 2 ? INT32_MAX : static_cast<int32_t>(number), json);
        return Int32(column, static_cast<int32_t>(number), json);
      case Kind::kTimestamp:
        return Int64(column, static_cast<int64_t>(number % 100'000'000'000'000'000) - 10'000, json);
      case Kind::kInt64:
        if (extreme)
          return Int64(column, number & 1 ? INT64_MIN : number & 2 ? INT64_MAX : static_cast<int64_t>(number), json);
        return Int64(column, static_cast<int64_t>(number), json);
      case Kind::kDouble:
        return Double(column, number, extreme, json);
      case Kind::kDecimal: {
        Int128 value = static_cast<Int128>(number);
        if (extreme) value = value / 2 * INT64_MAX;  // below 10^38
        if (number & 1) value = -value;
        column.decimals.back() = value;
        json += DecimalText(value);
        return;
      }
      default:
        return String(shape, column, json);
    }
  }

  void Int32(LeafColumn& column, int32_t value, std::string& json) {
    column.int32s.back() = value;
    json += std::to_string(value);
  }
  void Int64(LeafColumn& column, int64_t value, std::string& json) {
    column.int64s.back() = value;
    json += std::to_string(value);
  }
  void Double(LeafColumn& column, uint64_t number, bool extreme, std::string& json) {
    constexpr double kSpecial[] = {NAN, INFINITY, -INFINITY, -0.0, 0.0, 5e-324, 1.7976931348623157e308};
    const double value = extreme ? kSpecial[number % 7] : static_cast<double>(static_cast<int64_t>(number)) / 8 - 100;
    column.doubles.back() = value;
    json += DoubleText(value);
  }

  void String(const Shape& shape, LeafColumn& column, std::string& json) {
    std::string text = Text(random_, shape.draw, row_);
    if (shape.field.name == "key") text += fmt::format("#{}", key_);  // keys of a map differ
    if (column.kind == Kind::kJson) text = JsonText(text);
    if (column.kind == Kind::kBytes && shape.draw != Draw::kConstant) text += '\xFF', text += '\0';
    char* bytes = columns_.arena->Allocate(text.size());
    std::copy(text.begin(), text.end(), bytes);
    column.bytes.back() = {bytes, static_cast<uint32_t>(text.size())};
    if (column.kind != Kind::kBytes) {
      json += JsonText(text);
      return;
    }
    json += '"';
    for (const char c : text) json += fmt::format("{:02x}", static_cast<uint8_t>(c));
    json += '"';
  }

  Random& random_;
  record::Columns& columns_;
  uint64_t row_;
  uint64_t key_ = 0;
};

size_t LevelsOf(const LeafColumn& column) { return column.repetition.size(); }

}  // namespace

Shape Scalar(std::string name, Kind kind, Draw draw, double nulls, int scale) {
  Shape shape;
  shape.field.name = std::move(name);
  shape.field.kind = kind;
  shape.field.scale = scale;
  shape.draw = draw;
  shape.nulls = nulls;
  return shape;
}

Shape RandomShape(Random& random, std::string name, int depth, int& next_id) {
  constexpr double kNulls[] = {0, 0, 0.02, 0.3, 0.9, 1};
  const uint64_t kinds = depth > 0 ? 13 : 10;
  Shape shape = Scalar(std::move(name), static_cast<Kind>(Below(random, kinds)), static_cast<Draw>(Below(random, 6)),
                       kNulls[Below(random, 6)]);
  shape.field.id = ++next_id;
  if (shape.field.kind == Kind::kDecimal) shape.field.scale = static_cast<int>(Below(random, 12));
  if (shape.field.kind == Kind::kStruct) {
    const uint64_t fields = 1 + Below(random, 3);
    for (uint64_t i = 0; i < fields; ++i) {
      shape.children.push_back(RandomShape(random, fmt::format("f{}", i), depth - 1, next_id));
    }
  } else if (shape.field.kind == Kind::kList) {
    shape.children.push_back(RandomShape(random, "element", depth - 1, next_id));
  } else if (shape.field.kind == Kind::kMap) {
    shape.children.push_back(Scalar("key", Kind::kString, static_cast<Draw>(Below(random, 6)), 0));
    shape.children[0].field.nullable = false;
    shape.children[0].field.id = ++next_id;
    shape.children.push_back(RandomShape(random, "value", depth - 1, next_id));
  }
  for (const Shape& child : shape.children) shape.field.children.push_back(child.field);
  return shape;
}

record::TableSchema SchemaOf(const std::vector<Shape>& shapes) {
  record::TableSchema schema;
  for (const Shape& shape : shapes) schema.fields.push_back(shape.field);
  return schema;
}

Rows RandomRows(Random& random, const std::vector<Shape>& shapes, size_t rows, uint64_t first, uint64_t step,
                const std::string& source) {
  Rows out;
  out.columns = std::make_shared<record::Columns>();
  record::Columns& columns = *out.columns;
  columns.rows = rows;
  columns.arena = std::make_shared<record::Arena>();
  columns.contract_version = static_cast<int>(1 + Below(random, 3));
  auto chunk = std::make_shared<record::Chunk>();
  chunk->source = source;
  chunk->shard = fmt::format("shard-{}", Below(random, 3));
  chunk->received_at_us = 1'700'000'000'000'000 + static_cast<int64_t>(Below(random, 1'000'000'000));
  columns.chunk = chunk;
  for (const record::Leaf& leaf : LeavesOf(SchemaOf(shapes))) {
    LeafColumn column;
    column.kind = leaf.kind;
    column.max_definition = leaf.max_definition;
    column.max_repetition = leaf.max_repetition;
    columns.leaves.push_back(std::move(column));
  }
  uint64_t offset = first;
  for (size_t row = 0; row < rows; ++row) {
    for (LeafColumn& column : columns.leaves) {
      if (column.max_repetition > 0) column.row_begin.push_back(static_cast<uint32_t>(LevelsOf(column)));
    }
    columns.offsets.push_back(offset);
    std::string json = "{";
    Shredder shredder(random, columns, row);
    size_t leaf = 0;
    for (const Shape& shape : shapes) {
      json += JsonText(shape.field.name) + ":";
      shredder.Value(shape, leaf, 0, 0, 0, json);
      json += ',';
    }
    json += fmt::format(R"("dh_received_at":{},"dh_source":"{}","dh_shard":"{}","dh_offset":"{:020}",)",
                        chunk->received_at_us, chunk->source, chunk->shard, offset);
    json += fmt::format("\"dh_contract_version\":{}}}", columns.contract_version);
    out.json.push_back(std::move(json));
    offset = Chance(random, 0.02) ? offset - std::min(offset, Below(random, step * 100 + 1))
                                  : offset + Below(random, 2 * step + 1);
  }
  for (LeafColumn& column : columns.leaves) {
    if (column.max_repetition > 0) column.row_begin.push_back(static_cast<uint32_t>(LevelsOf(column)));
  }
  return out;
}

}  // namespace datahub::parquet_sample
