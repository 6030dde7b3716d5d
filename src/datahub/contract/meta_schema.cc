#include "datahub/contract/meta_schema.h"

#include <span>

#include <fmt/format.h>

#include "datahub/base/json.h"

namespace datahub::contract {
namespace {

// What the value of a keyword must be.
enum class Shape {
  kSchema,
  kSchemas,  // at least one
  kSchemaMap,
  kItems,         // a schema, or schemas
  kDependencies,  // each a schema, or names
  kNames,         // different strings
  kSomeNames,     // at least one
  kNamesMap,
  kCount,
  kNumber,
  kMoreThanZero,
  kBoolean,
  kString,
  kTypes,
  kList,
  kSomeDifferent,  // a list of different values, at least one
  kBooleans,       // an object of them
};

enum class Vocabulary { kCore, kApplicator, kUnevaluated, kValidation, kMetaData, kFormat, kContent };

using enum Dialect;
using enum Shape;

struct Keyword {
  std::string_view name;
  Shape shape;
  Vocabulary vocabulary;
  Dialect first = kDraft4;
  Dialect last = kDraft2020;
};
using enum Vocabulary;
constexpr Keyword kKeywords[] = {
    {"id", kString, kCore, kDraft4, kDraft4},
    {"$id", kString, kCore, kDraft6},
    {"$schema", kString, kCore},
    {"$ref", kString, kCore, kDraft6},
    {"$anchor", kString, kCore, kDraft2019},
    {"$recursiveRef", kString, kCore, kDraft2019, kDraft2019},
    {"$recursiveAnchor", kBoolean, kCore, kDraft2019, kDraft2019},
    {"$dynamicRef", kString, kCore, kDraft2020},
    {"$dynamicAnchor", kString, kCore, kDraft2020},
    {"$vocabulary", kBooleans, kCore, kDraft2019},
    {"$comment", kString, kCore, kDraft7},
    {"$defs", kSchemaMap, kCore, kDraft2019},
    {"definitions", kSchemaMap, kCore},
    {"prefixItems", kSchemas, kApplicator, kDraft2020},
    {"items", kItems, kApplicator, kDraft4, kDraft2019},
    {"items", kSchema, kApplicator, kDraft2020},
    {"additionalItems", kSchema, kApplicator, kDraft4, kDraft2019},
    {"contains", kSchema, kApplicator, kDraft6},
    {"properties", kSchemaMap, kApplicator},
    {"patternProperties", kSchemaMap, kApplicator},
    {"additionalProperties", kSchema, kApplicator},
    {"propertyNames", kSchema, kApplicator, kDraft6},
    {"dependencies", kDependencies, kApplicator},
    {"dependentSchemas", kSchemaMap, kApplicator, kDraft2019},
    {"if", kSchema, kApplicator, kDraft7},
    {"then", kSchema, kApplicator, kDraft7},
    {"else", kSchema, kApplicator, kDraft7},
    {"allOf", kSchemas, kApplicator},
    {"anyOf", kSchemas, kApplicator},
    {"oneOf", kSchemas, kApplicator},
    {"not", kSchema, kApplicator},
    {"unevaluatedItems", kSchema, kUnevaluated, kDraft2019},
    {"unevaluatedProperties", kSchema, kUnevaluated, kDraft2019},
    {"type", kTypes, kValidation},
    {"enum", kSomeDifferent, kValidation, kDraft4, kDraft4},
    {"enum", kList, kValidation, kDraft6},
    {"multipleOf", kMoreThanZero, kValidation},
    {"maximum", kNumber, kValidation},
    {"minimum", kNumber, kValidation},
    {"exclusiveMaximum", kBoolean, kValidation, kDraft4, kDraft4},
    {"exclusiveMinimum", kBoolean, kValidation, kDraft4, kDraft4},
    {"exclusiveMaximum", kNumber, kValidation, kDraft6},
    {"exclusiveMinimum", kNumber, kValidation, kDraft6},
    {"maxLength", kCount, kValidation},
    {"minLength", kCount, kValidation},
    {"pattern", kString, kValidation},
    {"maxItems", kCount, kValidation},
    {"minItems", kCount, kValidation},
    {"uniqueItems", kBoolean, kValidation},
    {"maxContains", kCount, kValidation, kDraft2019},
    {"minContains", kCount, kValidation, kDraft2019},
    {"maxProperties", kCount, kValidation},
    {"minProperties", kCount, kValidation},
    {"required", kSomeNames, kValidation, kDraft4, kDraft4},
    {"required", kNames, kValidation, kDraft6},
    {"dependentRequired", kNamesMap, kValidation, kDraft2019},
    {"title", kString, kMetaData},
    {"description", kString, kMetaData},
    {"deprecated", kBoolean, kMetaData, kDraft2019},
    {"readOnly", kBoolean, kMetaData, kDraft7},
    {"writeOnly", kBoolean, kMetaData, kDraft7},
    {"examples", kList, kMetaData, kDraft6},
    {"format", kString, kFormat},
    {"contentMediaType", kString, kContent, kDraft7},
    {"contentEncoding", kString, kContent, kDraft7},
    {"contentSchema", kSchema, kContent, kDraft2019},
};

struct Draft {
  Dialect dialect;
  std::string_view address;
  std::string_view self;  // how a schema within refers to the whole
};
constexpr Draft kDrafts[] = {
    {kDraft4, "http://json-schema.org/draft-04/schema", R"({"$ref":"#"})"},
    {kDraft6, "http://json-schema.org/draft-06/schema", R"({"$ref":"#"})"},
    {kDraft7, "http://json-schema.org/draft-07/schema", R"({"$ref":"#"})"},
    {kDraft2019, "https://json-schema.org/draft/2019-09/schema", R"({"$recursiveRef":"#"})"},
    {kDraft2020, "https://json-schema.org/draft/2020-12/schema", R"({"$dynamicRef":"#meta"})"},
};

struct MetaSchemaPart {
  std::string_view name;
  Vocabulary vocabulary;
  Dialect first = kDraft2019;
};
constexpr MetaSchemaPart kParts[] = {{"core", kCore},
                                     {"applicator", kApplicator},
                                     {"unevaluated", kUnevaluated},
                                     {"validation", kValidation},
                                     {"meta-data", kMetaData},
                                     {"format", kFormat},
                                     {"format-annotation", kFormat},
                                     {"format-assertion", kFormat},
                                     {"content", kContent}};

constexpr std::string_view kNamesText = R"({"type":"array","items":{"type":"string"},"uniqueItems":true})";

std::string ShapeText(Shape shape, std::string_view self) {
  switch (shape) {
    case kSchema:
      return std::string(self);
    case kSchemas:
      return fmt::format(R"({{"type":"array","minItems":1,"items":{}}})", self);
    case kSchemaMap:
      return fmt::format(R"({{"type":"object","additionalProperties":{}}})", self);
    case kItems:
      return fmt::format(R"({{"anyOf":[{0},{{"type":"array","minItems":1,"items":{0}}}]}})", self);
    case kDependencies:
      return fmt::format(R"({{"type":"object","additionalProperties":{{"anyOf":[{},{}]}}}})", self, kNamesText);
    case kNames:
      return std::string(kNamesText);
    case kSomeNames:
      return R"({"type":"array","minItems":1,"items":{"type":"string"},"uniqueItems":true})";
    case kNamesMap:
      return fmt::format(R"({{"type":"object","additionalProperties":{}}})", kNamesText);
    case kCount:
      return R"({"type":"integer","minimum":0})";
    case kNumber:
      return R"({"type":"number"})";
    case kMoreThanZero:
      return R"({"type":"number","not":{"maximum":0}})";
    case kBoolean:
      return R"({"type":"boolean"})";
    case kString:
      return R"({"type":"string"})";
    case kTypes:
      return R"({"anyOf":[{"enum":["array","boolean","integer","null","number","object","string"]},{"type":"array",)"
             R"("minItems":1,"uniqueItems":true,"items":{"enum":["array","boolean","integer","null","number","object",)"
             R"("string"]}}]})";
    case kList:
      return R"({"type":"array"})";
    case kSomeDifferent:
      return R"({"type":"array","minItems":1,"uniqueItems":true})";
    case kBooleans:
      return R"({"type":"object","additionalProperties":{"type":"boolean"}})";
  }
  return "{}";
}

// `part`: null for all keywords.
std::string Write(const Draft& draft, const std::string& address, const MetaSchemaPart* part) {
  json::Writer out;
  out.BeginObject().Key("$schema").String(std::string(draft.address) + (draft.dialect <= kDraft7 ? "#" : ""));
  out.Key(draft.dialect == kDraft4 ? "id" : "$id").String(address);
  if (draft.dialect == kDraft2019) out.Key("$recursiveAnchor").Bool(true);
  if (draft.dialect == kDraft2020) out.Key("$dynamicAnchor").String("meta");
  out.Key("type").BeginArray().String("object");
  if (draft.dialect != kDraft4) out.String("boolean");
  out.EndArray().Key("properties").BeginObject();
  for (const Keyword& keyword : kKeywords) {
    const bool is_of = draft.dialect >= keyword.first && draft.dialect <= keyword.last;
    if (!is_of || (part != nullptr && part->vocabulary != keyword.vocabulary)) continue;
    // Draft-04 has no boolean schemas but here.
    const bool may_be_boolean = draft.dialect == kDraft4 && (keyword.name.starts_with("additional"));
    const std::string shape = ShapeText(keyword.shape, draft.self);
    out.Key(keyword.name).Raw(may_be_boolean ? R"({"anyOf":[{"type":"boolean"},)" + shape + "]}" : shape);
  }
  out.EndObject();
  if (draft.dialect == kDraft4 && part == nullptr) {
    out.Key("dependencies").Raw(R"({"exclusiveMaximum":["maximum"],"exclusiveMinimum":["minimum"]})");
  }
  out.EndObject();
  return std::move(out).Take();
}

}  // namespace

std::optional<Dialect> DialectOf(std::string_view address) {
  for (const Draft& draft : kDrafts) {
    std::string_view known = draft.address;
    std::string_view given = address;
    for (std::string_view* text : {&known, &given}) text->remove_prefix(std::min(text->find("//"), text->size()));
    if (known == given && (address.starts_with("http://") || address.starts_with("https://"))) return draft.dialect;
  }
  return std::nullopt;
}

std::optional<std::string> MetaSchema(std::string_view address) {
  for (const Draft& draft : kDrafts) {
    if (address == draft.address) return Write(draft, std::string(address), nullptr);
    if (draft.dialect <= kDraft7) continue;
    std::string_view parts = draft.address;
    parts.remove_suffix(std::string_view("schema").size());
    for (const MetaSchemaPart& part : kParts) {
      if (address == fmt::format("{}meta/{}", parts, part.name)) return Write(draft, std::string(address), &part);
    }
  }
  return std::nullopt;
}

}  // namespace datahub::contract
