#include <charconv>
#include <cmath>
#include <utility>

#include "datahub/base/json.h"
#include "datahub/base/json_utf8.h"

namespace datahub::json {

void AppendString(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  size_t bad = FindInvalidUtf8(text);
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == bad) {
      out += "\xEF\xBF\xBD";
      const size_t next = FindInvalidUtf8(text.substr(i + 1));
      bad = next == std::string_view::npos ? next : i + 1 + next;
      continue;
    }
    const char c = text[i];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kDigits[c >> 4];
          out += kDigits[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void AppendValue(std::string& out, const Value& value) {
  switch (value.type) {
    case Type::kNull:
      out += "null";
      return;
    case Type::kFalse:
      out += "false";
      return;
    case Type::kTrue:
      out += "true";
      return;
    case Type::kNumber:
      out += value.text;
      return;
    case Type::kString:
      AppendString(out, value.text);
      return;
    case Type::kArray: {
      out += '[';
      bool first = true;
      for (const Value& element : value.elements) {
        if (!std::exchange(first, false)) out += ',';
        AppendValue(out, element);
      }
      out += ']';
      return;
    }
    case Type::kObject: {
      out += '{';
      bool first = true;
      for (const Member& member : value.members) {
        if (!std::exchange(first, false)) out += ',';
        AppendString(out, member.key);
        out += ':';
        AppendValue(out, member.value);
      }
      out += '}';
      return;
    }
  }
}

void Writer::Separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Writer& Writer::BeginObject() {
  Separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

Writer& Writer::EndObject() {
  out_ += '}';
  comma_ = true;
  return *this;
}

Writer& Writer::BeginArray() {
  Separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

Writer& Writer::EndArray() {
  out_ += ']';
  comma_ = true;
  return *this;
}

Writer& Writer::Key(std::string_view key) {
  Separate();
  AppendString(out_, key);
  out_ += ':';
  comma_ = false;
  return *this;
}

Writer& Writer::String(std::string_view text) {
  Separate();
  AppendString(out_, text);
  return *this;
}

Writer& Writer::Number(int64_t number) { return Raw(std::to_string(number)); }
Writer& Writer::Number(uint64_t number) { return Raw(std::to_string(number)); }

Writer& Writer::Number(double number) {
  if (!std::isfinite(number)) return Null();
  char text[32];
  const auto [end, failure] = std::to_chars(text, text + sizeof(text), number);
  return Raw(std::string_view(text, end - text));
}

Writer& Writer::Bool(bool value) { return Raw(value ? "true" : "false"); }
Writer& Writer::Null() { return Raw("null"); }

Writer& Writer::Raw(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

}  // namespace datahub::json
