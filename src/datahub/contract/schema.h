#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/base/result.h"
#include "datahub/contract/annotation.h"
#include "datahub/contract/decimal.h"
#include "datahub/contract/format.h"
#include "datahub/contract/pattern.h"

namespace datahub::contract {

// Which JSON types an instance may have: bits, so that `type` lists are one test. An integer (1, 1.0, 1e2) carries both
// bits kInteger and kNumber.
enum TypeBit : uint8_t {
  kTypeNull = 1,
  kTypeBoolean = 2,
  kTypeInteger = 4,
  kTypeNumber = 8,
  kTypeString = 16,
  kTypeArray = 32,
  kTypeObject = 64,
  kTypeAny = 127,
};
// The bit of a value's type; kTypeNumber for every number.
uint8_t TypeBitOf(const json::Value& value);

// In the order of their years.
enum class Dialect { kDraft4, kDraft6, kDraft7, kDraft2019, kDraft2020 };

inline constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

struct Schema;

// What an $id names: a schema and all below it up to the next $id. References are decided by those that were entered.
struct SchemaResource {
  std::string address;   // of $id, resolved; else the document's ("" for a contract without one)
  std::string location;  // of the schema that begins it, as Schema::location
  // $dynamicAnchor's names; "" is $recursiveAnchor.
  std::map<std::string, const Schema*, std::less<>> dynamic_anchors;
};

struct Property {
  std::string name;
  const Schema* schema = nullptr;  // null when only `required` names it
  bool required = false;
};

struct PatternProperty {
  std::shared_ptr<const Pattern> pattern;
  const Schema* schema = nullptr;
};

// One compiled subschema: every keyword that asserts, in the form in which it is checked. Pointers stay within the
// SchemaSet that owns the subschema. A keyword that was absent has the value that asserts nothing.
struct Schema {
  std::string location;         // keyword pointer: "#/properties/age"; of another document behind its address
  uint32_t text_offset = 0;     // where it begins in the contract, or the reference that leads to it: for messages
  std::optional<bool> boolean;  // the schemas `true` and `false`
  bool is_draft4 = false;       // 1.0 is no integer
  Dialect dialect = Dialect::kDraft2020;

  const Schema* ref = nullptr;
  bool ref_is_alone = false;  // to draft-07: siblings of $ref are ignored (and were not compiled)
  // $dynamicRef, $recursiveRef: where it leads unless the outermost resource that was entered and has `dynamic_name` leads
  // elsewhere. No name: it leads there always.
  const Schema* dynamic_ref = nullptr;
  std::optional<std::string> dynamic_name;
  const SchemaResource* resource = nullptr;  // that it is of; null where no dynamic_ref is anywhere
  const SchemaResource* home = nullptr;      // the same, always: what it is called

  uint8_t types = kTypeAny;
  bool types_written = false;
  std::vector<json::Value> enum_values;  // `const` is an enum of one
  bool has_enum = false;
  bool enum_is_const = false;

  // Objects. `properties` holds every name of `properties` and `required`, in the schema's order.
  std::vector<Property> properties;
  std::unordered_map<std::string_view, size_t> property_index;
  size_t required_count = 0;  // of them
  bool properties_written = false;
  std::vector<PatternProperty> pattern_properties;
  const Schema* additional_properties = nullptr;
  const Schema* unevaluated_properties = nullptr;
  const Schema* property_names = nullptr;
  size_t properties_min = 0;
  size_t properties_max = kNoLimit;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, const Schema*>> dependent_schemas;

  // Arrays. `prefix_items` is 2020-12's prefixItems or draft-07's array form of items; `items` what follows them.
  std::vector<const Schema*> prefix_items;
  const Schema* items = nullptr;
  const Schema* unevaluated_items = nullptr;
  const Schema* contains = nullptr;
  bool contains_evaluates = true;  // what unevaluatedItems looks at; not in 2019-09
  size_t contains_min = 1;
  size_t contains_max = kNoLimit;
  size_t items_min = 0;
  size_t items_max = kNoLimit;
  bool unique_items = false;

  // Numbers, exact.
  std::optional<Decimal> minimum;
  std::optional<Decimal> maximum;
  std::optional<Decimal> exclusive_minimum;
  std::optional<Decimal> exclusive_maximum;
  std::optional<Decimal> multiple_of;

  // Strings; lengths in code points.
  size_t length_min = 0;
  size_t length_max = kNoLimit;
  std::shared_ptr<const Pattern> pattern;
  Format format = Format::kNone;

  // In-place applicators.
  std::vector<const Schema*> all_of;
  std::vector<const Schema*> any_of;
  std::vector<const Schema*> one_of;
  const Schema* not_schema = nullptr;
  const Schema* if_schema = nullptr;
  const Schema* then_schema = nullptr;
  const Schema* else_schema = nullptr;

  // What strict asks: this schema, or a part of it that applies in place, names properties; one of them writes
  // additionalProperties or unevaluatedProperties.
  bool names_properties = false;
  bool writes_rest = false;

  // Annotations that columns are made of.
  std::string description;
  std::shared_ptr<const Annotation> annotation;  // null: no x-datahub-*
  std::vector<std::string_view> foreign;  // keywords of `source` that mean nothing in its dialect and vocabularies
  const json::Value* source = nullptr;    // the subschema as written, for messages
};

struct CompileOptions {
  Dialect dialect_default = Dialect::kDraft2020;  // where `$schema` is absent
  bool format_asserts = true;
  // Keywords of another dialect: refused, because their authors meant something; or ignored, as the standard says.
  bool refuses_foreign = true;
  // Of the contract: what references are relative to, where no $id says it.
  std::string address{};
  // The text of another document that a schema refers to, by its address; nothing when there is none. Meta-schemas are
  // known without.
  std::function<std::optional<std::string>(const std::string& address)> documents{};
  // Where one that is not there was looked for, for the message: "schemas/a.json is not there".
  std::function<std::string(const std::string& address)> looked_for{};
};

// A problem in a contract's text: the place is a byte offset into it.
struct CompileError {
  uint32_t offset = 0;
  std::string pointer;  // "#/properties/age/minimum"
  std::string message;
  std::string hint;
};

// A compiled JSON Schema document. Immutable; shared by threads.
class SchemaSet {
 public:
  // Every problem at once in `errors`; null when there is any. What asserts something and is not supported is an error.
  static std::shared_ptr<const SchemaSet> Compile(std::string text, const CompileOptions& options,
                                                  std::vector<CompileError>* errors);

  const Schema& root() const { return *root_; }
  const std::string& text() const { return documents_.front().text; }
  // Some subschema carries an x-datahub-*.
  bool has_annotations() const { return has_annotations_; }

 private:
  friend class SchemaCompiler;
  struct Document {
    std::string address;  // "" for the contract itself
    std::string text;
    json::Document parsed;
  };
  std::deque<Document> documents_;  // the contract, then what it refers to
  std::deque<SchemaResource> resources_;
  std::deque<Schema> schemas_;
  const Schema* root_ = nullptr;
  bool has_annotations_ = false;
};

}  // namespace datahub::contract
