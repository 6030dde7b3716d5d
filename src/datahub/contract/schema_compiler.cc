#include "datahub/contract/schema_compiler.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

constexpr std::array<std::string_view, 5> kExtensions = {"x-datahub-key", "x-datahub-event-time", "x-datahub-pii",
                                                         "x-datahub-column", "x-datahub-description"};

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
constexpr std::array<std::string_view, 13> kOneSchema = {
    "additionalProperties", "unevaluatedProperties", "propertyNames", "items", "additionalItems", "unevaluatedItems", "contains",
    "not", "if", "then", "else", "contentSchema", ""};
constexpr std::array<std::string_view, 5> kSchemaList = {"prefixItems", "items", "allOf", "anyOf", "oneOf"};
constexpr std::array<std::string_view, 6> kSchemaMap = {"properties", "patternProperties", "dependentSchemas", "dependencies",
                                                        "$defs", "definitions"};

template <size_t N>
bool Has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<const Schema*> InPlaceParts(const Schema& schema) {
  std::vector<const Schema*> parts;
  const auto add = [&](const Schema* part) {
    if (part != nullptr) parts.push_back(part);
  };
  add(schema.ref);
  for (const auto* list : {&schema.all_of, &schema.any_of, &schema.one_of}) parts.insert(parts.end(), list->begin(), list->end());
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
  const Site site{&root, "#", BaseInside(root, "")};
  FindIdentifiers({&root, "#", ""});
  identifiers_.emplace("", site);
  set_.root_ = Compile({&root, "#", ""});
  if (!errors_.empty()) return;
  FindCycles();
  MarkStrict();
}

void SchemaCompiler::ChooseDialect(const json::Value& root) {
  set_.dialect_ = options_.dialect_default;
  const json::Value* written = root.Find("$schema");
  if (written == nullptr) return;
  std::string_view address = written->is_string() ? written->text : std::string_view();
  if (address.ends_with('#')) address.remove_suffix(1);
  if (address == "http://json-schema.org/draft-07/schema" || address == "https://json-schema.org/draft-07/schema") {
    set_.dialect_ = Dialect::kDraft7;
  } else if (address == "https://json-schema.org/draft/2020-12/schema") {
    set_.dialect_ = Dialect::kDraft2020;
  } else {
    Report({&root, "#", ""}, written->begin, "$schema", fmt::format("the dialect '{}' is not supported", address),
           "http://json-schema.org/draft-07/schema# and https://json-schema.org/draft/2020-12/schema are");
  }
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
  if (base != site.base) identifiers_.emplace(base, Site{&value, site.location, site.base});
  const bool ignored = is_draft7() && value.Find("$ref") != nullptr;
  for (const char* keyword : {"$anchor", "$dynamicAnchor", "$id"}) {
    const json::Value* anchor = value.Find(keyword);
    if (anchor == nullptr || !anchor->is_string() || ignored) continue;
    const bool is_id = std::string_view(keyword) == "$id";
    if (is_id && !(is_draft7() && anchor->text.starts_with('#'))) continue;
    identifiers_.emplace(base + (is_id ? "" : "#") + std::string(anchor->text), Site{&value, site.location, site.base});
  }
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

const Schema* SchemaCompiler::Compile(const Site& site) {
  const auto known = compiled_.find(site.value);
  if (known != compiled_.end()) return known->second;
  Schema& schema = set_.schemas_.emplace_back();
  compiled_.emplace(site.value, &schema);
  schema.location = site.location;
  schema.text_offset = site.value->begin;
  schema.source = site.value;
  if (depth_ >= kSchemaDepthMax) {
    Report(site, site.value->begin, "", fmt::format("schemas nest or refer to each other deeper than {}", kSchemaDepthMax));
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
  for (size_t i = 0; i < schema.properties.size(); ++i) schema.property_index.emplace(schema.properties[i].name, i);
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
  if (member.key.starts_with("x-datahub-") && !Has(kExtensions, member.key)) {
    Report(site, member.value.begin, member.key, fmt::format("the annotation {} is not known", member.key),
           "known: x-datahub-key, x-datahub-event-time, x-datahub-pii, x-datahub-column");
  }
  if (member.key == "$vocabulary") {
    Report(site, member.value.begin, member.key, "$vocabulary belongs to meta-schemas, which are not supported");
  }
  // Definitions that nothing refers to are compiled too, so that their mistakes show.
  if ((member.key == "$defs" || member.key == "definitions") && member.value.is_object()) NamedChildren(site, member);
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
  if (!fragment.empty() && !fragment.starts_with('/')) {
    const auto anchor = identifiers_.find(document + "#" + DecodePointerToken(fragment));
    if (anchor != identifiers_.end()) return Compile(anchor->second);
    Report(site, member.value.begin, "$ref", fmt::format("'{}' points at nothing in this contract", member.value.text));
    return nullptr;
  }
  const auto resource = identifiers_.find(document);
  if (resource == identifiers_.end()) {
    Report(site, member.value.begin, "$ref", fmt::format("'{}' is another document", member.value.text),
           "references stay within the contract; copy what it points at under definitions");
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

bool SchemaCompiler::VisitForCycles(const Schema& schema, std::unordered_map<const Schema*, int>& state) {
  int& mine = state[&schema];
  if (mine != 0) return mine == 1;
  mine = 1;
  for (const Schema* part : InPlaceParts(schema)) {
    if (VisitForCycles(*part, state)) {
      state[&schema] = 2;
      return true;
    }
  }
  state[&schema] = 2;
  return false;
}

void SchemaCompiler::FindCycles() {
  std::unordered_map<const Schema*, int> state;
  for (const Schema& schema : set_.schemas_) {
    if (!VisitForCycles(schema, state)) continue;
    errors_.push_back({schema.text_offset, schema.location, "this schema refers to itself for the same value: no end",
                       "a recursion must go through properties or items"});
    return;
  }
}

// What a schema and its in-place parts say of members, once: strict asks for it at each object.
void SchemaCompiler::MarkStrict() {
  for (Schema& schema : set_.schemas_) {
    std::set<const Schema*> seen;
    std::vector<const Schema*> stack = {&schema};
    while (!stack.empty()) {
      const Schema* part = stack.back();
      stack.pop_back();
      if (!seen.insert(part).second) continue;
      if (part->properties_written || !part->pattern_properties.empty()) schema.names_properties = true;
      if (part->additional_properties != nullptr || part->unevaluated_properties != nullptr) schema.writes_rest = true;
      for (const Schema* next : InPlaceParts(*part)) stack.push_back(next);
    }
  }
}

void SchemaCompiler::Report(const Site& site, uint32_t offset, std::string_view keyword, std::string message, std::string hint) {
  std::string pointer = site.location;
  if (!keyword.empty()) pointer += "/" + EncodePointerToken(keyword);
  errors_.push_back({offset, std::move(pointer), std::move(message), std::move(hint)});
}

}  // namespace datahub::contract
