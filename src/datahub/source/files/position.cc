#include "datahub/source/files/position.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "datahub/base/json.h"

namespace datahub::source::files {
namespace {

// Takes the members of a position's object, one by one; remembers what was wrong.
class Fields {
 public:
  explicit Fields(const json::Value& object) : object_(object) {}

  bool Has(std::string_view name) const { return object_.Find(name) != nullptr; }

  uint64_t Number(std::string_view name) {
    const json::Value* value = object_.Find(name);
    uint64_t number = 0;
    if (value == nullptr || !value->is_number() || !Parse(value->text, 10, &number)) Miss(name, "a whole number");
    return number;
  }

  int64_t Signed(std::string_view name) {
    const json::Value* value = object_.Find(name);
    int64_t number = 0;
    if (value == nullptr || !value->is_number() || !Parse(value->text, 10, &number)) Miss(name, "a whole number");
    return number;
  }

  std::string String(std::string_view name) {
    const json::Value* value = object_.Find(name);
    if (value != nullptr && value->is_string()) return std::string(value->text);
    Miss(name, "a string");
    return {};
  }

  bool Bool(std::string_view name) {
    const json::Value* value = object_.Find(name);
    if (value == nullptr || !value->is_bool()) Miss(name, "true or false");
    return value != nullptr && value->type == json::Type::kTrue;
  }

  Hash128 Hash(std::string_view name) {
    const std::string text = String(name);
    Hash128 hash;
    const bool good = text.size() == 32 && Parse(std::string_view(text).substr(0, 16), 16, &hash.high) &&
                      Parse(std::string_view(text).substr(16), 16, &hash.low);
    if (!good) Miss(name, "32 hexadecimal digits");
    return hash;
  }

  const std::string& missed() const { return missed_; }

 private:
  template <class Number>
  static bool Parse(std::string_view text, int base, Number* number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number, base);
    return error == std::errc() && end == text.data() + text.size();
  }
  void Miss(std::string_view name, std::string_view what) {
    if (missed_.empty()) missed_ = fmt::format("'{}' is not {}", name, what);
  }

  const json::Value& object_;
  std::string missed_;
};

bool IsContinuation(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Length of the UTF-8 character at `at`; 0 when there is none that can be shown.
size_t CharacterAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0x20 || lead == 0x7F || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text, at + i)) return 0;
  }
  const auto second = size > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
  const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                   (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return bad ? 0 : size;
}

}  // namespace

std::string ToText(const Position& position) {
  json::Writer text;
  text.BeginObject().Key("v").Number(kPositionFormat).Key("path").String(position.path);
  text.Key("device").Number(position.id.device).Key("inode").Number(position.id.inode);
  text.Key("birth").Number(position.id.birth_ns).Key("generation").Number(uint64_t(position.id.generation));
  text.Key("modified").Number(position.modified_us);
  text.Key("head").String(position.head.hash.ToHex()).Key("head_bytes").Number(uint64_t(position.head.bytes));
  text.Key("at").Number(position.at).Key("hash").String(position.hash.all.ToHex());
  text.Key("chain").String(position.hash.chain.ToHex());
  if (position.array) {
    text.Key("elements").Number(position.array->elements).Key("inside").Bool(position.array->inside);
  }
  if (const std::optional<Passing>& passing = position.passing) {
    text.Key("passing").Bool(passing->line).Key("depth").Number(passing->depth);
    text.Key("in_string").Bool(passing->in_string).Key("escaped").Bool(passing->escaped);
  }
  if (position.stored) {
    text.Key("stored").Number(position.stored->bytes).Key("stored_tail").String(position.stored->tail.ToHex());
  }
  if (position.emptied) text.Key("emptied").Bool(true);
  text.EndObject();
  return std::move(text).Take();
}

Result<Position> PositionFromText(std::string_view text) {
  json::Document document;
  const json::Value* object = DH_TRY(document.Parse(text));
  if (!object->is_object()) return Error{Code::kInvalidInput, "it is not a JSON object"};
  Fields fields(*object);
  if (const uint64_t format = fields.Number("v"); fields.missed().empty() && format != kPositionFormat) {
    return Error{Code::kConflict,
                 fmt::format("it is of format {}, this program reads and writes format {}", format, kPositionFormat)};
  }
  Position position;
  position.path = fields.String("path");
  position.id = {.device = fields.Number("device"),
                 .inode = fields.Number("inode"),
                 .birth_ns = fields.Signed("birth"),
                 .generation = static_cast<uint32_t>(fields.Number("generation"))};
  position.modified_us = fields.Signed("modified");
  position.head.hash = fields.Hash("head");
  position.head.bytes = static_cast<uint32_t>(fields.Number("head_bytes"));
  position.at = fields.Number("at");
  position.hash.all = fields.Hash("hash");
  position.hash.chain = fields.Hash("chain");
  if (fields.Has("elements")) position.array = ArrayPlace{fields.Number("elements"), fields.Bool("inside")};
  if (fields.Has("passing")) {
    position.passing = Passing{.line = fields.Bool("passing"),
                               .depth = fields.Number("depth"),
                               .in_string = fields.Bool("in_string"),
                               .escaped = fields.Bool("escaped")};
  }
  if (fields.Has("stored")) position.stored = StoredPlace{fields.Number("stored"), fields.Hash("stored_tail")};
  position.emptied = fields.Has("emptied") && fields.Bool("emptied");
  if (!fields.missed().empty()) return Error{Code::kInvalidInput, fields.missed()};
  if (position.head.bytes == 0 || position.head.bytes > kIdentityBytes) {
    return Error{Code::kInvalidInput, fmt::format("'head_bytes' is not within 1 and {}", kIdentityBytes)};
  }
  return position;
}

std::string ShardName(const std::string& path, const Head& head) {
  return fmt::format("{}#{}", path, head.hash.ToHex().substr(0, 8));
}

std::string PathText(std::string_view path) {
  std::string text;
  for (size_t at = 0; at < path.size();) {
    const size_t size = path[at] == '%' ? 0 : CharacterAt(path, at);
    if (size == 0) {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(path[at]));
    } else {
      text.append(path.substr(at, size));
    }
    at += std::max<size_t>(size, 1);
  }
  return text;
}

std::string PathFromText(std::string_view text) {
  std::string path;
  for (size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const char* const digits = text.data() + at + 1;
    if (text[at] == '%' && text.size() - at > 2 && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      path += static_cast<char>(byte);
      at += 2;
    } else {
      path += text[at];
    }
  }
  return path;
}

}  // namespace datahub::source::files
