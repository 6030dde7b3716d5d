#include "datahub/app/contract_canonical.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr std::array<std::string_view, 8> kForPeople = {"title",   "description", "$comment", "examples",
                                                        "default", "deprecated",  "readOnly", "writeOnly"};
// Their members are names, and each value is a schema.
constexpr std::array<std::string_view, 6> kNamedSchemas = {"properties",  "patternProperties", "$defs",
                                                           "definitions", "dependentSchemas",  "dependencies"};
// Their values are compared with, or read by a meaning of their own: nothing in them is a keyword.
constexpr std::array<std::string_view, 2> kValues = {"const", "enum"};
// Arrays whose order says nothing.
constexpr std::array<std::string_view, 2> kSets = {"required", "type"};

// They name columns and change none.
constexpr std::array<std::string_view, 2> kNaming = {"x-datahub-key", "x-datahub-event-time"};
constexpr std::string_view kPersonal = "x-datahub-pii";  // only its mask changes what lands

bool IsOneOfThem(std::span<const std::string_view> list, std::string_view key) {
  return std::ranges::find(list, key) != list.end();
}

bool ChangesNothing(const json::Member& member) {
  return IsOneOfThem(kForPeople, member.key) || IsOneOfThem(kNaming, member.key) ||
         (member.key == kPersonal && member.value.is_object() && member.value.Find("mask") == nullptr);
}

enum class As { kSchema, kByName, kSet, kValue };

As MeaningOf(std::string_view key) {
  if (IsOneOfThem(kNamedSchemas, key)) return As::kByName;
  if (IsOneOfThem(kSets, key)) return As::kSet;
  if (IsOneOfThem(kValues, key) || key.starts_with("x-")) return As::kValue;
  return As::kSchema;
}

void AppendCanonical(const json::Value& value, As as, std::string& out) {
  if (value.is_object()) {
    std::vector<const json::Member*> members;
    for (const json::Member& member : value.members) {
      if (as != As::kSchema || !ChangesNothing(member)) members.push_back(&member);
    }
    std::ranges::sort(members, {}, &json::Member::key);
    out += '{';
    for (const json::Member* member : members) {
      if (member != members.front()) out += ',';
      json::AppendString(out, member->key);
      out += ':';
      AppendCanonical(member->value,
                      as == As::kSchema  ? MeaningOf(member->key)
                      : as == As::kValue ? as
                                         : As::kSchema,
                      out);
    }
    out += '}';
  } else if (value.is_array()) {
    std::vector<std::string> elements;
    for (const json::Value& element : value.elements) {
      AppendCanonical(element, as == As::kByName ? As::kSchema : as, elements.emplace_back());
    }
    if (as == As::kSet) std::ranges::sort(elements);
    out += '[';
    for (const std::string& element : elements) {
      if (&element != &elements.front()) out += ',';
      out += element;
    }
    out += ']';
  } else {
    json::AppendValue(out, value);
  }
}

}  // namespace

std::string CanonicalContract(std::string_view text) {
  json::Document document;
  const Result<const json::Value*> root = document.Parse(text);
  if (!root) return std::string(text);
  std::string canonical;
  AppendCanonical(**root, As::kSchema, canonical);
  return canonical;
}

}  // namespace datahub::app
