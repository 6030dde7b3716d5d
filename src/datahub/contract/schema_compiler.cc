#include "datahub/contract/schema_compiler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

// In which dialects a keyword means something. Elsewhere it is refused, or ignored, as CompileOptions says.
struct Known {
  std::string_view keyword;
  Dialect first;
  Dialect last;
  bool is_validation;  // of the vocabulary of that name
  std::string_view hint;
};
using enum Dialect;
constexpr Known kKnown[] = {
    {"id", kDraft4, kDraft4, false, ""},
    {"$dynamicRef", kDraft2020, kDraft2020, false, "use $ref; or say $schema 2020-12"},
    {"$recursiveRef", kDraft2019, kDraft2019, false, "use $ref; or say $schema 2019-09"},
    {"const", kDraft6, kDraft2020, true, "draft-04 spells it an `enum` of one"},
    {"contains", kDraft6, kDraft2020, false, "say $schema draft-06 or later"},
    {"propertyNames", kDraft6, kDraft2020, false, "say $schema draft-06 or later"},
    {"if", kDraft7, kDraft2020, false, "say $schema draft-07 or later"},
    {"then", kDraft7, kDraft2020, false, "say $schema draft-07 or later"},
    {"else", kDraft7, kDraft2020, false, "say $schema draft-07 or later"},
    {"prefixItems", kDraft2020, kDraft2020, false,
     "before 2020-12 it is spelt as an array in `items`; or say $schema 2020-12"},
    {"dependentRequired", kDraft2019, kDraft2020, true, "draft-07 spells it `dependencies`; or say $schema 2020-12"},
    {"dependentSchemas", kDraft2019, kDraft2020, false, "draft-07 spells it `dependencies`; or say $schema 2020-12"},
    {"unevaluatedProperties", kDraft2019, kDraft2020, false, "say $schema 2020-12"},
    {"unevaluatedItems", kDraft2019, kDraft2020, false, "say $schema 2020-12"},
    {"minContains", kDraft2019, kDraft2020, true, "say $schema 2020-12"},
    {"maxContains", kDraft2019, kDraft2020, true, "say $schema 2020-12"},
    {"dependencies", kDraft4, kDraft7, false, "since 2019-09 it is spelt dependentRequired and dependentSchemas"},
    {"additionalItems", kDraft4, kDraft2019, false, "2020-12 spells it `items`, beside `prefixItems`"},
    {"type", kDraft4, kDraft2020, true, ""},
    {"enum", kDraft4, kDraft2020, true, ""},
    {"multipleOf", kDraft4, kDraft2020, true, ""},
    {"maximum", kDraft4, kDraft2020, true, ""},
    {"minimum", kDraft4, kDraft2020, true, ""},
    {"exclusiveMaximum", kDraft4, kDraft2020, true, ""},
    {"exclusiveMinimum", kDraft4, kDraft2020, true, ""},
    {"maxLength", kDraft4, kDraft2020, true, ""},
    {"minLength", kDraft4, kDraft2020, true, ""},
    {"pattern", kDraft4, kDraft2020, true, ""},
    {"maxItems", kDraft4, kDraft2020, true, ""},
    {"minItems", kDraft4, kDraft2020, true, ""},
    {"uniqueItems", kDraft4, kDraft2020, true, ""},
    {"maxProperties", kDraft4, kDraft2020, true, ""},
    {"minProperties", kDraft4, kDraft2020, true, ""},
    {"required", kDraft4, kDraft2020, true, ""},
};
// Of draft-03: no dialect that is supported knows them.
constexpr std::pair<std::string_view, std::string_view> kOld[] = {
    {"extends", "use allOf"}, {"disallow", "use not"}, {"divisibleBy", "use multipleOf"}};

}  // namespace

std::vector<const Schema*> InPlaceParts(const Schema& schema) {
  std::vector<const Schema*> parts;
  const auto add = [&](const Schema* part) {
    if (part != nullptr) parts.push_back(part);
  };
  add(schema.ref);
  add(schema.dynamic_ref);
  for (const auto* list : {&schema.all_of, &schema.any_of, &schema.one_of})
    parts.insert(parts.end(), list->begin(), list->end());
  add(schema.not_schema);
  add(schema.if_schema);
  add(schema.then_schema);
  add(schema.else_schema);
  for (const auto& [name, dependent] : schema.dependent_schemas) add(dependent);
  return parts;
}

std::shared_ptr<const SchemaSet> SchemaSet::Compile(std::string text, const CompileOptions& options,
                                                    std::vector<CompileError>* errors) {
  auto set = std::make_shared<SchemaSet>();
  const size_t before = errors->size();
  SchemaCompiler(*set, options, errors).Run(std::move(text));
  if (errors->size() > before) return nullptr;
  return set;
}

void SchemaCompiler::Run(std::string text) {
  std::string problem;
  if (!AddDocument(options_.address, std::move(text), {options_.dialect_default}, &problem)) {
    uint32_t offset = 0;
    if (problem.starts_with("byte ")) offset = static_cast<uint32_t>(std::strtoul(problem.c_str() + 5, nullptr, 10));
    errors_.push_back({offset, "#", "not JSON: " + problem, ""});
    return;
  }
  set_.root_ = Compile(identifiers_.at(options_.address));
  CompileDynamicAnchors();
  if (!errors_.empty()) return;
  if (FindCycles()) MarkStrict();
}

const Schema* SchemaCompiler::Compile(const Site& site) {
  const auto known = compiled_.find(site.value);
  if (known != compiled_.end()) return known->second;
  Schema& schema = set_.schemas_.emplace_back();
  compiled_.emplace(site.value, &schema);
  const Resource* const inside = ResourceInside(site);
  schema.location = site.location;
  schema.text_offset = inside->is_contract ? site.value->begin : reference_offset_;
  schema.source = site.value;
  schema.resource = inside->published;
  schema.home = inside->published;
  schema.dialect = inside->rules.dialect;
  schema.is_draft4 = schema.dialect == kDraft4;
  if (depth_ >= kSchemaDepthMax) {
    Report(site, site.value->begin, "",
           fmt::format("schemas nest or refer to each other deeper than {}", kSchemaDepthMax));
    return &schema;
  }
  ++depth_;
  if (site.value->is_bool()) {
    schema.boolean = site.value->type == json::Type::kTrue;
  } else if (site.value->is_object()) {
    CompileKeywords(schema, {site.value, site.location, inside});
  } else {
    Report(site, site.value->begin, "", "a schema is an object, true or false");
  }
  --depth_;
  return &schema;
}

void SchemaCompiler::CompileKeywords(Schema& schema, const Site& site) {
  CompileAnnotations(schema, site);
  if (DialectAt(site) <= kDraft7) {
    for (const json::Member& member : site.value->members) {
      if (member.key != "$ref") continue;
      schema.ref_is_alone = true;
      CompileReference(schema, site, member);
      return;
    }
  }
  for (const json::Member& member : site.value->members) {
    if (IsForeign(site, member)) {
      schema.foreign.push_back(member.key);
    } else {
      CompileKeyword(schema, site, member);
    }
  }
}

bool SchemaCompiler::IsForeign(const Site& site, const json::Member& member) {
  const auto refuse = [&](std::string_view hint) {
    if (!options_.refuses_foreign) return true;
    Report(site, member.value.begin, member.key, fmt::format("the keyword {} is not supported here", member.key),
           std::string(hint));
    return true;
  };
  for (const auto& [keyword, hint] : kOld) {
    if (keyword == member.key) return refuse(hint);
  }
  const auto known = std::ranges::find(kKnown, member.key, &Known::keyword);
  if (known == std::end(kKnown)) return false;
  if (known->is_validation && !site.resource->rules.asserts) return true;
  const Dialect dialect = DialectAt(site);
  if (dialect >= known->first && dialect <= known->last) return false;
  if (known->keyword == "id") return false;  // means nothing, and asserts nothing
  if (known->keyword == "dependencies" && !options_.refuses_foreign) return false;  // still read by many
  return refuse(known->hint);
}

void SchemaCompiler::CompileKeyword(Schema& schema, const Site& site, const json::Member& member) {
  if (CompileReference(schema, site, member) || CompileTypeKeyword(schema, site, member) ||
      CompileObjectKeyword(schema, site, member) || CompileArrayKeyword(schema, site, member) ||
      CompileNumberKeyword(schema, site, member) || CompileStringKeyword(schema, site, member) ||
      CompileApplicator(schema, site, member)) {
    return;
  }
  if (member.key == "description" && member.value.is_string()) schema.description = member.value.text;
  CheckUnasserting(site, member);
}

void SchemaCompiler::CompileAnnotations(Schema& schema, const Site& site) {
  Annotation annotation;
  bool any = false;
  for (const json::Member& member : site.value->members) {
    if (!IsAnnotation(member.key)) continue;
    any = true;
    for (AnnotationFault& fault : ReadAnnotation(member, &annotation)) {
      Report(site, fault.offset, member.key, std::move(fault.message), std::move(fault.hint));
    }
    // At the root of another document they speak of that document's events.
    const bool is_a_root = site.location.find('#') + 1 == site.location.size();
    if (!IsOfTheRoot(member.key) || is_a_root) continue;
    Report(site, member.value.begin, member.key, fmt::format("{} stands at the root of a contract alone", member.key),
           "move it there, and name the member by its JSON pointer");
  }
  if (!any) return;
  set_.has_annotations_ = true;
  schema.annotation = std::make_shared<const Annotation>(std::move(annotation));
}

void SchemaCompiler::CheckUnasserting(const Site& site, const json::Member& member) {
  const bool begins = site.location.ends_with('#') || begins_.contains(site.value);
  if (member.key == "$schema" && !begins && options_.refuses_foreign && RulesOf(site).dialect != DialectAt(site)) {
    Report(site, member.value.begin, member.key, "only what has an $id of its own may be of another dialect");
  }
  if (member.key == "$vocabulary" && options_.refuses_foreign && site.resource->is_contract) {
    Report(site, member.value.begin, member.key, "$vocabulary belongs to meta-schemas; a contract is none");
  }
  // Definitions that nothing refers to are compiled too, so that their mistakes show.
  if ((member.key == "$defs" || member.key == "definitions") && options_.refuses_foreign &&
      site.resource->is_contract) {
    NamedChildren(site, member);
  }
}

// How many schemas apply one within the other to one value; kEndless when there is no end to it.
size_t SchemaCompiler::InPlaceHeight(const Schema& schema, size_t depth) {
  const auto [known, added] = heights_.emplace(&schema, kEndless);
  if (!added) return known->second;
  size_t height = 1;
  for (const Schema* part : InPlaceParts(schema)) {
    const size_t below = depth > kInPlaceDepthMax ? kInPlaceDepthMax : InPlaceHeight(*part, depth + 1);
    if (below == kEndless) return kEndless;
    height = std::max(height, below + 1);
  }
  heights_[&schema] = height;
  return height;
}

bool SchemaCompiler::FindCycles() {
  for (const Schema& schema : set_.schemas_) {
    const size_t height = InPlaceHeight(schema, 0);
    if (height <= kInPlaceDepthMax) continue;
    const bool endless = height == kEndless;
    errors_.push_back({schema.text_offset, schema.location,
                       endless ? "this schema refers to itself for the same value: no end"
                               : fmt::format("more than {} schemas apply one within the other here", kInPlaceDepthMax),
                       endless ? "a recursion must go through properties or items" : ""});
    return false;
  }
  return true;
}

// What a schema and its in-place parts say of members, once: strict asks for it at each object. Parts come before what
// they are parts of. What stands under `not` names nothing.
void SchemaCompiler::MarkStrict() {
  std::vector<Schema*> rising;
  for (Schema& schema : set_.schemas_) rising.push_back(&schema);
  std::stable_sort(rising.begin(), rising.end(),
                   [&](const Schema* a, const Schema* b) { return heights_[a] < heights_[b]; });
  for (Schema* schema : rising) {
    schema->names_properties = schema->properties_written || !schema->pattern_properties.empty();
    schema->writes_rest = schema->additional_properties != nullptr || schema->unevaluated_properties != nullptr;
    for (const Schema* part : InPlaceParts(*schema)) {
      if (part == schema->not_schema) continue;
      schema->names_properties = schema->names_properties || part->names_properties;
      schema->writes_rest = schema->writes_rest || part->writes_rest;
    }
  }
}

void SchemaCompiler::Report(const Site& site, uint32_t offset, std::string_view keyword, std::string message,
                            std::string hint) {
  std::string pointer = site.location;
  if (!keyword.empty()) pointer += "/" + EncodePointerToken(keyword);
  if (!site.resource->is_contract) offset = reference_offset_;
  errors_.push_back({offset, std::move(pointer), std::move(message), std::move(hint)});
}

}  // namespace datahub::contract
