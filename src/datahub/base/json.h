#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::json {

enum class Type : uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

struct Member;
class KeyIndex;

// One value of a parsed text. Lives as long as its Document and, for strings without escapes and for numbers, as long
// as the parsed text.
struct Value {
  Type type = Type::kNull;
  uint32_t begin = 0;               // byte offset of the value's first and past its last byte in the text
  uint32_t end = 0;                 //
  std::string_view text;            // number: its literal; string: decoded UTF-8
  std::span<const Value> elements;  // array
  std::span<const Member> members;  // object, in the text's order; keys are unique unless ParseLimits says otherwise
  const KeyIndex* index = nullptr;  // of a wide object's members

  bool is_object() const { return type == Type::kObject; }
  bool is_array() const { return type == Type::kArray; }
  bool is_string() const { return type == Type::kString; }
  bool is_number() const { return type == Type::kNumber; }
  bool is_bool() const { return type == Type::kTrue || type == Type::kFalse; }
  bool is_null() const { return type == Type::kNull; }

  // The member's value, or null. By hash where the object is wide; of keys that repeat, the first.
  const Value* Find(std::string_view key) const;
};

struct Member {
  std::string_view key;  // decoded
  Value value;
};

struct ParseLimits {
  size_t depth_max = 512;           // deeper is an error, never a deep recursion of ours
  size_t bytes_max = uint32_t(-1);  //
  bool unique_keys = true;          // a repeated key is an error
  // Of the parsed values, which may be a hundred times the text. More is Limit.
  size_t memory_max = size_t(-1);
};

// A parsed JSON text (RFC 8259, strict: UTF-8 checked, no lone surrogates, no trailing text). Errors are InvalidInput and
// name the byte: "byte 17: expected ':' after the key"; too many bytes, of the text or of memory, are Limit. Reusable: Parse() forgets what was there
// but keeps its memory (to 8 MiB), so that a steady state allocates nothing.
class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // `text` must outlive the values (views into it).
  Result<const Value*> Parse(std::string_view text, const ParseLimits& limits = {});
  // As strict, but no value is kept: the root comes without its elements or members. Where the root is an array, its
  // elements' texts are added to `elements`; more than `elements_max` are Limit.
  Result<const Value*> Skim(std::string_view text, const ParseLimits& limits, std::vector<std::string_view>* elements,
                            size_t elements_max);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// Line and column, from 1, of a byte offset.
struct Place {
  size_t line = 1;
  size_t column = 1;
};
Place PlaceOf(std::string_view text, size_t offset);

// Appends `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
void AppendString(std::string& out, std::string_view text);
// Writes the value as compact JSON, member order and number literals kept.
void AppendValue(std::string& out, const Value& value);

// Builds compact JSON by hand where there is no Value: commas are put by itself.
//   Writer w; w.BeginObject().Key("a").Number(1).Key("b").String("x").EndObject(); w.text()
class Writer {
 public:
  Writer& BeginObject();
  Writer& EndObject();
  Writer& BeginArray();
  Writer& EndArray();
  Writer& Key(std::string_view key);
  Writer& String(std::string_view text);
  Writer& Number(int64_t number);
  Writer& Number(uint64_t number);
  Writer& Number(double number);  // shortest text that reads back; not finite = null
  Writer& Bool(bool value);
  Writer& Null();
  Writer& Raw(std::string_view json);  // already JSON

  const std::string& text() const { return out_; }
  std::string Take() && { return std::move(out_); }

 private:
  void Separate();
  std::string out_;
  bool comma_ = false;
};

}  // namespace datahub::json
