#include "datahub/contract/mapping_place.h"

#include <algorithm>

#include "datahub/contract/literal.h"
#include "datahub/contract/schema_reader.h"

namespace datahub::contract {
namespace {

constexpr int kScaleMax = 37;

bool CanBe(const Schema& schema) { return schema.boolean != false; }

const Schema& Anything() {
  static const Schema* const kAnything = new Schema;
  return *kAnything;
}

// Some property is a const in every branch that allows an object.
bool IsDiscriminated(const std::vector<const Schema*>& branches) {
  std::vector<Place> places;
  for (const Schema* branch : branches) {
    Place place({{branch, true}});
    if (place.types() & kTypeObject) places.push_back(std::move(place));
  }
  if (places.empty()) return true;
  const auto is_const = [](const Place& place, std::string_view name) {
    for (const Part& part : place.property(name)) {
      if (part.certain && Resolve(*part.schema).enum_is_const) return true;
    }
    return false;
  };
  for (const Part& part : places.front().all()) {
    for (const Property& property : part.schema->properties) {
      if (std::all_of(places.begin(), places.end(),
                      [&](const Place& place) { return is_const(place, property.name); })) {
        return true;
      }
    }
  }
  return false;
}

bool NamesProperties(const Schema& schema) {
  return std::any_of(schema.properties.begin(), schema.properties.end(),
                     [](const Property& p) { return p.schema != nullptr && CanBe(*p.schema); });
}

}  // namespace

Place::Place(std::vector<Part> parts) : parts_(std::move(parts)) {
  for (const Part& part : parts_) Add(*part.schema, part.certain);
  for (const Part& part : all_) {
    if (AssertsBesidesRef(*part.schema)) key_.push_back(part.schema);
  }
  std::sort(key_.begin(), key_.end());
  SchemaReader reader;
  uint8_t some = 0;
  bool has_uncertain = false;
  for (const Part& part : parts_) {
    const uint8_t types = reader.Types(*part.schema);
    if (part.certain) types_ &= types;
    if (!part.certain) some |= types;
    has_uncertain |= !part.certain;
  }
  if (has_uncertain && !HasCertain()) types_ &= some;
}

bool Place::HasCertain() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.certain && !IsTrivial(*part.schema); });
}

void Place::Add(const Schema& schema, bool certain) {
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const Part& part) { return part.schema == &schema; });
  if (known != all_.end()) {
    if (known->certain || !certain) return;
    known->certain = true;
  } else {
    all_.push_back({&schema, certain});
  }
  if (schema.ref != nullptr) Add(*schema.ref, certain);
  for (const Schema* part : schema.all_of) Add(*part, certain);
  for (const Schema* part : schema.any_of) Add(*part, false);
  for (const Schema* part : schema.one_of) Add(*part, false);
  for (const Schema* part : {schema.if_schema, schema.then_schema, schema.else_schema}) {
    if (part != nullptr) Add(*part, false);
  }
  for (const auto& [name, part] : schema.dependent_schemas) Add(*part, false);
}

Format Place::time_format() const {
  SchemaReader reader;
  std::vector<const Schema*> uncertain;
  for (const Part& part : parts_) {
    if (!part.certain) {
      uncertain.push_back(part.schema);
    } else if (const Format format = reader.TimeFormat(*part.schema); format != Format::kNone) {
      return format;
    }
  }
  return HasCertain() ? Format::kNone : reader.Common(uncertain);
}

std::optional<int> Place::decimal_scale() const {
  std::optional<int> scale;
  std::string_view low;
  std::string_view high;
  for (const Part& part : all_) {
    if (!part.certain || part.schema->source == nullptr || !part.schema->source->is_object()) continue;
    const auto literal = [&](const char* keyword) {
      const json::Value* value = part.schema->source->Find(keyword);
      return value != nullptr && value->is_number() ? value->text : std::string_view();
    };
    if (part.schema->minimum) low = literal("minimum");
    if (part.schema->exclusive_minimum) low = literal("exclusiveMinimum");
    if (part.schema->maximum) high = literal("maximum");
    if (part.schema->exclusive_maximum) high = literal("exclusiveMaximum");
    if (!part.schema->multiple_of) continue;
    const std::string_view unit = literal("multipleOf");
    for (int s = 0; s <= kScaleMax && !unit.empty(); ++s) {
      record::Int128 value = 0;
      if (DecimalOf(unit, s, &value) == DecimalFault::kNone && value == 1) scale = s;
    }
  }
  if (!scale || low.empty() || high.empty()) return std::nullopt;
  for (const std::string_view bound : {low, high}) {
    record::Int128 value = 0;
    if (DecimalOf(bound, *scale, &value) == DecimalFault::kTooLarge) return std::nullopt;
  }
  return scale;
}

bool Place::names_properties() const {
  return std::any_of(all_.begin(), all_.end(), [](const Part& part) { return NamesProperties(*part.schema); });
}

bool Place::is_undiscriminated_choice() const {
  std::vector<const Schema*> choice;  // the place itself, where only branches elsewhere describe it
  for (const Part& part : parts_) {
    if (!part.certain) choice.push_back(part.schema);
  }
  for (const Part& part : all_) {
    if (part.certain && NamesProperties(*part.schema)) return false;
  }
  if (choice.size() > 1 && !IsDiscriminated(choice)) return true;
  for (const Part& part : all_) {
    for (const auto* branches : {&part.schema->any_of, &part.schema->one_of}) {
      const bool names = std::any_of(branches->begin(), branches->end(), [](const Schema* s) {
        return Place({{s, true}}).names_properties();
      });
      if (names && !IsDiscriminated(*branches)) return true;
    }
  }
  return false;
}

bool Place::is_open(bool strict) const {
  bool closed = false;
  bool unevaluated_closed = false;
  bool open = !strict;
  bool patterns = false;
  bool others_named = false;
  for (const Part& part : all_) {
    const Schema* const additional = part.schema->additional_properties;
    const Schema* const unevaluated = part.schema->unevaluated_properties;
    patterns |= !part.schema->pattern_properties.empty();
    if (additional != nullptr) {
      const bool refused = part.certain && !CanBe(*additional);
      closed |= refused;
      others_named |= !refused;
    }
    if (unevaluated != nullptr) {
      const bool refused = part.certain && !CanBe(*unevaluated);
      unevaluated_closed |= refused;
      others_named |= !refused;
    }
  }
  // What another part takes has been evaluated; which of them sees which is not asked: at worst dh_extra stays empty.
  closed |= unevaluated_closed && !others_named;
  return patterns || ((open || others_named) && !closed);
}

std::vector<Part> Place::property(std::string_view name) const {
  std::vector<Part> found;
  for (const Part& part : all_) {
    const auto index = part.schema->property_index.find(name);
    if (index == part.schema->property_index.end()) continue;
    const Schema* schema = part.schema->properties[index->second].schema;
    if (schema != nullptr && CanBe(*schema)) found.push_back({schema, part.certain});
  }
  return found;
}

std::vector<Part> Place::map_values(bool strict) const {
  std::vector<Part> found;
  bool patterns = false;
  bool rest_known = false;
  bool rest_written = false;
  bool described = false;
  for (const Part& part : all_) {
    for (const PatternProperty& property : part.schema->pattern_properties) {
      found.push_back({property.schema, part.certain});
      patterns = true;
    }
    for (const Schema* others : {part.schema->additional_properties, part.schema->unevaluated_properties}) {
      if (others == nullptr) continue;
      rest_known |= part.certain;
      rest_written = true;
      if (CanBe(*others)) found.push_back({others, part.certain});
    }
  }
  for (const Part& part : found) described |= !IsTrivial(*part.schema);
  if (!described) return {};
  // A pattern speaks for the keys it matches; the others hold anything unless somebody says otherwise.
  if (patterns && !rest_known && (!strict || rest_written)) found.push_back({&Anything(), false});
  if (found.size() > 1) {
    for (Part& part : found) part.certain = false;
  }
  return found;
}

std::vector<Part> Place::elements() const {
  std::vector<Part> found;
  for (const Part& part : all_) {
    if (!part.schema->prefix_items.empty() || part.schema->unevaluated_items != nullptr) return {};
    const Schema* items = part.schema->items;
    if (items != nullptr && CanBe(*items) && !IsTrivial(*items)) found.push_back({items, part.certain});
  }
  return found;
}

}  // namespace datahub::contract
