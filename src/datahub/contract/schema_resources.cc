// SchemaCompiler: documents and resources, what their parts are called, what references lead to.

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/meta_schema.h"
#include "datahub/contract/schema_compiler.h"
#include "datahub/contract/schema_uri.h"

namespace datahub::contract {
namespace {

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
constexpr std::array<std::string_view, 6> kSchemaMapKeywords = {
    "properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"};

constexpr std::string_view kVocabulary2019 = "https://json-schema.org/draft/2019-09/vocab/";
constexpr std::string_view kVocabulary2020 = "https://json-schema.org/draft/2020-12/vocab/";

bool Has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string WithoutFragment(std::string address) {
  if (const size_t hash = address.find('#'); hash != std::string::npos) address.resize(hash);
  return address;
}

}  // namespace

std::optional<std::string> SchemaCompiler::DocumentText(const std::string& address) const {
  if (std::optional<std::string> known = MetaSchema(address)) return known;
  return options_.documents ? options_.documents(address) : std::nullopt;
}

bool SchemaCompiler::AddDocument(const std::string& address, std::string text, const Rules& otherwise,
                                 std::string* problem) {
  SchemaSet::Document& document = set_.documents_.emplace_back();
  document.address = address;
  document.text = std::move(text);
  const Result<const json::Value*> parsed = document.parsed.Parse(document.text);
  if (!parsed) {
    *problem = parsed.error().message;
    return false;
  }
  const bool is_contract = set_.documents_.size() == 1;
  Resource& resource =
      resources_.emplace_back(Resource{address, otherwise, is_contract, &set_.resources_.emplace_back()});
  resource.published->address = address;
  resource.published->location = (is_contract ? "" : address) + "#";
  const Site site{*parsed, (is_contract ? "" : address) + "#", &resource};
  resource.rules = RulesOf(site);
  identifiers_.emplace(address, site);
  FindIdentifiers(site);
  return true;
}

SchemaCompiler::Rules SchemaCompiler::RulesOf(const Site& site) {
  const json::Value* const written = site.value->Find("$schema");
  if (written == nullptr) return site.resource->rules;
  std::optional<Rules> rules;
  if (written->is_string()) rules = RulesNamed(site, *written);
  if (rules) return *rules;
  Report(
      site, written->begin, "$schema",
      written->is_string() ? fmt::format("the dialect '{}' is not supported", written->text)
                           : "$schema must be a string",
      "http://json-schema.org/draft-07/schema# and https://json-schema.org/draft/2020-12/schema are, and drafts 4, 6 "
      "and 2019-09");
  return site.resource->rules;
}

// A meta-schema of somebody's own says which vocabularies its schemas use.
std::optional<SchemaCompiler::Rules> SchemaCompiler::RulesNamed(const Site& site, const json::Value& written) {
  const std::string address = WithoutFragment(std::string(written.text));
  if (const std::optional<Dialect> dialect = DialectOf(address)) return Rules{*dialect};
  const std::optional<std::string> text = options_.documents ? options_.documents(address) : std::nullopt;
  json::Document document;
  if (!text) return std::nullopt;
  const Result<const json::Value*> meta = document.Parse(*text);
  if (!meta) return std::nullopt;
  const json::Value* const vocabularies = (*meta)->Find("$vocabulary");
  if (vocabularies == nullptr || !vocabularies->is_object()) {
    const json::Value* const its_own = (*meta)->Find("$schema");
    if (its_own == nullptr || !its_own->is_string()) return site.resource->rules;
    const std::optional<Dialect> dialect = DialectOf(WithoutFragment(std::string(its_own->text)));
    return dialect ? std::optional<Rules>(Rules{*dialect}) : std::nullopt;
  }
  Rules rules{Dialect::kDraft2020, false};
  for (const json::Member& vocabulary : vocabularies->members) {
    const bool is_2019 = vocabulary.key.starts_with(kVocabulary2019);
    if (!is_2019 && !vocabulary.key.starts_with(kVocabulary2020)) {
      if (vocabulary.value.type != json::Type::kTrue) continue;
      Report(site, written.begin, "$schema",
             fmt::format("the vocabulary '{}', which '{}' asks for, is not supported", vocabulary.key, written.text));
      continue;
    }
    if (is_2019) rules.dialect = Dialect::kDraft2019;
    rules.asserts = rules.asserts || vocabulary.key.ends_with("/validation");
  }
  return rules;
}

// Up to draft-07 what stands beside $ref is ignored.
const json::Value* SchemaCompiler::IdOf(const json::Value& value, const Rules& rules) {
  if (rules.dialect <= Dialect::kDraft7 && value.Find("$ref") != nullptr) return nullptr;
  return value.Find(rules.dialect == Dialect::kDraft4 ? "id" : "$id");
}

void SchemaCompiler::FindIdentifiers(const Site& site) {
  const json::Value& value = *site.value;
  if (!value.is_object()) return;
  const Resource* const inside = BeginResource(site);
  RegisterAnchors(site, *inside);
  for (const json::Member& member : value.members) {
    const std::string location = site.location + "/" + EncodePointerToken(member.key);
    if (member.value.is_object() && Has(kOneSchema, member.key)) FindIdentifiers({&member.value, location, inside});
    if (member.value.is_array() && Has(kSchemaList, member.key)) {
      size_t index = 0;
      for (const json::Value& element : member.value.elements) {
        FindIdentifiers({&element, fmt::format("{}/{}", location, index++), inside});
      }
    }
    if (member.value.is_object() && Has(kSchemaMapKeywords, member.key)) {
      for (const json::Member& named : member.value.members) {
        FindIdentifiers({&named.value, location + "/" + EncodePointerToken(named.key), inside});
      }
    }
  }
}

// By its $id. Up to draft-07 "#name" there is an anchor.
const SchemaCompiler::Resource* SchemaCompiler::BeginResource(const Site& site) {
  const Rules& outer = site.resource->rules;
  const json::Value* const id = IdOf(*site.value, outer);
  if (id == nullptr) return site.resource;
  if (!id->is_string()) {
    Report(site, id->begin, "$id", "$id must be a string");
    return site.resource;
  }
  const std::string address = ResolveUri(site.resource->base, id->text);
  if (!id->text.starts_with('#')) {
    const std::string base = WithoutFragment(address);
    Resource& begun =
        resources_.emplace_back(Resource{base, outer, site.resource->is_contract, &set_.resources_.emplace_back()});
    begun.published->address = base;
    begun.published->location = site.location;
    begins_[site.value] = &begun;
    begun.rules = RulesOf(site);
    RegisterName(site, *id, "$id", base);
    return &begun;
  }
  if (outer.dialect > Dialect::kDraft7) {
    Report(site, id->begin, "$id", "$id may not be a fragment", "2020-12 spells it $anchor");
    return site.resource;
  }
  // The first customers' generators wrote "$id": "#/properties/…" at every property: a pointer is no name of its own.
  if (id->text != "#" && !id->text.starts_with("#/")) RegisterName(site, *id, "$id", address);
  return site.resource;
}

void SchemaCompiler::RegisterAnchors(const Site& site, const Resource& inside) {
  const Dialect dialect = inside.rules.dialect;
  if (dialect < Dialect::kDraft2019) return;
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    const bool is_dynamic = keyword == "$dynamicAnchor";
    const json::Value* const written = site.value->Find(keyword);
    if (written == nullptr || (is_dynamic && dialect != Dialect::kDraft2020)) continue;
    if (!written->is_string()) {
      Report(site, written->begin, keyword, fmt::format("{} must be a string", keyword));
      continue;
    }
    const std::string address = inside.base + "#" + std::string(written->text);
    RegisterName(site, *written, keyword, address);
    if (!is_dynamic) continue;
    dynamic_names_.insert(address);
    dynamic_anchors_.push_back({std::string(written->text), site, inside.published});
  }
  const json::Value* const recursive = site.value->Find("$recursiveAnchor");
  if (dialect == Dialect::kDraft2019 && recursive != nullptr && recursive->type == json::Type::kTrue) {
    dynamic_anchors_.push_back({"", site, inside.published});
  }
}

void SchemaCompiler::RegisterName(const Site& site, const json::Value& written, std::string_view keyword,
                                  const std::string& address) {
  const auto [known, added] = identifiers_.emplace(address, site);
  if (added || known->second.value == site.value) return;
  Report(site, written.begin, keyword, fmt::format("'{}' is already the name of {}", address, known->second.location));
}

const SchemaCompiler::Resource* SchemaCompiler::ResourceInside(const Site& site) const {
  const auto begun = begins_.find(site.value);
  return begun == begins_.end() ? site.resource : begun->second;
}

// `target`: its address, with the fragment decoded.
std::optional<SchemaCompiler::Site> SchemaCompiler::FindReferred(const Site& site, const json::Member& member,
                                                                 std::string* target) {
  if (!member.value.is_string()) {
    Report(site, member.value.begin, member.key, fmt::format("{} must be a string", member.key));
    return std::nullopt;
  }
  const std::string address = ResolveUri(site.resource->base, member.value.text);
  const std::string document = WithoutFragment(address);
  const std::string fragment = document.size() == address.size() ? "" : address.substr(document.size() + 1);
  if (!identifiers_.contains(document)) {
    std::optional<std::string> text = DocumentText(document);
    std::string problem;
    if (!text) {
      const std::string looked_for = options_.looked_for ? ": " + options_.looked_for(document) : "";
      Report(site, member.value.begin, member.key,
             fmt::format("'{}' is another document{}", member.value.text, looked_for),
             "what a contract refers to is in it, or in a document that it is given");
      return std::nullopt;
    }
    if (!AddDocument(document, *std::move(text), site.resource->rules, &problem)) {
      Report(site, member.value.begin, member.key, fmt::format("'{}' is not JSON: {}", document, problem));
      return std::nullopt;
    }
  }
  std::optional<Site> found;
  if (fragment.empty() || fragment.starts_with('/')) {
    found = FollowPointer(identifiers_.at(document), fragment);
  } else {
    *target = document + "#" + DecodePointerToken(fragment);
    const auto anchor = identifiers_.find(*target);
    if (anchor != identifiers_.end()) found = anchor->second;
  }
  if (!found) {
    Report(site, member.value.begin, member.key,
           fmt::format("'{}' points at nothing in this contract", member.value.text));
  }
  return found;
}

const Schema* SchemaCompiler::CompileReferred(const Site& site, const json::Member& member, const Site& found) {
  const uint32_t before = reference_offset_;
  if (site.resource->is_contract) reference_offset_ = member.value.begin;
  const Schema* const schema = Compile(found);
  reference_offset_ = before;
  return schema;
}

bool SchemaCompiler::CompileReference(Schema& schema, const Site& site, const json::Member& member) {
  const bool is_dynamic = member.key == "$dynamicRef" || member.key == "$recursiveRef";
  if (member.key != "$ref" && !is_dynamic) return false;
  std::string target;
  const uint32_t before = reference_offset_;
  if (site.resource->is_contract) reference_offset_ = member.value.begin;
  const std::optional<Site> found = FindReferred(site, member, &target);
  reference_offset_ = before;
  if (!found) return true;
  const Schema* const referred = CompileReferred(site, member, *found);
  if (!is_dynamic) {
    schema.ref = referred;
    return true;
  }
  schema.dynamic_ref = referred;
  uses_dynamic_ = true;
  if (member.key == "$dynamicRef") {
    if (dynamic_names_.contains(target)) schema.dynamic_name = target.substr(target.find('#') + 1);
    return true;
  }
  const json::Value* const recursive = found->value->Find("$recursiveAnchor");
  if (recursive != nullptr && recursive->type == json::Type::kTrue) schema.dynamic_name = "";
  return true;
}

// Those that a $dynamicRef may lead to, also of documents that are found on the way.
void SchemaCompiler::CompileDynamicAnchors() {
  for (size_t i = 0; uses_dynamic_ && i < dynamic_anchors_.size(); ++i) {
    const DynamicAnchor& anchor = dynamic_anchors_[i];
    anchor.of->dynamic_anchors[anchor.name] = Compile(anchor.site);
  }
  if (uses_dynamic_) return;
  for (Schema& schema : set_.schemas_) schema.resource = nullptr;
}

std::optional<SchemaCompiler::Site> SchemaCompiler::FollowPointer(Site site, std::string_view pointer) const {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = DecodePointerToken(pointer.substr(0, end));
    pointer.remove_prefix(end);
    site.resource = ResourceInside(site);
    site.location += "/" + EncodePointerToken(token);
    if (site.value->is_array()) {
      // RFC 6901: no leading zero.
      const bool digits = !token.empty() && token.size() < 9 && (token == "0" || token[0] != '0') &&
                          std::all_of(token.begin(), token.end(), ::isdigit);
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

}  // namespace datahub::contract
