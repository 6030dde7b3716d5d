// Validation: what is asserted of scalars, and of values whole.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/json_utf8.h"
#include "datahub/contract/json_equal.h"
#include "datahub/contract/validation.h"

namespace datahub::contract {
namespace {

std::string NamesOf(uint8_t types) {
  static constexpr std::pair<uint8_t, const char*> kNames[] = {{kTypeNull, "null"},     {kTypeBoolean, "boolean"},
                                                               {kTypeNumber, "number"}, {kTypeString, "string"},
                                                               {kTypeArray, "array"},   {kTypeObject, "object"}};
  std::string out;
  if ((types & kTypeInteger) != 0 && (types & kTypeNumber) == 0) out = "integer";
  for (const auto& [bit, name] : kNames) {
    if ((types & bit) != 0) out += (out.empty() ? "" : " or ") + std::string(name);
  }
  return out;
}

// A keyword's value as the contract spells it; draft-04 says `true`, and the number beside it.
std::string_view TextOf(const Schema& schema, std::string_view keyword) {
  const json::Value* value = WrittenKeyword(schema, keyword);
  if (value != nullptr && value->is_bool()) {
    value = WrittenKeyword(schema, keyword == "exclusiveMinimum" ? "minimum" : "maximum");
  }
  return value == nullptr ? std::string_view() : value->text;
}

}  // namespace

std::string Shown(const json::Value& value) {
  constexpr size_t kShownMax = 60;
  std::string text;
  if (value.is_string() || value.is_number()) {
    json::Value head = value;
    head.text = head.text.substr(0, kShownMax);
    while (!head.text.empty() && head.text.size() < value.text.size() &&
           (value.text[head.text.size()] & 0xC0) == 0x80) {
      head.text.remove_suffix(1);
    }
    json::AppendValue(text, head);
    if (head.text.size() < value.text.size()) text += "…";
    return text;
  }
  if (value.is_array() || value.is_object()) return NamesOf(TypeBitOf(value));
  json::AppendValue(text, value);
  return text;
}

const json::Value* WrittenKeyword(const Schema& schema, std::string_view keyword) {
  return schema.source == nullptr ? nullptr : schema.source->Find(keyword);
}

bool Validation::CheckType(const Schema& schema, const json::Value& value, const Path* path) {
  uint8_t type = TypeBitOf(value);
  if ((schema.types & type) != 0) return true;
  if (type == kTypeNumber && (schema.types & kTypeInteger) != 0) {
    const bool has_point = value.text.find_first_of(".eE") != std::string_view::npos;
    if (!has_point || (!schema.is_draft4 && Decimal::Parse(value.text).IsInteger())) return true;
  }
  if (Done()) return false;
  return Fail(schema, "type", path,
              [&] { return fmt::format("expected {}, got {}", NamesOf(schema.types), Shown(value)); });
}

bool Validation::CheckEnum(const Schema& schema, const json::Value& value, const Path* path) {
  if (!schema.has_enum) return true;
  for (const json::Value& allowed : schema.enum_values) {
    if (IsEqual(allowed, value)) return true;
  }
  if (Done()) return false;
  if (schema.enum_is_const) {
    return Fail(schema, "const", path,
                [&] { return fmt::format("expected {}, got {}", Shown(schema.enum_values[0]), Shown(value)); });
  }
  return Fail(schema, "enum", path, [&] {
    return fmt::format("{} is not one of the {} allowed values", Shown(value), schema.enum_values.size());
  });
}

bool Validation::CheckNumber(const Schema& schema, const json::Value& value, const Path* path) {
  if (!schema.minimum && !schema.maximum && !schema.exclusive_minimum && !schema.exclusive_maximum &&
      !schema.multiple_of) {
    return true;
  }
  const Decimal number = Decimal::Parse(value.text);
  bool valid = true;
  const auto bound = [&](const std::optional<Decimal>& limit, const char* keyword, auto holds, const char* words) {
    if (limit && !holds(number.Compare(*limit))) {
      valid = Fail(schema, keyword, path, [&] {
        return fmt::format("{} is {} {}", value.text.substr(0, 60), words, TextOf(schema, keyword));
      });
    }
  };
  bound(
      schema.minimum, "minimum", [](int c) { return c >= 0; }, "less than the minimum");
  bound(
      schema.maximum, "maximum", [](int c) { return c <= 0; }, "more than the maximum");
  bound(
      schema.exclusive_minimum, "exclusiveMinimum", [](int c) { return c > 0; }, "not more than");
  bound(
      schema.exclusive_maximum, "exclusiveMaximum", [](int c) { return c < 0; }, "not less than");
  if (schema.multiple_of && !number.IsMultipleOf(*schema.multiple_of)) {
    valid = Fail(schema, "multipleOf", path, [&] {
      return fmt::format("{} is not a multiple of {}", value.text.substr(0, 60), TextOf(schema, "multipleOf"));
    });
  }
  return valid;
}

bool Validation::CheckString(const Schema& schema, const json::Value& value, const Path* path) {
  bool valid = true;
  if (schema.length_min > 0 || schema.length_max != kNoLimit) {
    const size_t length = json::CodePoints(value.text);
    if (length < schema.length_min) {
      valid = Fail(schema, "minLength", path,
                   [&] { return fmt::format("{} characters, at least {} wanted", length, schema.length_min); });
    }
    if (length > schema.length_max) {
      valid = Fail(schema, "maxLength", path,
                   [&] { return fmt::format("{} characters, at most {} allowed", length, schema.length_max); });
    }
  }
  if (schema.pattern) {
    switch (schema.pattern->Search(value.text)) {
      case Pattern::Outcome::kFound:
        break;
      case Pattern::Outcome::kNotFound:
        valid = Fail(schema, "pattern", path,
                     [&] { return fmt::format("{} does not match '{}'", Shown(value), schema.pattern->text()); });
        break;
      case Pattern::Outcome::kLimit:
        valid = Undecided(schema, "pattern", path,
                          fmt::format("'{}' took too many steps on this text", schema.pattern->text()));
        break;
    }
  }
  if (schema.format != Format::kNone && !Matches(schema.format, value.text)) {
    valid = Fail(schema, "format", path, [&] {
      const std::string_view name = NameOf(schema.format);
      const bool begins_like_vowel = std::string_view("ei").find(name[0]) != std::string_view::npos;
      return fmt::format("{} is not {} {}", Shown(value), begins_like_vowel ? "an" : "a", name);
    });
  }
  return valid;
}

}  // namespace datahub::contract
