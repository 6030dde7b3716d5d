#include "datahub/contract/schema_reader.h"

#include <algorithm>
#include <optional>

#include "datahub/contract/literal.h"

namespace datahub::contract {
namespace {

uint8_t Normalized(uint8_t types) { return types & kTypeNumber ? static_cast<uint8_t>(types | kTypeInteger) : types; }

uint8_t TypeOfValue(const json::Value& value) {
  if (!value.is_number()) return TypeBitOf(value);
  return IntegerOf(value.text) ? uint8_t{kTypeInteger} : Normalized(kTypeNumber);
}

}  // namespace

uint8_t TypeBitOf(const json::Value& value) {
  switch (value.type) {
    case json::Type::kNull:
      return kTypeNull;
    case json::Type::kFalse:
    case json::Type::kTrue:
      return kTypeBoolean;
    case json::Type::kNumber:
      return kTypeNumber;
    case json::Type::kString:
      return kTypeString;
    case json::Type::kArray:
      return kTypeArray;
    case json::Type::kObject:
      return kTypeObject;
  }
  return 0;
}

bool AssertsBesidesRef(const Schema& s) {
  return s.boolean == false || s.dynamic_ref != nullptr || s.types != kTypeAny || s.has_enum || !s.properties.empty() ||
         !s.pattern_properties.empty() || s.additional_properties != nullptr || s.unevaluated_properties != nullptr ||
         s.property_names != nullptr || s.properties_min > 0 || s.properties_max != kNoLimit ||
         !s.dependent_required.empty() || !s.dependent_schemas.empty() || !s.prefix_items.empty() ||
         s.items != nullptr || s.unevaluated_items != nullptr || s.contains != nullptr || s.items_min > 0 ||
         s.items_max != kNoLimit || s.unique_items || s.minimum || s.maximum || s.exclusive_minimum ||
         s.exclusive_maximum || s.multiple_of || s.length_min > 0 || s.length_max != kNoLimit || s.pattern ||
         s.format != Format::kNone || !s.all_of.empty() || !s.any_of.empty() || !s.one_of.empty() ||
         s.not_schema != nullptr || s.if_schema != nullptr;
}

bool IsTrivial(const Schema& schema) {
  const Schema& resolved = Resolve(schema);
  return resolved.ref == nullptr && !AssertsBesidesRef(resolved);
}

const Schema& Resolve(const Schema& schema) {
  constexpr int kHopsMax = 100;  // a circle of $ref ends somewhere in itself
  const Schema* at = &schema;
  for (int hop = 0; hop < kHopsMax && at->ref != nullptr && (at->ref_is_alone || !AssertsBesidesRef(*at)); ++hop)
    at = at->ref;
  return *at;
}

uint8_t SchemaReader::Types(const Schema& s) {
  if (s.boolean) return static_cast<uint8_t>(*s.boolean ? kTypeAny : 0);
  if (!Enter(s)) return kTypeAny;
  uint8_t types = Normalized(s.types);
  if (s.has_enum) {
    uint8_t listed = 0;
    for (const json::Value& value : s.enum_values) listed |= TypeOfValue(value);
    types &= listed;
  }
  if (s.ref != nullptr) types &= Types(*s.ref);
  for (const Schema* part : s.all_of) types &= Types(*part);
  if (!s.any_of.empty()) types &= Union(s.any_of);
  if (!s.one_of.empty()) types &= Union(s.one_of);
  if (s.if_schema != nullptr) {
    types &= static_cast<uint8_t>(TypesOrAny(s.then_schema) | TypesOrAny(s.else_schema));
  }
  Leave();
  return types;
}

uint8_t SchemaReader::TypesOrAny(const Schema* s) { return s != nullptr ? Types(*s) : uint8_t{kTypeAny}; }

Format SchemaReader::TimeFormat(const Schema& s) {
  if (s.format == Format::kDateTime || s.format == Format::kDate) return s.format;
  if (!Enter(s)) return Format::kNone;
  Format found = Format::kNone;
  if (s.ref != nullptr) found = TimeFormat(*s.ref);
  for (const Schema* part : s.all_of) {
    if (found == Format::kNone) found = TimeFormat(*part);
  }
  if (found == Format::kNone) found = Common(s.any_of);
  if (found == Format::kNone) found = Common(s.one_of);
  Leave();
  return found;
}

Format SchemaReader::Common(const std::vector<const Schema*>& branches) {
  std::optional<Format> common;
  for (const Schema* branch : branches) {
    if (!(Types(*branch) & kTypeString)) continue;
    const Format format = TimeFormat(*branch);
    if (common && *common != format) return Format::kNone;
    common = format;
  }
  return common.value_or(Format::kNone);
}

uint8_t SchemaReader::Union(const std::vector<const Schema*>& branches) {
  uint8_t types = 0;
  for (const Schema* branch : branches) types |= Types(*branch);
  return types;
}

bool SchemaReader::Enter(const Schema& s) {
  if (++visits_ > kVisitsMax || std::find(path_.begin(), path_.end(), &s) != path_.end()) return false;
  path_.push_back(&s);
  return true;
}

}  // namespace datahub::contract
