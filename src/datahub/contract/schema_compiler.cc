#include "datahub/contract/schema_compiler.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

constexpr std::array<std::string_view, 1> kExtensions = {"x-datahub-column"};

// Keywords that assert in another dialect, or that are not supported: silence would be a false promise.
struct Refused {
  std::string_view keyword;
  bool in_draft7;
  bool in_2020;
  std::string_view hint;
};
constexpr std::array<Refused, 14> kRefused = {{
    {"$dynamicRef", true, true, "use $ref"},
    {"$recursiveRef", true, true, "use $ref"},
    {"prefixItems", true, false, "draft-07 spells it as an array in `items`; or say $schema 2020-12"},
    {"dependentRequired", true, false, "draft-07 spells it `dependencies`; or say $schema 2020-12"},
    {"dependentSchemas", true, false, "draft-07 spells it `dependencies`; or say $schema 2020-12"},
    {"unevaluatedProperties", true, false, "say $schema 2020-12"},
    {"unevaluatedItems", true, false, "say $schema 2020-12"},
    {"minContains", true, false, "say $schema 2020-12"},
    {"maxContains", true, false, "say $schema 2020-12"},
    {"dependencies", false, true, "2020-12 spells it dependentRequired and dependentSchemas"},
    {"additionalItems", false, true, "2020-12 spells it `items`, beside `prefixItems`"},
    {"extends", true, true, "use allOf"},
    {"disallow", true, true, "use not"},
    {"divisibleBy", true, true, "use multipleOf"},
}};

// Members whose values hold subschemas, by how they hold them: where identifiers are looked for.
constexpr std::array<std::string_view, 12> kOneSchema = {"additionalProperties",
                                                         "unevaluatedProperties",
                                                         "propertyNames",
                                                         "items",
                                                         "additionalItems",
                                                         "unevaluatedItems",
                                                         "contains",
                                                         "not",
                                                         "if",
                                                         "then",
                                                         "else",
                                                         "contentSchema"};
constexpr std::array<std::string_view, 5> kSchemaList = {"prefixItems", "items", "allOf", "anyOf", "oneOf"};
constexpr std::array<std::string_view, 6> kSchemaMap = {
    "properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"};

template <size_t N>
bool Has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<Dialect> DialectNamed(const json::Value& written) {
  if (!written.is_string()) return std::nullopt;
  std::string_view address = written.text;
  if (address.ends_with('#')) address.remove_suffix(1);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (address == std::string(scheme) + "json-schema.org/draft-07/schema") return Dialect::kDraft7;
    if (address == std::string(scheme) + "json-schema.org/draft/2020-12/schema") return Dialect::kDraft2020;
  }
  return std::nullopt;
}

}  // namespace

std::vector<const Schema*> InPlaceParts(const Schema& schema) {
  std::vector<const Schema*> parts;
  const auto add = [&](const Schema* part) {
    if (part != nullptr) parts.push_back(part);
  };
  add(schema.ref);
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
  set->text_ = std::move(text);
  const size_t before = errors->size();
  SchemaCompiler(*set, options, errors).Run();
  if (errors->size() > before) return nullptr;
  return set;
}

void SchemaCompiler::Run() {
  auto parsed = set_.document_.Parse(set_.text_);
  if (!parsed) {
    const std::string& message = parsed.error().message;
    uint32_t offset = 0;
    if (message.starts_with("byte ")) offset = static_cast<uint32_t>(std::strtoul(message.c_str() + 5, nullptr, 10));
    errors_.push_back({offset, "#", "not JSON: " + message, ""});
    return;
  }
  const json::Value& root = **parsed;
  ChooseDialect(root);
  const Site site{&root, "#", ""};
  identifiers_.emplace("", site);
  FindIdentifiers(site);
  set_.root_ = Compile(site);
  if (!errors_.empty()) return;
  if (FindCycles()) MarkStrict();
}

void SchemaCompiler::ChooseDialect(const json::Value& root) {
  document_root_ = &root;
  const json::Value* written = root.Find("$schema");
  const std::optional<Dialect> dialect = written == nullptr ? options_.dialect_default : DialectNamed(*written);
  set_.dialect_ = dialect.value_or(options_.dialect_default);
  if (dialect) return;
  Report({&root, "#", ""}, written->begin, "$schema",
         written->is_string() ? fmt::format("the dialect '{}' is not supported", written->text)
                              : "$schema must be a string",
         "http://json-schema.org/draft-07/schema# and https://json-schema.org/draft/2020-12/schema are");
}

// Draft-07 ignores what stands beside $ref, and reads "#name" in $id as an anchor.
std::string SchemaCompiler::BaseInside(const json::Value& value, const std::string& base) const {
  if (!value.is_object() || (is_draft7() && value.Find("$ref") != nullptr)) return base;
  const json::Value* id = value.Find("$id");
  if (id == nullptr || !id->is_string() || id->text.starts_with('#')) return base;
  std::string resolved = ResolveUri(base, id->text);
  if (const size_t hash = resolved.find('#'); hash != std::string::npos) resolved.resize(hash);
  return resolved;
}

void SchemaCompiler::FindIdentifiers(const Site& site) {
  const json::Value& value = *site.value;
  if (!value.is_object()) return;
  const std::string base = BaseInside(value, site.base);
  RegisterIdentifiers(site, base);
  for (const json::Member& member : value.members) {
    const std::string location = site.location + "/" + EncodePointerToken(member.key);
    if (member.value.is_object() && Has(kOneSchema, member.key)) FindIdentifiers({&member.value, location, base});
    if (member.value.is_array() && Has(kSchemaList, member.key)) {
      size_t index = 0;
      for (const json::Value& element : member.value.elements) {
        FindIdentifiers({&element, fmt::format("{}/{}", location, index++), base});
      }
    }
    if (member.value.is_object() && Has(kSchemaMap, member.key)) {
      for (const json::Member& named : member.value.members) {
        FindIdentifiers({&named.value, location + "/" + EncodePointerToken(named.key), base});
      }
    }
  }
}

void SchemaCompiler::RegisterIdentifiers(const Site& site, const std::string& base) {
  const json::Value& value = *site.value;
  if (is_draft7() && value.Find("$ref") != nullptr) return;
  const Site kept{&value, site.location, site.base};
  for (const std::string_view keyword : {"$id", "$anchor", "$dynamicAnchor"}) {
    const json::Value* const written = value.Find(keyword);
    if (written == nullptr || (is_draft7() && keyword != "$id")) continue;
    if (!written->is_string()) {
      Report(site, written->begin, keyword, fmt::format("{} must be a string", keyword));
      continue;
    }
    const bool is_fragment = written->text.starts_with('#');
    if (keyword == "$id" && is_fragment && !is_draft7()) {
      Report(site, written->begin, keyword, "$id may not be a fragment", "2020-12 spells it $anchor");
      continue;
    }
    std::string address = base;
    if (keyword != "$id") address += "#";
    if (keyword != "$id" || is_fragment) address += written->text;
    // The first customers' generators wrote "$id": "#/properties/…" at every property: a pointer is no name of its own.
    if (is_fragment && written->text.starts_with("#/")) continue;
    const auto [known, added] = identifiers_.emplace(address, kept);
    if (!added && known->second.value != &value) {
      Report(site, written->begin, keyword,
             fmt::format("'{}' is already the name of {}", address, known->second.location));
    }
  }
}

const Schema* SchemaCompiler::Compile(const Site& site) {
  const auto known = compiled_.find(site.value);
  if (known != compiled_.end()) return known->second;
  Schema& schema = set_.schemas_.emplace_back();
  compiled_.emplace(site.value, &schema);
  schema.location = site.location;
  schema.text_offset = site.value->begin;
  schema.source = site.value;
  if (depth_ >= kSchemaDepthMax) {
    Report(site, site.value->begin, "",
           fmt::format("schemas nest or refer to each other deeper than {}", kSchemaDepthMax));
    return &schema;
  }
  ++depth_;
  if (site.value->is_bool()) {
    schema.boolean = site.value->type == json::Type::kTrue;
  } else if (site.value->is_object()) {
    CompileKeywords(schema, {site.value, site.location, BaseInside(*site.value, site.base)});
  } else {
    Report(site, site.value->begin, "", "a schema is an object, true or false");
  }
  --depth_;
  return &schema;
}

void SchemaCompiler::CompileKeywords(Schema& schema, const Site& site) {
  if (is_draft7()) {
    for (const json::Member& member : site.value->members) {
      if (member.key != "$ref") continue;
      schema.ref_is_alone = true;
      CompileReference(schema, site, member);
      return;
    }
  }
  for (const json::Member& member : site.value->members) CompileKeyword(schema, site, member);
}

void SchemaCompiler::CompileKeyword(Schema& schema, const Site& site, const json::Member& member) {
  for (const Refused& refused : kRefused) {
    if (refused.keyword == member.key && (is_draft7() ? refused.in_draft7 : refused.in_2020)) {
      Report(site, member.value.begin, member.key, fmt::format("the keyword {} is not supported here", member.key),
             std::string(refused.hint));
      return;
    }
  }
  if (CompileReference(schema, site, member) || CompileTypeKeyword(schema, site, member) ||
      CompileObjectKeyword(schema, site, member) || CompileArrayKeyword(schema, site, member) ||
      CompileNumberKeyword(schema, site, member) || CompileStringKeyword(schema, site, member) ||
      CompileApplicator(schema, site, member)) {
    return;
  }
  if (member.key == "description" && member.value.is_string()) schema.description = member.value.text;
  CheckAnnotation(site, member);
}

void SchemaCompiler::CheckAnnotation(const Site& site, const json::Member& member) {
  if (member.key == "$schema" && site.value != document_root_ && DialectNamed(member.value) != set_.dialect_) {
    Report(site, member.value.begin, member.key, "a part of a contract cannot be of another dialect than the whole");
  }
  if (member.key.starts_with("x-datahub-") && !Has(kExtensions, member.key)) {
    Report(site, member.value.begin, member.key, fmt::format("the annotation {} is not known", member.key),
           fmt::format("known: {}", fmt::join(kExtensions, ", ")));
  }
  if (member.key == "$vocabulary") {
    Report(site, member.value.begin, member.key, "$vocabulary belongs to meta-schemas, which are not supported");
  }
  // Definitions that nothing refers to are compiled too, so that their mistakes show.
  if (member.key == "$defs" || member.key == "definitions") NamedChildren(site, member);
}

bool SchemaCompiler::CompileReference(Schema& schema, const Site& site, const json::Member& member) {
  if (member.key != "$ref") return false;
  schema.ref = ResolveReference(site, member);
  return true;
}

const Schema* SchemaCompiler::ResolveReference(const Site& site, const json::Member& member) {
  if (!member.value.is_string()) {
    Report(site, member.value.begin, "$ref", "$ref must be a string");
    return nullptr;
  }
  const std::string target = ResolveUri(site.base, member.value.text);
  const size_t hash = target.find('#');
  const std::string document = target.substr(0, hash);
  const std::string fragment = hash == std::string::npos ? "" : target.substr(hash + 1);
  const auto resource = identifiers_.find(document);
  if (resource == identifiers_.end()) {
    Report(site, member.value.begin, "$ref", fmt::format("'{}' is another document", member.value.text),
           "references stay within the contract; copy what it points at under definitions");
    return nullptr;
  }
  if (!fragment.empty() && !fragment.starts_with('/')) {
    const auto anchor = identifiers_.find(document + "#" + DecodePointerToken(fragment));
    if (anchor != identifiers_.end()) return Compile(anchor->second);
    Report(site, member.value.begin, "$ref", fmt::format("'{}' points at nothing in this contract", member.value.text));
    return nullptr;
  }
  const std::optional<Site> found = FollowPointer(resource->second, fragment);
  if (found) return Compile(*found);
  Report(site, member.value.begin, "$ref", fmt::format("'{}' points at nothing in this contract", member.value.text));
  return nullptr;
}

std::optional<SchemaCompiler::Site> SchemaCompiler::FollowPointer(Site site, std::string_view pointer) const {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = DecodePointerToken(pointer.substr(0, end));
    pointer.remove_prefix(end);
    site.base = BaseInside(*site.value, site.base);
    site.location += "/" + EncodePointerToken(token);
    if (site.value->is_array()) {
      const bool digits = !token.empty() && token.size() < 9 && std::all_of(token.begin(), token.end(), ::isdigit);
      const size_t index = digits ? std::stoul(token) : site.value->elements.size();
      if (index >= site.value->elements.size()) return std::nullopt;
      site.value = &site.value->elements[index];
    } else {
      site.value = site.value->Find(token);
    }
    if (site.value == nullptr) return std::nullopt;
  }
  return site;
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
  errors_.push_back({offset, std::move(pointer), std::move(message), std::move(hint)});
}

}  // namespace datahub::contract
