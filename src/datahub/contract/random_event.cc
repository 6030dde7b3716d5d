#include "datahub/contract/random_event.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/contract/random_schema.h"

namespace datahub::contract {
namespace {

constexpr const char* kEventScalars[] = {"1",
                                         "0",
                                         "-5",
                                         "1.0",
                                         "2.5",
                                         "1e2",
                                         "9007199254740993",
                                         "true",
                                         "false",
                                         "null",
                                         "\"\"",
                                         "\"a\"",
                                         "\"x1\"",
                                         "\"red\"",
                                         "\"é\"",
                                         "1e400",
                                         "\"\\u0061b\"",
                                         "9223372036854775808",
                                         "0.30",
                                         "12.345"};
constexpr const char* kEventNames[] = {"a", "b", "c", "kind", "s_a", "x1", "v", "zz", "é", "u_id"};

std::string AsJson(std::string_view text) {
  std::string out;
  json::AppendString(out, text);
  return out;
}

// The keyword's value in any of the parts; null when it is nowhere.
const json::Value* Keyword(const std::vector<const json::Value*>& parts, std::string_view keyword) {
  for (const json::Value* part : parts) {
    if (const json::Value* const value = part->Find(keyword)) return value;
  }
  return nullptr;
}

size_t CountOf(const std::vector<const json::Value*>& parts, std::string_view keyword, size_t otherwise) {
  const json::Value* const value = Keyword(parts, keyword);
  return value == nullptr || !value->is_number() ? otherwise : std::stoul(std::string(value->text));
}

}  // namespace

std::string RandomEvent::Value(Parts parts, int depth) {
  parts = Expanded(parts);
  if (depth > kDepthMax || parts.empty() || Chance(1)) return Scalar();
  if (Chance(92)) {
    for (const json::Value* part : parts) {
      std::string text;
      const json::Value* value = part->Find("const");
      const json::Value* const listed = part->Find("enum");
      if (value == nullptr && listed != nullptr && listed->is_array() && !listed->elements.empty()) {
        value = &listed->elements[Below(listed->elements.size())];
      }
      if (value == nullptr) continue;
      json::AppendValue(text, *value);
      return text;
    }
  }
  const std::string type = TypeOf(parts);
  if (type == "string") return String(parts);
  if (type == "integer" || type == "number") return Number(parts, type == "integer");
  if (type == "boolean") return Chance(50) ? "true" : "false";
  if (type == "array") return Array(parts, depth);
  if (type == "object") return Object(parts, depth);
  return type == "null" ? "null" : Scalar();
}

RandomEvent::Parts RandomEvent::Expanded(const Parts& parts) {
  constexpr size_t kMost = 30;
  Parts all;
  Parts todo = parts;
  while (!todo.empty() && all.size() < kMost) {
    const json::Value* const part = todo.back();
    todo.pop_back();
    if (part == nullptr || !part->is_object()) continue;
    all.push_back(part);
    const auto add_list = [&](const char* keyword, bool whole) {
      const json::Value* const list = part->Find(keyword);
      if (list == nullptr || list->elements.empty()) return;
      if (!whole) return todo.push_back(&list->elements[Below(list->elements.size())]);
      for (const json::Value& element : list->elements) todo.push_back(&element);
    };
    add_list("allOf", true);
    add_list("anyOf", false);
    add_list("oneOf", false);
    if (part->Find("if") != nullptr) {
      const bool holds = Chance(50);
      if (holds) todo.push_back(part->Find("if"));
      todo.push_back(part->Find(holds ? "then" : "else"));
    }
    for (const char* const keyword : {"dependentSchemas", "dependencies"}) {
      const json::Value* const dependent = part->Find(keyword);
      if (dependent == nullptr || dependent->members.empty() || Chance(50)) continue;
      todo.push_back(&dependent->members[Below(dependent->members.size())].value);
    }
    for (const char* const keyword : {"$ref", "$dynamicRef", "$recursiveRef"}) {
      const json::Value* const reference = part->Find(keyword);
      if (reference != nullptr && reference->is_string()) todo.push_back(Referred(reference->text));
    }
  }
  return all;
}

// As RandomSchema writes them; null for what leads nowhere.
const json::Value* RandomEvent::Referred(std::string_view reference) const {
  if (reference == "#" || reference == "#n") return &contract_;
  const json::Value* definitions = contract_.Find("$defs");
  if (definitions == nullptr) definitions = contract_.Find("definitions");
  if (definitions == nullptr) return nullptr;
  const size_t slash = reference.rfind('/');
  const std::string name = "d" + std::string(1, reference.back());
  return slash == std::string_view::npos ? definitions->Find(name) : definitions->Find(reference.substr(slash + 1));
}

std::string RandomEvent::TypeOf(const Parts& parts) {
  static constexpr const char* kTypes[] = {"string", "integer", "number", "boolean", "array", "object", "null"};
  std::vector<std::string> allowed;
  bool written = false;
  for (const json::Value* part : parts) {
    const json::Value* const type = part->Find("type");
    if (type == nullptr) continue;
    std::vector<std::string> here;
    if (type->is_string()) here.emplace_back(type->text);
    for (const json::Value& name : type->elements) here.emplace_back(name.text);
    const auto has_not = [&](const std::string& name) { return std::ranges::find(here, name) == here.end(); };
    if (written) {
      std::erase_if(allowed, has_not);
    } else {
      allowed = here;
    }
    written = true;
  }
  if (!allowed.empty()) return allowed[Below(allowed.size())];
  static constexpr std::pair<const char*, const char*> kHints[] = {{"properties", "object"},
                                                                   {"required", "object"},
                                                                   {"items", "array"},
                                                                   {"contains", "array"},
                                                                   {"multipleOf", "number"},
                                                                   {"minimum", "number"},
                                                                   {"maximum", "number"},
                                                                   {"pattern", "string"},
                                                                   {"format", "string"},
                                                                   {"minLength", "string"},
                                                                   {"additionalProperties", "object"}};
  for (const auto& [keyword, type] : kHints) {
    if (!written && Keyword(parts, keyword) != nullptr && Chance(85)) return type;
  }
  return kTypes[Below(std::size(kTypes))];
}

std::string RandomEvent::Scalar() { return kEventScalars[Below(std::size(kEventScalars))]; }

std::string RandomEvent::String(const Parts& parts) {
  std::vector<std::string_view> samples;
  if (const json::Value* const format = Keyword(parts, "format")) samples = RandomSchema::SamplesOfFormat(format->text);
  if (const json::Value* const pattern = Keyword(parts, "pattern"); pattern != nullptr && samples.empty()) {
    samples = RandomSchema::SamplesOfPattern(pattern->text);
  }
  // The last one does not fit.
  if (!samples.empty() && Chance(95)) return AsJson(samples[Below(samples.size() - (Chance(90) ? 1 : 0))]);
  const size_t low = std::min<size_t>(CountOf(parts, "minLength", 0), 40);
  const size_t high = std::min<size_t>(CountOf(parts, "maxLength", low + 5), 40);
  static constexpr const char* kPieces[] = {"a", "b", "z", "é", "1", "\\n", "\\u00e9", "😀", "_", "\\\"", "X"};
  size_t length = high > low ? low + Below(high - low + 1) : low;
  if (Chance(6)) length += Chance(50) || length == 0 ? 1 : -1;
  std::string text = "\"";
  while (length-- > 0) text += kPieces[Below(Chance(70) ? 3 : std::size(kPieces))];
  return text + "\"";
}

std::string RandomEvent::Number(const Parts& parts, bool is_integer) {
  static constexpr const char* kLiterals[] = {"0",
                                              "1",
                                              "-1",
                                              "7",
                                              "10",
                                              "100",
                                              "1.0",
                                              "-0",
                                              "1e2",
                                              "1E+1",
                                              "-0.0",
                                              "2147483647",
                                              "-2147483649",
                                              "9223372036854775807",
                                              "-9223372036854775808",
                                              "9007199254740993",
                                              "9223372036854775808",
                                              "100000000000000000000"};
  static constexpr const char* kFractions[] = {"0.5",  "1.25",  "0.1",    "0.01", "99.99",
                                               "1e-7", "-2.50", "3.0e-1", "0.005"};
  static constexpr const char* kBounds[] = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"};
  if (Chance(35)) {
    for (const char* const keyword : kBounds) {
      const json::Value* const bound = Keyword(parts, keyword);
      if (bound == nullptr || !bound->is_number() || Chance(50)) continue;
      if (Chance(60)) return std::string(bound->text);
      const double near = std::strtod(std::string(bound->text).c_str(), nullptr);
      if (near > -1e15 && near < 1e15) return fmt::format("{}", near + (Chance(50) ? 1 : -1));
    }
  }
  if (const json::Value* const unit = Keyword(parts, "multipleOf"); unit != nullptr && Chance(80)) {
    const double by = std::strtod(std::string(unit->text).c_str(), nullptr);
    return fmt::format("{:.10g}", by * static_cast<double>(Below(1000)));
  }
  if (Chance(50)) return std::to_string(Below(12));
  if (!is_integer && Chance(50)) return kFractions[Below(std::size(kFractions))];
  return kLiterals[Below(Chance(70) ? 12 : std::size(kLiterals))];
}

std::string RandomEvent::Array(const Parts& parts, int depth) {
  const size_t low = std::min<size_t>(CountOf(parts, "minItems", 0), 10);
  const size_t high = std::min<size_t>(CountOf(parts, "maxItems", low + 3), 10);
  size_t count = high > low ? low + Below(high - low + 1) : low;
  if (Chance(5)) count += Chance(50) || count == 0 ? 1 : -1;
  const json::Value* const contains = Keyword(parts, "contains");
  std::string text;
  std::string last = "null";
  for (size_t i = 0; i < count; ++i) {
    Parts element;
    for (const json::Value* part : parts) {
      const json::Value* const items = part->Find("items");
      const json::Value* prefix = part->Find("prefixItems");
      if (items != nullptr && items->is_array()) prefix = items;
      const json::Value* const rest = prefix == items ? part->Find("additionalItems") : items;
      element.push_back(prefix != nullptr && i < prefix->elements.size() ? &prefix->elements[i] : rest);
    }
    std::erase(element, nullptr);
    if (contains != nullptr && Chance(i == 0 ? 70 : 30)) element.push_back(contains);
    if (!Chance(6)) last = Value(element, depth + 1);  // else one that is there twice
    text += (i > 0 ? "," : "") + last;
  }
  return "[" + text + "]";
}

RandomEvent::Parts RandomEvent::OfMember(const Parts& parts, std::string_view name) {
  Parts found;
  for (const json::Value* part : parts) {
    const json::Value* const properties = part->Find("properties");
    const json::Value* member = properties == nullptr ? nullptr : properties->Find(name);
    if (member != nullptr) found.push_back(member);
    const json::Value* const patterns = part->Find("patternProperties");
    for (size_t i = 0; patterns != nullptr && i < patterns->members.size(); ++i) {
      const std::vector<std::string_view> samples = RandomSchema::SamplesOfPattern(patterns->members[i].key);
      const auto sample = std::ranges::find(samples, name);
      if (sample == samples.end() || sample + 1 == samples.end()) continue;
      member = &patterns->members[i].value;
      found.push_back(member);
    }
    if (member == nullptr) member = part->Find("additionalProperties");
    if (member != nullptr && (found.empty() || found.back() != member)) found.push_back(member);
  }
  return found;
}

std::string RandomEvent::Object(const Parts& parts, int depth) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  };
  const size_t present = depth > 4 ? 30 : 80;
  for (const json::Value* part : parts) {
    if (const json::Value* const required = part->Find("required")) {
      for (const json::Value& name : required->elements) {
        if (Chance(97)) add(name.text);
      }
    }
    if (const json::Value* const properties = part->Find("properties")) {
      for (const json::Member& member : properties->members) {
        if (Chance(present)) add(member.key);
      }
    }
    if (const json::Value* const patterns = part->Find("patternProperties")) {
      for (const json::Member& member : patterns->members) {
        const std::vector<std::string_view> samples = RandomSchema::SamplesOfPattern(member.key);
        if (!samples.empty() && Chance(60)) add(samples[Below(samples.size())]);
      }
    }
    const json::Value* const rest = part->Find("additionalProperties");
    if (rest != nullptr && rest->type != json::Type::kFalse && Chance(70)) {
      for (size_t i = 1 + Below(3); i > 0; --i) add(kEventNames[Below(std::size(kEventNames))]);
    }
  }
  if (Chance(4)) add(kEventNames[Below(std::size(kEventNames))]);
  if (Chance(40)) std::shuffle(names.begin(), names.end(), random_);
  if (Chance(2) && !names.empty()) names.push_back(names[Below(names.size())]);  // a key that repeats
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ",") + AsJson(name) + ":" + Value(OfMember(parts, name), depth + 1);
  }
  return "{" + text + "}";
}

}  // namespace datahub::contract
