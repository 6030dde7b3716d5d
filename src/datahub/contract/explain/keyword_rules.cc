#include "datahub/contract/explain/keyword_rules.h"

#include <algorithm>
#include <unordered_map>

namespace datahub::contract {
namespace {

using enum KeywordRole;
using enum Dialect;

constexpr KeywordRule kRules[] = {
    {"$schema", kSilent},
    {"$id", kSilent},
    {"id", kSilent},
    {"$anchor", kSilent},
    {"$dynamicAnchor", kSilent},
    {"$recursiveAnchor", kSilent},
    {"$vocabulary", kSilent},
    {"$comment", kSilent},
    {"$defs", kSilent},
    {"definitions", kSilent},

    {"$ref", kApplies},
    {"$dynamicRef", kApplies},
    {"$recursiveRef", kApplies},
    {"allOf", kApplies},
    {"anyOf", kChooses},
    {"oneOf", kChooses},
    {"not", kChooses},
    {"if", kChooses},
    {"then", kApplies},
    {"else", kApplies},
    {"properties", kApplies, kTypeObject},
    {"patternProperties", kApplies, kTypeObject},
    {"additionalProperties", kApplies, kTypeObject},
    {"unevaluatedProperties", kApplies, kTypeObject},
    {"propertyNames", kChooses, kTypeObject},
    {"dependentSchemas", kApplies, kTypeObject},
    {"dependencies", kApplies, kTypeObject},
    {"prefixItems", kApplies, kTypeArray},
    {"items", kApplies, kTypeArray},
    {"additionalItems", kApplies, kTypeArray},
    {"unevaluatedItems", kApplies, kTypeArray},
    {"contains", kChooses, kTypeArray},

    {"type", kAsserts},
    {"enum", kAsserts},
    {"const", kAsserts},
    {"minProperties", kAsserts, kTypeObject},
    {"maxProperties", kAsserts, kTypeObject},
    {"required", kAsserts, kTypeObject},
    {"dependentRequired", kAsserts, kTypeObject},
    {"minItems", kAsserts, kTypeArray},
    {"maxItems", kAsserts, kTypeArray},
    {"uniqueItems", kAsserts, kTypeArray},
    {"minContains", kAsserts, kTypeArray},
    {"maxContains", kAsserts, kTypeArray},
    {"minimum", kAsserts, kTypeNumber},
    {"maximum", kAsserts, kTypeNumber},
    {"exclusiveMinimum", kAsserts, kTypeNumber},
    {"exclusiveMaximum", kAsserts, kTypeNumber},
    {"multipleOf", kAsserts, kTypeNumber},
    {"minLength", kAsserts, kTypeString},
    {"maxLength", kAsserts, kTypeString},
    {"pattern", kAsserts, kTypeString},

    {"format", kAnnotates},  // it may assert too; an unknown one may be about any type
    {"title", kAnnotates},
    {"description", kAnnotates},
    {"default", kAnnotates},
    {"examples", kAnnotates, kTypeAny, kDraft6},
    {"readOnly", kAnnotates, kTypeAny, kDraft7},
    {"writeOnly", kAnnotates, kTypeAny, kDraft7},
    {"contentMediaType", kAnnotates, kTypeString, kDraft7},
    {"contentEncoding", kAnnotates, kTypeString, kDraft7},
    {"contentSchema", kAnnotates, kTypeString, kDraft2019},
    {"deprecated", kAnnotates, kTypeAny, kDraft2019},
};

bool IsForeign(const Schema& schema, std::string_view keyword) {
  return std::ranges::find(schema.foreign, keyword) != schema.foreign.end();
}

// Keywords that say something only beside another.
bool HasCompanion(const Schema& schema, std::string_view keyword) {
  const json::Value& written = *schema.source;
  if (keyword == "then" || keyword == "else") return schema.if_schema != nullptr;
  if (keyword == "minContains" || keyword == "maxContains") return schema.contains != nullptr;
  if (keyword == "contentSchema") return written.Find("contentMediaType") != nullptr;
  if (keyword != "additionalItems") return true;
  const json::Value* const items = written.Find("items");
  return items != nullptr && items->is_array();
}

}  // namespace

const KeywordRule& RuleOf(std::string_view keyword) {
  static const auto rules = [] {
    std::unordered_map<std::string_view, const KeywordRule*> by_name;
    for (const KeywordRule& rule : kRules) by_name.emplace(rule.keyword, &rule);
    return by_name;
  }();
  static const KeywordRule kNone;
  const auto found = rules.find(keyword);
  return found == rules.end() ? kNone : *found->second;
}

bool IsAsked(const Schema& schema, std::string_view keyword, uint8_t type) {
  if (schema.ref_is_alone) return keyword == "$ref";
  const KeywordRule& rule = RuleOf(keyword);
  if (rule.role == kAnnotates || rule.role == kUnknown) return IsAnnotation(schema, keyword, type);
  if (IsForeign(schema, keyword)) return IsAnnotation(schema, keyword, type);
  return (rule.types & type) != 0 && HasCompanion(schema, keyword);
}

bool IsAnnotation(const Schema& schema, std::string_view keyword, uint8_t type) {
  if (schema.ref_is_alone) return false;
  const KeywordRule& rule = RuleOf(keyword);
  const bool unknown = rule.role == kUnknown || schema.dialect < rule.first || IsForeign(schema, keyword);
  if (unknown) return schema.dialect >= kDraft2019;
  if (rule.role != kAnnotates) return false;
  if (keyword == "format") {
    const json::Value& name = *schema.source->Find(keyword);
    return type == kTypeString || !name.is_string() || !FormatNamed(name.text);
  }
  return (rule.types & type) != 0 && HasCompanion(schema, keyword);
}

}  // namespace datahub::contract
