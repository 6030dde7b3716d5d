#pragma once

#include <map>
#include <memory>
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

  void Run();

 private:
  // Where a subschema stands: its address in the document and what its identifiers resolve against.
  struct Site {
    const json::Value* value = nullptr;
    std::string location;  // "#/properties/age"
    std::string base;      // of $ref and $id inside it
  };

  void ChooseDialect(const json::Value& root);
  bool is_draft7() const { return set_.dialect_ == Dialect::kDraft7; }

  // Registers $id, $anchor and $dynamicAnchor of a subschema and of all below it.
  void FindIdentifiers(const Site& site);
  void RegisterIdentifiers(const Site& site, const std::string& base);
  // The base inside `value`, which may have an $id of its own.
  std::string BaseInside(const json::Value& value, const std::string& base) const;

  const Schema* Compile(const Site& site);
  void CompileKeywords(Schema& schema, const Site& site);
  void CompileKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileReference(Schema& schema, const Site& site, const json::Member& member);
  bool CompileTypeKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileObjectKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileArrayKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileNumberKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileStringKeyword(Schema& schema, const Site& site, const json::Member& member);
  bool CompileApplicator(Schema& schema, const Site& site, const json::Member& member);
  void CheckAnnotation(const Site& site, const json::Member& member);

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

  const Schema* ResolveReference(const Site& site, const json::Member& member);
  std::optional<Site> FollowPointer(Site site, std::string_view pointer) const;

  // False: there is one, or too much applies to one value.
  bool FindCycles();
  size_t InPlaceHeight(const Schema& schema, size_t depth);
  void MarkStrict();

  void Report(const Site& site, uint32_t offset, std::string_view keyword, std::string message, std::string hint = "");

  SchemaSet& set_;
  const CompileOptions& options_;
  std::vector<CompileError>& errors_;
  std::map<std::string, Site> identifiers_;  // absolute address (with an anchor as fragment) -> subschema
  std::unordered_map<const json::Value*, Schema*> compiled_;
  std::unordered_map<const Schema*, size_t> heights_;
  const json::Value* document_root_ = nullptr;
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
