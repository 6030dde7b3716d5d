// SchemaCompiler, keyword by keyword.

#include <algorithm>

#include <fmt/format.h>

#include "datahub/contract/json_equal.h"
#include "datahub/contract/schema_compiler.h"
#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

uint8_t TypeNamed(std::string_view name) {
  if (name == "null") return kTypeNull;
  if (name == "boolean") return kTypeBoolean;
  if (name == "integer") return kTypeInteger;
  if (name == "number") return kTypeNumber | kTypeInteger;
  if (name == "string") return kTypeString;
  if (name == "array") return kTypeArray;
  if (name == "object") return kTypeObject;
  return 0;
}

}  // namespace

const Schema* SchemaCompiler::Child(const Site& site, const json::Member& member) {
  return Compile({&member.value, site.location + "/" + EncodePointerToken(member.key), site.resource});
}

std::vector<const Schema*> SchemaCompiler::Children(const Site& site, const json::Member& member) {
  std::vector<const Schema*> children;
  if (!member.value.is_array() || (member.value.elements.empty() && member.key != "items")) {
    Report(site, member.value.begin, member.key, fmt::format("{} must be an array of schemas", member.key));
    return children;
  }
  for (size_t i = 0; i < member.value.elements.size(); ++i) {
    children.push_back(
        Compile({&member.value.elements[i], fmt::format("{}/{}/{}", site.location, member.key, i), site.resource}));
  }
  return children;
}

std::vector<std::pair<std::string_view, const Schema*>> SchemaCompiler::NamedChildren(const Site& site,
                                                                                      const json::Member& member) {
  std::vector<std::pair<std::string_view, const Schema*>> children;
  if (!member.value.is_object()) {
    Report(site, member.value.begin, member.key, fmt::format("{} must be an object of schemas", member.key));
    return children;
  }
  for (const json::Member& named : member.value.members) {
    const std::string location = fmt::format("{}/{}/{}", site.location, member.key, EncodePointerToken(named.key));
    children.emplace_back(named.key, Compile({&named.value, location, site.resource}));
  }
  return children;
}

void SchemaCompiler::AddProperty(Schema& schema, std::string_view name, const Schema* child, bool required) {
  const auto [known, added] = schema.property_index.emplace(name, schema.properties.size());
  if (added) schema.properties.push_back({std::string(name), nullptr, false});
  Property& property = schema.properties[known->second];
  if (child != nullptr) property.schema = child;
  schema.required_count += required && !property.required ? 1 : 0;
  property.required = property.required || required;
}

bool SchemaCompiler::ReadCount(const Site& site, const json::Member& member, size_t* count) {
  const Decimal number = member.value.is_number() ? Decimal::Parse(member.value.text) : Decimal::Parse("-1");
  static const Decimal kZero = Decimal::Parse("0");
  static const Decimal kMost = Decimal::Parse("4294967295");
  if (!number.IsInteger() || number.Compare(kZero) < 0) {
    Report(site, member.value.begin, member.key, fmt::format("{} must be an integer of 0 or more", member.key));
    return false;
  }
  *count = number.Compare(kMost) > 0 ? kNoLimit : static_cast<size_t>(std::stod(std::string(member.value.text)));
  return true;
}

bool SchemaCompiler::ReadNumber(const Site& site, const json::Member& member, std::optional<Decimal>* number) {
  if (!member.value.is_number()) {
    Report(site, member.value.begin, member.key, fmt::format("{} must be a number", member.key));
    return false;
  }
  *number = Decimal::Parse(member.value.text);
  return true;
}

bool SchemaCompiler::ReadNames(const Site& site, const json::Value& value, std::string_view keyword,
                               std::vector<std::string>* names) {
  bool right = value.is_array();
  for (const json::Value& element : value.elements) {
    right = right && element.is_string();
    if (right) names->emplace_back(element.text);
  }
  if (!right) Report(site, value.begin, keyword, fmt::format("{} must be an array of strings", keyword));
  return right;
}

std::shared_ptr<const Pattern> SchemaCompiler::ReadPattern(const Site& site, uint32_t offset, std::string_view keyword,
                                                           std::string_view text) {
  auto pattern = Pattern::Compile(text);
  if (pattern) return *pattern;
  Report(site, offset, keyword, fmt::format("the pattern '{}': {}", text, pattern.error().message),
         "patterns are ECMA-262 regular expressions in Unicode mode");
  return nullptr;
}

bool SchemaCompiler::CompileTypeKeyword(Schema& schema, const Site& site, const json::Member& member) {
  const json::Value& value = member.value;
  if (member.key == "type") {
    schema.types = 0;
    schema.types_written = true;
    const auto add = [&](const json::Value& name) {
      const uint8_t bits = name.is_string() ? TypeNamed(name.text) : 0;
      if (bits == 0) {
        Report(site, name.begin, "type", "type must name null, boolean, integer, number, string, array or object");
      }
      schema.types |= bits;
    };
    if (value.is_array()) {
      if (value.elements.empty()) Report(site, value.begin, "type", "type names no type: nothing would be valid");
      for (const json::Value& name : value.elements) add(name);
    } else {
      add(value);
    }
    return true;
  }
  if (member.key != "enum" && member.key != "const") return false;
  if (!schema.has_enum) CompileEnum(schema, site);
  return true;
}

// `enum` and `const` together: the values that satisfy both.
void SchemaCompiler::CompileEnum(Schema& schema, const Site& site) {
  schema.has_enum = true;
  const json::Value* const listed = site.value->Find("enum");
  const json::Value* const constant = site.value->Find("const");
  schema.enum_is_const = listed == nullptr;
  if (listed == nullptr) {
    schema.enum_values = {*constant};
    return;
  }
  if (!listed->is_array()) {
    Report(site, listed->begin, "enum", "enum must be an array");
    return;
  }
  for (const json::Value& value : listed->elements) {
    if (constant == nullptr || IsEqual(value, *constant)) schema.enum_values.push_back(value);
  }
}

bool SchemaCompiler::CompileObjectKeyword(Schema& schema, const Site& site, const json::Member& member) {
  const json::Value& value = member.value;
  const std::string_view key = member.key;
  if (key == "properties") {
    schema.properties_written = true;
    for (const auto& [name, child] : NamedChildren(site, member)) AddProperty(schema, name, child, false);
  } else if (key == "required") {
    std::vector<std::string> names;
    if (!ReadNames(site, value, key, &names)) return true;
    for (const json::Value& name : value.elements) AddProperty(schema, name.text, nullptr, true);
  } else if (key == "patternProperties") {
    for (const auto& [text, child] : NamedChildren(site, member)) {
      auto pattern = ReadPattern(site, value.begin, key, text);
      if (pattern) schema.pattern_properties.push_back({std::move(pattern), child});
    }
  } else if (key == "additionalProperties") {
    schema.additional_properties = Child(site, member);
  } else if (key == "unevaluatedProperties") {
    schema.unevaluated_properties = Child(site, member);
  } else if (key == "propertyNames") {
    schema.property_names = Child(site, member);
  } else if (key == "minProperties") {
    ReadCount(site, member, &schema.properties_min);
  } else if (key == "maxProperties") {
    ReadCount(site, member, &schema.properties_max);
  } else if (key == "dependentRequired" || key == "dependentSchemas" || key == "dependencies") {
    if (!value.is_object()) {
      Report(site, value.begin, key, fmt::format("{} must be an object", key));
      return true;
    }
    for (const json::Member& named : value.members) {
      const bool is_list = key == "dependentRequired" || (key == "dependencies" && named.value.is_array());
      if (is_list) {
        auto& dependent = schema.dependent_required.emplace_back(named.key, std::vector<std::string>());
        ReadNames(site, named.value, key, &dependent.second);
      } else {
        const std::string location = fmt::format("{}/{}/{}", site.location, key, EncodePointerToken(named.key));
        schema.dependent_schemas.emplace_back(named.key, Compile({&named.value, location, site.resource}));
      }
    }
  } else {
    return false;
  }
  return true;
}

bool SchemaCompiler::CompileArrayKeyword(Schema& schema, const Site& site, const json::Member& member) {
  const std::string_view key = member.key;
  if (key == "items") {
    if (member.value.is_array() && DialectAt(site) <= Dialect::kDraft2019) {
      schema.prefix_items = Children(site, member);
    } else if (member.value.is_array()) {
      Report(site, member.value.begin, key, "items must be a schema", "2020-12 spells a list of schemas prefixItems");
    } else {
      schema.items = Child(site, member);
    }
  } else if (key == "prefixItems") {
    schema.prefix_items = Children(site, member);
  } else if (key == "additionalItems") {
    // It has a meaning only beside the array form of items.
    const json::Value* items = site.value->Find("items");
    const Schema* rest = Child(site, member);
    if (items != nullptr && items->is_array()) schema.items = rest;
  } else if (key == "unevaluatedItems") {
    schema.unevaluated_items = Child(site, member);
  } else if (key == "contains") {
    schema.contains = Child(site, member);
    schema.contains_evaluates = DialectAt(site) != Dialect::kDraft2019;
  } else if (key == "minContains") {
    ReadCount(site, member, &schema.contains_min);
  } else if (key == "maxContains") {
    ReadCount(site, member, &schema.contains_max);
  } else if (key == "minItems") {
    ReadCount(site, member, &schema.items_min);
  } else if (key == "maxItems") {
    ReadCount(site, member, &schema.items_max);
  } else if (key == "uniqueItems") {
    if (!member.value.is_bool()) Report(site, member.value.begin, key, "uniqueItems must be true or false");
    schema.unique_items = member.value.type == json::Type::kTrue;
  } else {
    return false;
  }
  return true;
}

bool SchemaCompiler::CompileNumberKeyword(Schema& schema, const Site& site, const json::Member& member) {
  const std::string_view key = member.key;
  const bool is_draft4 = DialectAt(site) == Dialect::kDraft4;
  if (is_draft4 && (key == "exclusiveMinimum" || key == "exclusiveMaximum")) {
    if (!member.value.is_bool()) Report(site, member.value.begin, key, fmt::format("{} must be true or false", key));
    return true;
  }
  // Draft-04 says beside the bound that it is not within.
  const auto excludes = [&](std::string_view sibling) {
    const json::Value* const written = is_draft4 ? site.value->Find(sibling) : nullptr;
    return written != nullptr && written->type == json::Type::kTrue;
  };
  if (key == "minimum") {
    ReadNumber(site, member, excludes("exclusiveMinimum") ? &schema.exclusive_minimum : &schema.minimum);
  } else if (key == "maximum") {
    ReadNumber(site, member, excludes("exclusiveMaximum") ? &schema.exclusive_maximum : &schema.maximum);
  } else if (key == "exclusiveMinimum") {
    ReadNumber(site, member, &schema.exclusive_minimum);
  } else if (key == "exclusiveMaximum") {
    ReadNumber(site, member, &schema.exclusive_maximum);
  } else if (key == "multipleOf") {
    if (ReadNumber(site, member, &schema.multiple_of) &&
        (!schema.multiple_of->IsPositive() || schema.multiple_of->digits() > Decimal::kUnitDigitsMax)) {
      Report(site, member.value.begin, key,
             fmt::format("multipleOf must be more than 0, with at most {} digits", Decimal::kUnitDigitsMax));
      schema.multiple_of.reset();
    }
  } else {
    return false;
  }
  return true;
}

bool SchemaCompiler::CompileStringKeyword(Schema& schema, const Site& site, const json::Member& member) {
  const std::string_view key = member.key;
  if (key == "minLength") {
    ReadCount(site, member, &schema.length_min);
  } else if (key == "maxLength") {
    ReadCount(site, member, &schema.length_max);
  } else if (key == "pattern") {
    if (!member.value.is_string()) {
      Report(site, member.value.begin, key, "pattern must be a string");
    } else {
      schema.pattern = ReadPattern(site, member.value.begin, key, member.value.text);
    }
  } else if (key == "format") {
    if (!options_.format_asserts) return true;
    const std::string_view name = member.value.is_string() ? member.value.text : std::string_view();
    const std::optional<Format> format = FormatNamed(name);
    if (!format && (options_.refuses_foreign || !member.value.is_string())) {
      Report(site, member.value.begin, key, fmt::format("the format '{}' is not supported", name),
             "those that JSON Schema 2020-12 names are; or say it with `pattern`");
    }
    schema.format = format.value_or(Format::kNone);
  } else {
    return false;
  }
  return true;
}

bool SchemaCompiler::CompileApplicator(Schema& schema, const Site& site, const json::Member& member) {
  const std::string_view key = member.key;
  if (key == "allOf") {
    schema.all_of = Children(site, member);
  } else if (key == "anyOf") {
    schema.any_of = Children(site, member);
  } else if (key == "oneOf") {
    schema.one_of = Children(site, member);
  } else if (key == "not") {
    schema.not_schema = Child(site, member);
  } else if (key == "if") {
    schema.if_schema = Child(site, member);
  } else if (key == "then") {
    schema.then_schema = Child(site, member);
  } else if (key == "else") {
    schema.else_schema = Child(site, member);
  } else {
    return false;
  }
  return true;
}

}  // namespace datahub::contract
