#include "datahub/contract/evolution/attack.h"

#include <algorithm>
#include <set>

#include "datahub/base/json.h"
#include "datahub/contract/evolution/form.h"
#include "datahub/contract/validate.h"
#include "datahub/contract/validation.h"

namespace datahub::contract::evolution {
namespace {

constexpr size_t kAttackDepthMax = 7;
const char* const kNames[] = {"a", "b", "c", "k", "v", "w", "x", "y", "xa", "x1", "ab", "x-a", "more", "next"};
const char* const kScalars[] = {
    "0",    "1",     "1.0",  "-1",    "2",     "3",     "5",      "6",        "7",
    "9",    "10",    "1.5",  "0.5",   "0.01",  "100",   "1e2",    "-0.5",     "null",
    "true", "false", "\"\"", "\"a\"", "\"b\"", "\"x\"", "\"ab\"", "\"aaaa\"", "\"2026-01-01\"",
    "[]",   "{}"};

}  // namespace

uint64_t FuzzSeed() {
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

std::shared_ptr<const SchemaSet> Compiled(const std::string& schema) {
  std::vector<CompileError> errors;
  auto set = SchemaSet::Compile(schema, {}, &errors);
  for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message << " in " << schema;
  return set;
}

bool IsValid(const Schema& schema, bool strict, const std::string& event) {
  static json::Document document;
  const auto value = document.Parse(event);
  return value && Validate(schema, **value, {.strict = strict, .reasons_max = 0, .instance_prefix = ""}, nullptr);
}

std::string EventMaker::Make() {
  std::string out;
  Value(&root_, 0, out);
  return out;
}

// The schema and its parts, of alternatives one or two.
std::vector<const Schema*> EventMaker::Parts(const Schema& schema) {
  std::vector<const Schema*> parts = {&schema};
  for (size_t i = 0; i < parts.size() && parts.size() < 30; ++i) {
    const Schema& part = *parts[i];
    const auto add = [&](const Schema* more) {
      if (more != nullptr) parts.push_back(more);
    };
    add(part.ref);
    add(part.dynamic_ref);
    for (const Schema* more : part.all_of) add(more);
    for (const auto* list : {&part.any_of, &part.one_of}) {
      if (list->empty()) continue;
      add((*list)[Below(list->size())]);
      if (Below(6) == 0) add((*list)[Below(list->size())]);
    }
    if (part.if_schema != nullptr) {
      const bool holds = Below(2) == 0;
      if (holds) add(part.if_schema);
      add(holds ? part.then_schema : part.else_schema);
    }
    for (const auto& [name, dependent] : part.dependent_schemas) {
      if (Below(2) == 0) add(dependent);
    }
  }
  return parts;
}

// One schema of which some keywords are merged from all parts, so that conjunctions are met.
void EventMaker::Value(const Schema* schema, size_t depth, std::string& out) {
  if (schema == nullptr || schema->boolean || depth > kAttackDepthMax || Below(16) == 0) return Any(depth, out);
  Schema merged;
  for (const Schema* part : Parts(*schema)) {
    merged.types &= part->types;
    if (part->has_enum && !part->enum_values.empty()) merged.enum_values = part->enum_values;
    if (part->source != nullptr && part->source->is_object() && part->source->members.size() > 0) {
      if (part->minimum || part->maximum || part->exclusive_minimum || part->exclusive_maximum || part->multiple_of) {
        merged.all_of.push_back(part);
      }
    }
    for (const Property& property : part->properties) merged.properties.push_back(property);
    for (const PatternProperty& pattern : part->pattern_properties) merged.pattern_properties.push_back(pattern);
    if (part->additional_properties != nullptr) merged.additional_properties = part->additional_properties;
    if (part->unevaluated_properties != nullptr) merged.additional_properties = part->unevaluated_properties;
    if (part->property_names != nullptr) merged.property_names = part->property_names;
    merged.properties_min = std::max(merged.properties_min, part->properties_min);
    merged.properties_max = std::min(merged.properties_max, part->properties_max);
    if (!part->prefix_items.empty()) merged.prefix_items = part->prefix_items;
    if (part->items != nullptr) merged.items = part->items;
    if (part->contains != nullptr) merged.contains = part->contains;
    merged.items_min = std::max(merged.items_min, part->items_min);
    merged.items_max = std::min(merged.items_max, part->items_max);
    merged.length_min = std::max(merged.length_min, part->length_min);
    merged.length_max = std::min(merged.length_max, part->length_max);
    if (part->pattern != nullptr) merged.pattern = part->pattern;
    if (part->format != Format::kNone) merged.format = part->format;
  }
  if (!merged.enum_values.empty() && Below(20) != 0) {
    return json::AppendValue(out, merged.enum_values[Below(merged.enum_values.size())]);
  }
  std::vector<uint8_t> types;
  for (uint8_t bit = 1; bit <= kTypeObject; bit = static_cast<uint8_t>(bit << 1)) {
    if ((merged.types & bit) != 0) types.push_back(bit);
  }
  if (types.empty()) return Any(depth, out);
  const bool objects = merged.properties.size() + merged.pattern_properties.size() > 0;
  uint8_t type = types[Below(types.size())];
  if (objects && (merged.types & kTypeObject) != 0 && Below(4) != 0) type = kTypeObject;
  switch (type) {
    case kTypeNull:
      out += "null";
      return;
    case kTypeBoolean:
      out += Below(2) == 0 ? "true" : "false";
      return;
    case kTypeString:
      return Text(merged, out);
    case kTypeArray:
      return Array(merged, depth, out);
    case kTypeObject:
      return Object(merged, depth, out);
    default:
      return Number(merged, out);
  }
}

void EventMaker::Any(size_t depth, std::string& out) {
  const size_t which = Below(std::size(kScalars) + 4);
  if (which < std::size(kScalars)) {
    out += kScalars[which];
  } else if (which % 2 == 0) {
    out += "[";
    if (depth <= kAttackDepthMax) Any(depth + 1, out);
    out += depth <= kAttackDepthMax ? "]" : "1]";
  } else {
    out += "{\"" + std::string(kNames[Below(std::size(kNames))]) + "\":";
    if (depth <= kAttackDepthMax) Any(depth + 1, out);
    out += depth <= kAttackDepthMax ? "}" : "1}";
  }
}

void EventMaker::Number(const Schema& merged, std::string& out) {
  std::vector<std::string> edges;
  for (const Schema* part : merged.all_of) {
    for (const char* keyword : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
      const json::Value* const value = WrittenKeyword(*part, keyword);
      if (value != nullptr && value->is_number()) edges.emplace_back(value->text);
    }
  }
  if (edges.empty() || Below(5) == 0) {
    out += std::to_string(static_cast<int64_t>(Below(30)) - 8);
    if (Below(3) == 0) out += Below(2) == 0 ? ".0" : ".25";
    return;
  }
  const std::string& edge = edges[Below(edges.size())];
  if (Below(4) == 0) {
    out += edge;
    return;
  }
  static constexpr double kSteps[] = {-1, 1, -0.5, 0.5, 2, -2, 0};
  const double base = std::strtod(edge.c_str(), nullptr);
  json::Writer writer;
  writer.Number(Below(3) == 0 ? base * static_cast<double>(Below(7)) : base + kSteps[Below(std::size(kSteps))]);
  out += writer.text();
}

void EventMaker::Text(const Schema& merged, std::string& out) {
  static constexpr std::string_view kTexts[] = {
      "2026-01-01", "2026-01-01T00:00:00Z", "3e628a05-7a4a-4bf3-8770-084c11601a12", "a", "ab", "b", "aaa", "x-1", ""};
  std::string text;
  if (merged.length_min > 0 || merged.length_max != kNoLimit) {
    const size_t edge = Below(2) == 0 || merged.length_max == kNoLimit ? merged.length_min : merged.length_max;
    const size_t length = std::min<size_t>(edge + Below(3), 200);
    text = std::string(length > 0 && Below(2) == 0 ? length - 1 : length, 'a');
  } else {
    text = kTexts[Below(std::size(kTexts))];
  }
  if (merged.pattern != nullptr && Below(3) != 0) {
    for (const std::string_view other : kTexts) {
      if (merged.pattern->Matches(other)) text = other;
    }
  }
  if (merged.format != Format::kNone) {
    for (const std::string_view other : kTexts) {
      if (Matches(merged.format, other)) text = other;
    }
  }
  json::AppendString(out, text);
}

void EventMaker::Array(const Schema& merged, size_t depth, std::string& out) {
  size_t size = Below(4);
  if (merged.items_min > 0 || merged.items_max != kNoLimit) {
    const size_t edge = Below(2) == 0 || merged.items_max == kNoLimit ? merged.items_min : merged.items_max;
    size = std::min<size_t>(edge + Below(2), 20);
  }
  size = std::max(size, Below(3) == 0 ? merged.prefix_items.size() : 0);
  out += "[";
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) out += ",";
    const Schema* element = i < merged.prefix_items.size() ? merged.prefix_items[i] : merged.items;
    if (merged.contains != nullptr && Below(2) == 0) element = merged.contains;
    Value(element, depth + 1, out);
  }
  out += "]";
}

void EventMaker::Object(const Schema& merged, size_t depth, std::string& out) {
  std::set<std::string> written;
  out += "{";
  const auto member = [&](const std::string& name, const Schema* schema) {
    if (!written.insert(name).second) return;
    if (written.size() > 1) out += ",";
    json::AppendString(out, name);
    out += ":";
    Value(schema, depth + 1, out);
  };
  const size_t plenty = Below(3);
  for (const Property& property : merged.properties) {
    const bool wanted = property.required ? Below(12) != 0 : depth < 4 && Below(3) < plenty + 1 && Below(4) != 0;
    if (!wanted) continue;
    // The part that gives it a schema may be another than the one that requires it.
    const Schema* schema = property.schema;
    for (const Property& other : merged.properties) {
      if (other.name == property.name && other.schema != nullptr && (schema == nullptr || Below(2) == 0)) {
        schema = other.schema;
      }
    }
    member(property.name, schema);
  }
  for (const PatternProperty& pattern : merged.pattern_properties) {
    for (const char* name : kNames) {
      if (Below(4) == 0 && pattern.pattern->Matches(name)) member(name, pattern.schema);
    }
  }
  const bool closed = merged.additional_properties != nullptr && merged.additional_properties->boolean &&
                      !*merged.additional_properties->boolean;
  if (merged.property_names != nullptr) {
    for (const json::Value& name : merged.property_names->enum_values) {
      if (name.is_string() && Below(2) == 0) member(std::string(name.text), merged.additional_properties);
    }
  }
  for (size_t more = Below(closed ? 8 : 3) == 0 ? 1 + Below(2) : 0; more > 0; --more) {
    member(kNames[Below(std::size(kNames))], merged.additional_properties);
  }
  while (written.size() < std::min<size_t>(merged.properties_min, 8) && Below(10) != 0) {
    member(kNames[Below(std::size(kNames))], merged.additional_properties);
  }
  out += "}";
}

Attack RunAttack(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict, size_t events,
                 std::mt19937_64& random) {
  Attack attack;
  EventMaker mine(narrow, random);
  EventMaker theirs(wide, random);
  for (; attack.events < events && attack.contradiction.empty(); ++attack.events) {
    // Some are made from the wide side: its members are those that the narrow one may have let in.
    const std::string event = random() % 4 == 0 ? theirs.Make() : mine.Make();
    if (!IsValid(narrow, narrow_strict, event)) continue;
    ++attack.held;
    if (!IsValid(wide, wide_strict, event)) attack.contradiction = event;
  }
  return attack;
}

}  // namespace datahub::contract::evolution
