// Validation: arrays and objects.

#include <fmt/format.h>

#include "datahub/contract/json_equal.h"
#include "datahub/contract/validation.h"

namespace datahub::contract {

bool Validation::CheckArraySize(const Schema& schema, const json::Value& value, const Path* path) {
  const size_t count = value.elements.size();
  bool valid = true;
  if (count < schema.items_min) {
    valid = Fail(schema, "minItems", path,
                 [&] { return fmt::format("{} elements, at least {} wanted", count, schema.items_min); });
  }
  if (count > schema.items_max) {
    valid = Fail(schema, "maxItems", path,
                 [&] { return fmt::format("{} elements, at most {} allowed", count, schema.items_max); });
  }
  if (schema.unique_items && !AreUnique(value.elements)) {
    valid = Fail(schema, "uniqueItems", path, "two elements are equal");
  }
  return valid;
}

bool Validation::CheckArray(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  const size_t count = value.elements.size();
  bool valid = CheckArraySize(schema, value, path);
  if (!valid && Done()) return false;
  for (size_t i = 0; i < count; ++i) {
    const Schema* element = i < schema.prefix_items.size() ? schema.prefix_items[i] : schema.items;
    if (element == nullptr) break;
    const Path at{path, {}, i, true};
    valid = Position(*element, value.elements[i], &at) && valid;
    if (!valid && Done()) return false;
    if (evaluated != nullptr) evaluated->seen[i] = 1;
  }
  return CheckContains(schema, value, path, evaluated) && valid;
}

bool Validation::CheckContains(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  if (schema.contains == nullptr) return true;
  size_t found = 0;
  for (size_t i = 0; i < value.elements.size(); ++i) {
    const Path at{path, {}, i, true};
    if (!Holds(*schema.contains, value.elements[i], &at, nullptr)) continue;
    ++found;
    if (evaluated != nullptr && schema.contains_evaluates) evaluated->seen[i] = 1;
  }
  if (found < schema.contains_min) {
    return Fail(schema, schema.contains_min == 1 ? "contains" : "minContains", path, [&] {
      return fmt::format("{} elements are as wanted, at least {} must be", found, schema.contains_min);
    });
  }
  if (found <= schema.contains_max) return true;
  return Fail(schema, "maxContains", path,
              [&] { return fmt::format("{} elements are as named, at most {} may be", found, schema.contains_max); });
}

bool Validation::CheckObjectSize(const Schema& schema, const json::Value& value, const Path* path) {
  const size_t count = value.members.size();
  if (count < schema.properties_min) {
    return Fail(schema, "minProperties", path,
                [&] { return fmt::format("{} fields, at least {} wanted", count, schema.properties_min); });
  }
  if (count <= schema.properties_max) return true;
  return Fail(schema, "maxProperties", path,
              [&] { return fmt::format("{} fields, at most {} allowed", count, schema.properties_max); });
}

bool Validation::CheckObject(const Schema& schema, const json::Value& value, const Path* path, Evaluated* evaluated) {
  const size_t count = value.members.size();
  bool valid = true;
  const auto go = [&](bool held) {
    valid = valid && held;
    return valid || !Done();
  };
  if (!go(CheckObjectSize(schema, value, path))) return false;
  size_t present = 0;
  size_t next = 0;  // members often come in the contract's order
  for (size_t i = 0; i < count; ++i) {
    const json::Member& member = value.members[i];
    const Property* property = nullptr;
    if (next < schema.properties.size() && schema.properties[next].name == member.key) {
      property = &schema.properties[next];
    } else if (const auto known = schema.property_index.find(member.key); known != schema.property_index.end()) {
      property = &schema.properties[known->second];
    }
    if (property != nullptr) {
      next = static_cast<size_t>(property - schema.properties.data()) + 1;
      present += property->required;
    }
    if (!go(CheckMember(schema, value, i, property, path, evaluated))) return false;
  }
  if (present < schema.required_count && !go(FailMissing(schema, value, path))) return false;
  return go(CheckDependent(schema, value, path, evaluated)) && valid;
}

bool Validation::CheckMember(const Schema& schema, const json::Value& object, size_t index, const Property* property,
                             const Path* path, Evaluated* evaluated) {
  const json::Member& member = object.members[index];
  const Path at{path, member.key, 0, false};
  bool valid = true;
  bool named = false;
  const auto apply = [&](const Schema& with) {
    named = true;
    valid = Position(with, member.value, &at) && valid;
    return valid || !Done();
  };
  if (schema.property_names != nullptr) {
    json::Value name;
    name.type = json::Type::kString;
    name.text = member.key;
    if (!Holds(*schema.property_names, name, &at, nullptr)) {
      valid = Fail(schema, "propertyNames", &at, "the field's name is not allowed");
      if (Done()) return false;
    }
  }
  if (property != nullptr && property->schema != nullptr && !apply(*property->schema)) return false;
  const size_t steps = kChecksPerSearch * schema.pattern_properties.size();
  if (checks_left_ < steps) {
    return Undecided(schema, "patternProperties", &at, "value and contract together take too many steps to check");
  }
  checks_left_ -= steps;
  for (const PatternProperty& pattern : schema.pattern_properties) {
    const Pattern::Outcome found = pattern.pattern->Search(member.key);
    if (found == Pattern::Outcome::kLimit) {
      return Undecided(schema, "patternProperties", &at,
                       fmt::format("'{}' took too many steps on this field's name", pattern.pattern->text()));
    }
    if (found == Pattern::Outcome::kFound && !apply(*pattern.schema)) return false;
  }
  if (!named && schema.additional_properties != nullptr) {
    named = true;
    if (schema.additional_properties->boolean && !*schema.additional_properties->boolean) {
      return Fail(schema, "additionalProperties", &at, "this field is not in the contract");
    }
    valid = Position(*schema.additional_properties, member.value, &at) && valid;
  }
  if (named && evaluated != nullptr) evaluated->seen[index] = 1;
  if (named && options_.strict) touches_.push_back({&object, static_cast<uint32_t>(index), false, false});
  return valid;
}

bool Validation::FailMissing(const Schema& schema, const json::Value& value, const Path* path) {
  for (const Property& property : schema.properties) {
    if (!property.required || value.Find(property.name) != nullptr) continue;
    const Path at{path, property.name, 0, false};
    Fail(schema, "required", &at, "the field is missing");
    if (Done()) break;
  }
  return false;
}

bool Validation::CheckDependent(const Schema& schema, const json::Value& value, const Path* path,
                                Evaluated* evaluated) {
  bool valid = true;
  for (const auto& [name, wanted] : schema.dependent_required) {
    if (value.Find(name) == nullptr) continue;
    for (const std::string& other : wanted) {
      if (value.Find(other) != nullptr) continue;
      const Path at{path, other, 0, false};
      valid = Fail(schema, WrittenKeyword(schema, "dependencies") ? "dependencies" : "dependentRequired", &at,
                   [&] { return fmt::format("the field is missing; '{}' asks for it", name); });
      if (Done()) return false;
    }
  }
  for (const auto& [name, dependent] : schema.dependent_schemas) {
    if (value.Find(name) == nullptr) continue;
    valid = Check(*dependent, value, path, evaluated) && valid;
    if (!valid && Done()) return false;
  }
  return valid;
}

}  // namespace datahub::contract
