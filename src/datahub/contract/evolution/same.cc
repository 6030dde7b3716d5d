#include "datahub/contract/evolution/same.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "datahub/contract/json_equal.h"

namespace datahub::contract::evolution {
namespace {

constexpr size_t kSameDepthMax = 1'000;

class Sameness {
 public:
  bool Same(const Schema* a, const Schema* b) {
    if (a == b) return true;
    if (a == nullptr || b == nullptr || depth_ > kSameDepthMax) return false;
    // A pair under way holds if nothing else differs: one difference anywhere ends the whole.
    if (!assumed_.emplace(a, b).second) return true;
    ++depth_;
    const bool same = SameScalars(*a, *b) && SameObjects(*a, *b) && SameArrays(*a, *b) && SameParts(*a, *b);
    --depth_;
    return same;
  }

 private:
  static bool SamePatterns(const std::shared_ptr<const Pattern>& a, const std::shared_ptr<const Pattern>& b) {
    return a == nullptr || b == nullptr ? a == b : a->text() == b->text();
  }

  static bool SameScalars(const Schema& a, const Schema& b) {
    const bool integers = (a.types & kTypeInteger) != 0 && (a.types & kTypeNumber) == 0;
    return a.boolean == b.boolean && a.types == b.types && (!integers || a.is_draft4 == b.is_draft4) &&
           a.has_enum == b.has_enum &&
           std::ranges::equal(a.enum_values, b.enum_values,
                              [](const auto& x, const auto& y) { return IsEqual(x, y); }) &&
           a.minimum == b.minimum && a.maximum == b.maximum && a.exclusive_minimum == b.exclusive_minimum &&
           a.exclusive_maximum == b.exclusive_maximum && a.multiple_of == b.multiple_of &&
           a.length_min == b.length_min && a.length_max == b.length_max && SamePatterns(a.pattern, b.pattern) &&
           a.format == b.format;
  }

  bool SameObjects(const Schema& a, const Schema& b) {
    if (a.properties.size() != b.properties.size() || a.properties_written != b.properties_written ||
        a.pattern_properties.size() != b.pattern_properties.size() || a.properties_min != b.properties_min ||
        a.properties_max != b.properties_max || a.dependent_required != b.dependent_required ||
        a.dependent_schemas.size() != b.dependent_schemas.size() || a.names_properties != b.names_properties ||
        a.writes_rest != b.writes_rest) {
      return false;
    }
    for (const Property& property : a.properties) {
      const auto found = b.property_index.find(property.name);
      if (found == b.property_index.end()) return false;
      const Property& other = b.properties[found->second];
      if (property.required != other.required || !Same(property.schema, other.schema)) return false;
    }
    for (size_t i = 0; i < a.pattern_properties.size(); ++i) {
      const PatternProperty& x = a.pattern_properties[i];
      const PatternProperty& y = b.pattern_properties[i];
      if (!SamePatterns(x.pattern, y.pattern) || !Same(x.schema, y.schema)) return false;
    }
    for (size_t i = 0; i < a.dependent_schemas.size(); ++i) {
      const auto& [name, schema] = a.dependent_schemas[i];
      if (name != b.dependent_schemas[i].first || !Same(schema, b.dependent_schemas[i].second)) return false;
    }
    return Same(a.additional_properties, b.additional_properties) &&
           Same(a.unevaluated_properties, b.unevaluated_properties) && Same(a.property_names, b.property_names);
  }

  bool SameArrays(const Schema& a, const Schema& b) {
    return a.contains_evaluates == b.contains_evaluates && a.contains_min == b.contains_min &&
           a.contains_max == b.contains_max && a.items_min == b.items_min && a.items_max == b.items_max &&
           a.unique_items == b.unique_items && SameLists(a.prefix_items, b.prefix_items) && Same(a.items, b.items) &&
           Same(a.unevaluated_items, b.unevaluated_items) && Same(a.contains, b.contains);
  }

  bool SameParts(const Schema& a, const Schema& b) {
    return Same(a.ref, b.ref) && SameDynamic(a, b) && SameLists(a.all_of, b.all_of) && SameLists(a.any_of, b.any_of) &&
           SameLists(a.one_of, b.one_of) && Same(a.not_schema, b.not_schema) && Same(a.if_schema, b.if_schema) &&
           Same(a.then_schema, b.then_schema) && Same(a.else_schema, b.else_schema);
  }

  bool SameLists(const std::vector<const Schema*>& a, const std::vector<const Schema*>& b) {
    return std::ranges::equal(a, b, [this](const Schema* x, const Schema* y) { return Same(x, y); });
  }

  bool SameDynamic(const Schema& a, const Schema& b) {
    if (a.dynamic_name != b.dynamic_name || !Same(a.dynamic_ref, b.dynamic_ref)) return false;
    if ((a.resource == nullptr) != (b.resource == nullptr)) return false;
    if (a.resource == nullptr || a.resource == b.resource) return true;
    return std::ranges::equal(
        a.resource->dynamic_anchors, b.resource->dynamic_anchors,
        [this](const auto& x, const auto& y) { return x.first == y.first && Same(x.second, y.second); });
  }

  std::set<std::pair<const Schema*, const Schema*>> assumed_;
  size_t depth_ = 0;
};

bool AnyBelow(const Schema& root, const std::function<bool(const Schema&)>& holds) {
  std::set<const Schema*> seen;
  std::vector<const Schema*> open = {&root};
  const auto add = [&](const Schema* schema) {
    if (schema != nullptr) open.push_back(schema);
  };
  while (!open.empty()) {
    const Schema& schema = *open.back();
    open.pop_back();
    if (!seen.insert(&schema).second) continue;
    if (holds(schema)) return true;
    for (const Schema* one :
         {schema.ref, schema.dynamic_ref, schema.additional_properties, schema.unevaluated_properties,
          schema.property_names, schema.items, schema.unevaluated_items, schema.contains, schema.not_schema,
          schema.if_schema, schema.then_schema, schema.else_schema}) {
      add(one);
    }
    for (const auto* list : {&schema.prefix_items, &schema.all_of, &schema.any_of, &schema.one_of}) {
      for (const Schema* one : *list) add(one);
    }
    for (const Property& property : schema.properties) add(property.schema);
    for (const PatternProperty& pattern : schema.pattern_properties) add(pattern.schema);
    for (const auto& [name, dependent] : schema.dependent_schemas) add(dependent);
  }
  return false;
}

}  // namespace

bool IsSame(const Schema& a, const Schema& b) { return Sameness().Same(&a, &b); }

bool UsesDynamicScope(const Schema& schema) {
  return AnyBelow(schema, [](const Schema& below) { return below.dynamic_ref != nullptr && below.dynamic_name; });
}

bool UsesDraft4(const Schema& schema) {
  return AnyBelow(schema, [](const Schema& below) { return below.is_draft4; });
}

}  // namespace datahub::contract::evolution
