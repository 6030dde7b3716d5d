#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// Turns one JSON Schema document into a SchemaSet: finds its identifiers, compiles the root and whatever is referred to,
// then looks for cycles that make no progress.
//
// Errors   collected, all at once; a subschema with an error is compiled as `true` so that the rest is looked at too
class SchemaCompiler {
 public:
  SchemaCompiler(SchemaSet& set, const CompileOptions& options, std::vector<CompileError>* errors)
      : set_(set), options_(options), errors_(*errors) {}

  void Run(std::string text);

 private:
  // By which rules a resource is read.
  struct Rules {
    Dialect dialect;
    bool asserts = true;  // its vocabularies have the keywords of validation
  };
  struct Resource {
    std::string base;  // its address, without a fragment: of $ref and $id inside it
    Rules rules;
    bool is_contract;           // of the contract's own text
    SchemaResource* published;  // what the SchemaSet keeps of it
  };
  // Where a subschema stands, and the resource around it.
  struct Site {
    const json::Value* value = nullptr;
    std::string location;  // "#/properties/age"
    const Resource* resource = nullptr;
  };

  static Dialect DialectAt(const Site& site) { return site.resource->rules.dialect; }

  // schema_resources.cc: documents, what their parts are called, what references lead to.
  // Parses, and finds what is in it. False when it is not JSON, with the reason in `problem`.
  bool AddDocument(const std::string& address, std::string text, const Rules& otherwise, std::string* problem);
  std::optional<std::string> DocumentText(const std::string& address) const;
  // By `$schema` of the value; those around it when it says none.
  Rules RulesOf(const Site& site);
  std::optional<Rules> RulesNamed(const Site& site, const json::Value& written);
  // $id, $anchor and the like of a subschema and of all below it.
  void FindIdentifiers(const Site& site);
  static const json::Value* IdOf(const json::Value& value, const Rules& rules);
  // The resource inside `site`, which may begin one.
  const Resource* BeginResource(const Site& site);
  const Resource* ResourceInside(const Site& site) const;
  void RegisterAnchors(const Site& site, const Resource& inside);
  void RegisterName(const Site& site, const json::Value& written, std::string_view keyword, const std::string& address);
  std::optional<Site> FollowPointer(Site site, std::string_view pointer) const;
  std::optional<Site> FindReferred(const Site& site, const json::Member& member, std::string* target);
  const Schema* CompileReferred(const Site& site, const json::Member& member, const Site& found);
  bool CompileReference(Schema& schema, const Site& site, const json::Member& member);
  void CompileDynamicAnchors();

  const Schema* Compile(const Site& site);
  void CompileKeywords(Schema& schema, const Site& site);
  void CompileKeyword(Schema& schema, const Site& site, const json::Member& member);
  // Whether the keyword means nothing here; refuses it where that is a mistake.
  bool IsForeign(const Site& site, const json::Member& member);
  bool CompileTypeKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileObjectKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileArrayKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileNumberKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileStringKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileApplicator(Schema& schema, const Site& site, const json::Member& member);
  // x-datahub-*, which mean something beside $ref in every dialect: they are not the dialect's.
  void CompileAnnotations(Schema& schema, const Site& site);
  void CheckUnasserting(const Site& site, const json::Member& member);

  const Schema* Child(const Site& site, const json::Member& member);
  std::vector<const Schema*> Children(const Site& site, const json::Member& member);
  std::vector<std::pair<std::string_view, const Schema*>> NamedChildren(const Site& site, const json::Member& member);
  // `name` is a view into the document.
  static void AddProperty(Schema& schema, std::string_view name, const Schema* child, bool required);
  void CompileEnum(Schema& schema, const Site& site);
  bool ReadCount(const Site& site, const json::Member& member, size_t* count);
  bool ReadNumber(const Site& site, const json::Member& member, std::optional<Decimal>* number);
  bool ReadNames(const Site& site, const json::Value& value, std::string_view keyword, std::vector<std::string>* names);
  std::shared_ptr<const Pattern> ReadPattern(const Site& site, uint32_t offset, std::string_view keyword,
                                             std::string_view text);

  // False: there is one, or too much applies to one value.
  bool FindCycles();
  size_t InPlaceHeight(const Schema& schema, size_t depth);
  void MarkStrict();

  void Report(const Site& site, uint32_t offset, std::string_view keyword, std::string message, std::string hint = "");

  SchemaSet& set_;
  const CompileOptions& options_;
  std::vector<CompileError>& errors_;
  std::deque<Resource> resources_;
  std::map<std::string, Site> identifiers_;  // absolute address (with an anchor as fragment) -> subschema
  std::unordered_map<const json::Value*, const Resource*> begins_;  // values that begin a resource
  struct DynamicAnchor {
    std::string name;
    Site site;
    SchemaResource* of;
  };
  std::deque<DynamicAnchor> dynamic_anchors_;
  std::set<std::string> dynamic_names_;  // absolute addresses of $dynamicAnchors
  bool uses_dynamic_ = false;
  uint32_t reference_offset_ = 0;  // of the contract's reference that led to another document
  std::unordered_map<const json::Value*, Schema*> compiled_;
  std::unordered_map<const Schema*, size_t> heights_;
  size_t depth_ = 0;

  static constexpr size_t kEndless = ~size_t(0);
};

// Subschemas within, or referred to by, each other; deeper is an error, never a deep recursion of ours.
inline constexpr size_t kSchemaDepthMax = 600;
// Schemas that apply one within the other to one value ($ref, allOf, …).
inline constexpr size_t kInPlaceDepthMax = 100;

// The subschemas that apply to the same value as `schema` does.
std::vector<const Schema*> InPlaceParts(const Schema& schema);

}  // namespace datahub::contract
