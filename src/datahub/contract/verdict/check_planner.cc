#include "datahub/contract/verdict/check_planner.h"

#include <algorithm>
#include <cmath>

#include "datahub/contract/schema_reader.h"
#include "datahub/contract/verdict/number_bounds.h"

namespace datahub::contract {
namespace {

bool HasMemberKeywords(const Schema& s) {
  return !s.properties.empty() || !s.pattern_properties.empty() || s.additional_properties != nullptr ||
         s.property_names != nullptr || s.properties_min > 0 || s.properties_max != kNoLimit ||
         !s.dependent_required.empty() || !s.dependent_schemas.empty();
}

bool HasElementKeywords(const Schema& s) {
  return !s.prefix_items.empty() || s.items != nullptr || s.contains != nullptr || s.items_min > 0 ||
         s.items_max != kNoLimit || s.unique_items;
}

// What strict or unevaluated* may hear of from a schema that applies in place: which members and elements it names.
class Naming {
 public:
  // Something below this place is named.
  bool Names(const Schema& s) { return Visit(s, nullptr); }
  // More is named than these keys, or below one of them.
  bool NamesBeyond(const Schema& s, const std::set<std::string_view>& keys) { return Visit(s, &keys); }

 private:
  bool Visit(const Schema& s, const std::set<std::string_view>* keys) {
    if (s.boolean) return false;
    if (++visits_ > 1000) return true;
    if (!s.pattern_properties.empty() || s.additional_properties != nullptr || s.unevaluated_properties != nullptr ||
        s.unevaluated_items != nullptr || !s.prefix_items.empty() || s.items != nullptr || s.contains != nullptr ||
        s.dynamic_ref != nullptr) {
      return true;
    }
    for (const Property& property : s.properties) {
      if (property.schema == nullptr) continue;
      if (keys == nullptr || !keys->contains(property.name) || Visit(*property.schema, nullptr)) return true;
    }
    const auto any = [&](const std::vector<const Schema*>& parts) {
      return std::any_of(parts.begin(), parts.end(), [&](const Schema* part) { return Visit(*part, keys); });
    };
    const auto one = [&](const Schema* part) { return part != nullptr && Visit(*part, keys); };
    if (one(s.ref) || any(s.all_of) || any(s.any_of) || any(s.one_of)) return true;
    for (const auto& [key, part] : s.dependent_schemas) {
      if (one(part)) return true;
    }
    return one(s.if_schema) || one(s.then_schema) || one(s.else_schema);
  }

  size_t visits_ = 0;
};

}  // namespace

CheckId CheckPlanner::Position(const std::vector<const Schema*>& schemas, bool strict) {
  std::vector<const Schema*> resolved;
  for (const Schema* schema : schemas) {
    // The way over a reference matters to a dynamic one.
    const Schema* const leads_to = schema->resource != nullptr ? schema : &Resolve(*schema);
    if (leads_to->boolean == true || std::find(resolved.begin(), resolved.end(), leads_to) != resolved.end()) continue;
    resolved.push_back(leads_to);
  }
  const auto key = std::make_pair(resolved, strict);
  if (const auto known = made_.find(key); known != made_.end()) return known->second;
  Place place;
  place.roots = std::move(resolved);
  place.strict = strict;
  const auto id = static_cast<CheckId>(plan_.checks.size());
  plan_.checks.emplace_back();
  made_.emplace(key, id);
  Fill(place, id);
  return id;
}

CheckId CheckPlanner::Make(const Place& place) {
  const auto id = static_cast<CheckId>(plan_.checks.size());
  plan_.checks.emplace_back();
  Fill(place, id);
  return id;
}

void CheckPlanner::FillExact(const Place& place, CheckId id) {
  Check check;
  check.kind = asserts_ ? CheckKind::kExact : CheckKind::kAny;
  check.exact = static_cast<uint32_t>(plan_.exact.size());
  plan_.exact.push_back({place.roots, place.strict});
  plan_.checks[id] = check;
}

void CheckPlanner::Fill(const Place& place, CheckId id) {
  ++depth_;
  const Flat flat = Flatten(place);
  const bool too_much = flat.too_much || plan_.checks.size() > kChecksMax || depth_ > kDepthMax;
  bool has_items_rest = false;
  // A dynamic reference asks for the whole way that led to it, so that no part of an event can be looked at alone.
  bool is_dynamic = false;
  for (const Schema* schema : place.roots) {
    has_items_rest |= schema->unevaluated_items != nullptr;
    is_dynamic |= schema->resource != nullptr;
  }
  if (flat.never) {
    plan_.checks[id].kind = asserts_ ? CheckKind::kNever : CheckKind::kAny;
  } else if (too_much || has_items_rest || is_dynamic) {
    FillExact(place, id);
  } else if (place.chosen.size() < kChosenMax && Choose(place, flat, id)) {
    // Another check for each choice.
  } else {
    // What members that nobody names must be.
    const Schema* rest = place.roots.size() == 1 ? place.roots[0]->unevaluated_properties : nullptr;
    bool names = false;
    bool written = false;
    for (const Schema* schema : place.roots) {
      names |= schema->names_properties;
      written |= schema->writes_rest;
    }
    if (place.strict && names && !written) rest = &NothingMore();
    Check check;
    const uint8_t tokens = TokensOf(flat, &check);
    check.tokens = tokens;
    check.exact = static_cast<uint32_t>(plan_.exact.size());
    plan_.exact.push_back({place.roots, place.strict});
    plan_.checks[id] = check;
    const bool streams = !(asserts_ && tokens == 0) && AddStrings(flat, &plan_.checks[id]) &&
                         AddNumbers(flat, &plan_.checks[id]) && AddObject(place, flat, rest, id) &&
                         AddArray(place, flat, id) && AddParts(flat, place.strict || rest != nullptr, id);
    Check& made = plan_.checks[id];
    if (asserts_ && tokens == 0) {
      made.kind = CheckKind::kNever;
    } else if (!streams) {
      FillExact(place, id);
    } else if (made.tokens == kAllTokens && made.bools == 3 && made.strings == kNoCheck && made.numbers == kNoCheck &&
               made.object == kNoCheck && made.array == kNoCheck && made.parts == kNoCheck) {
      made.kind = CheckKind::kAny;
    } else if (made.is_leaf) {
      const uint8_t but_null = made.tokens & static_cast<uint8_t>(~BitOf(kNullToken));
      if (but_null == BitOf(kStringToken)) made.kind = CheckKind::kText;
      if (but_null == BitOf(kNumberToken)) made.kind = CheckKind::kNumber;
      if (but_null == BitOf(kObjectToken) && made.object != kNoCheck) made.kind = CheckKind::kObject;
      if (but_null == BitOf(kArrayToken) && made.array != kNoCheck) made.kind = CheckKind::kArray;
    }
  }
  --depth_;
}

CheckPlanner::Flat CheckPlanner::Flatten(const Place& place) const {
  Flat flat;
  const bool alone = place.roots.size() == 1;
  for (const Schema* schema : place.roots) Flatten(*schema, alone, place, flat);
  for (const Schema* schema : place.chosen) Flatten(*schema, false, place, flat);
  for (const Alternatives& narrowed : place.narrowed) {
    flat.alternatives.push_back(narrowed);
    flat.origins.emplace_back(nullptr, false);
  }
  return flat;
}

void CheckPlanner::Flatten(const Schema& schema, bool is_root, const Place& place, Flat& flat) const {
  if (schema.boolean) {
    flat.never |= asserts_ && !*schema.boolean;
    return;
  }
  if (std::find(flat.schemas.begin(), flat.schemas.end(), &schema) != flat.schemas.end()) return;
  if (!is_root && (schema.unevaluated_properties != nullptr || schema.unevaluated_items != nullptr)) {
    if (asserts_) {
      flat.opaque.push_back(&schema);
      return;
    }
  }
  flat.too_much |= flat.schemas.size() >= kFlatMax;
  if (flat.too_much) return;
  flat.schemas.push_back(&schema);
  const auto alternatives = [&](const std::vector<const Schema*>& branches, bool exactly_one) {
    if (!asserts_ || branches.empty() || place.taken.contains({&schema, exactly_one})) return;
    flat.alternatives.push_back({branches, exactly_one});
    flat.origins.emplace_back(&schema, exactly_one);
  };
  alternatives(schema.one_of, true);
  alternatives(schema.any_of, false);
  if (schema.ref != nullptr) Flatten(*schema.ref, false, place, flat);
  for (const Schema* part : schema.all_of) Flatten(*part, false, place, flat);
  if (asserts_) return;
  // The keys of all of them are looked up.
  for (const std::vector<const Schema*>* branches : {&schema.one_of, &schema.any_of}) {
    for (const Schema* branch : *branches) Flatten(*branch, false, place, flat);
  }
  for (const Schema* part : {schema.if_schema, schema.then_schema, schema.else_schema}) {
    if (part != nullptr) Flatten(*part, false, place, flat);
  }
}

uint8_t CheckPlanner::TokensOf(const Flat& flat, Check* check) const {
  if (!asserts_) return kAllTokens;
  uint8_t tokens = kAllTokens;
  for (const Schema* schema : flat.schemas) {
    tokens &= TokensOfTypes(schema->types);
    if (!schema->has_enum) continue;
    uint8_t listed = 0;
    uint8_t bools = 0;
    for (const json::Value& value : schema->enum_values) {
      listed |= TokensOfTypes(TypeBitOf(value));
      if (value.is_bool()) bools |= value.type == json::Type::kTrue ? 2 : 1;
    }
    tokens &= listed;
    check->bools &= bools;
  }
  if (check->bools == 0) tokens &= static_cast<uint8_t>(~BitOf(kBoolToken));
  return tokens;
}

bool CheckPlanner::AddStrings(const Flat& flat, Check* check) {
  if (!asserts_ || !(check->tokens & BitOf(kStringToken))) return true;
  StringChecks checks;
  for (const Schema* schema : flat.schemas) {
    checks.length_min = std::max(checks.length_min, schema->length_min);
    checks.length_max = std::min(checks.length_max, schema->length_max);
    if (schema->pattern != nullptr) checks.patterns.push_back(schema->pattern.get());
    if (schema->format != Format::kNone) checks.formats.push_back(schema->format);
    if (!schema->has_enum) continue;
    std::vector<std::string> values;
    for (const json::Value& value : schema->enum_values) {
      const bool both =
          !checks.has_values || checks.values.Find(value.text.data(), value.text.size()) != KeyTable::kNone;
      if (value.is_string() && both) values.emplace_back(value.text);
    }
    checks.values = KeyTable(std::move(values));
    checks.has_values = true;
  }
  if (checks.length_min == 0 && checks.length_max == kNoLimit && checks.patterns.empty() && checks.formats.empty() &&
      !checks.has_values) {
    return true;
  }
  check->strings = static_cast<uint32_t>(plan_.strings.size());
  plan_.strings.push_back(std::move(checks));
  return true;
}

bool CheckPlanner::AddNumbers(const Flat& flat, Check* check) {
  if (!asserts_ || !(check->tokens & BitOf(kNumberToken))) return true;
  NumberBounds bounds;
  for (const Schema* schema : flat.schemas) bounds.Add(*schema);
  if (!bounds.AssertsAnything()) return true;
  check->numbers = static_cast<uint32_t>(plan_.numbers.size());
  plan_.numbers.push_back(std::move(bounds).Take());
  return true;
}

bool CheckPlanner::AddObject(const Place& place, const Flat& flat, const Schema* rest, CheckId id) {
  if (!(plan_.checks[id].tokens & BitOf(kObjectToken))) return true;
  bool any = rest != nullptr;
  bool values = false;
  for (const Schema* schema : flat.schemas) {
    any |= HasMemberKeywords(*schema);
    if (!schema->has_enum || !asserts_) continue;
    values = true;
  }
  if (values) return false;  // an object is among those listed
  if (!any) return true;
  ObjectChecks object;
  if (!AddMembers(place, flat, rest, &object)) return false;
  for (const Schema* schema : flat.schemas) {
    if (!asserts_) break;
    object.members_min = std::max(object.members_min, schema->properties_min);
    object.members_max = std::min(object.members_max, schema->properties_max);
    if (schema->property_names != nullptr) object.names.push_back(Applied({schema->property_names}));
  }
  object.stops_early = object.other == kNoCheck && object.named.empty() && object.names.empty() &&
                       object.members_min == 0 && object.members_max == kNoLimit;
  object.hints = static_cast<uint32_t>(plan_.hints.size());
  const size_t keys = object.keys.size();
  for (size_t i = 0; i <= keys; ++i) plan_.hints.push_back(static_cast<uint16_t>(i < keys ? i : 0));
  plan_.checks[id].object = static_cast<uint32_t>(plan_.objects.size());
  plan_.objects.push_back(std::move(object));
  return true;
}

bool CheckPlanner::AddMembers(const Place& place, const Flat& flat, const Schema* rest, ObjectChecks* object) {
  std::vector<std::string> keys;
  std::map<std::string_view, uint32_t> index;
  size_t with_patterns = 0;
  size_t with_additional = 0;
  const auto add_key = [&](const std::string& key) {
    if (index.contains(key)) return;
    index.emplace(key, static_cast<uint32_t>(keys.size()));
    keys.push_back(key);
  };
  std::set<std::string> all;  // keeps what `index` looks into
  for (const Schema* schema : flat.schemas) {
    for (const Property& property : schema->properties) add_key(*all.insert(property.name).first);
    for (const auto& [key, required] : schema->dependent_required) {
      add_key(*all.insert(key).first);
      for (const std::string& name : required) add_key(*all.insert(name).first);
    }
    for (const auto& [key, part] : schema->dependent_schemas) add_key(*all.insert(key).first);
    with_patterns += !schema->pattern_properties.empty();
    with_additional += schema->additional_properties != nullptr;
  }
  if (keys.size() > ObjectChecks::kWordsMax * 64) return false;
  // Who decides about a member that a pattern may name is simple only where one schema alone does.
  if (with_patterns > 1 || (with_patterns == 1 && with_additional > 1)) return false;
  for (const Schema* schema : flat.schemas) {
    if (schema->pattern_properties.empty()) continue;
    if (with_additional == 1 && schema->additional_properties == nullptr) return false;
    if (place.strict && schema->pattern_properties.size() > 1) return false;  // two may name one member
    for (const PatternProperty& named : schema->pattern_properties) {
      if (asserts_) object->named.push_back({named.pattern.get(), Position({named.schema}, place.strict)});
    }
  }
  const size_t words = keys.size() / 64 + 1;
  object->required.assign(words, 0);
  for (const std::string& key : keys) {
    std::vector<const Schema*> applies;
    bool named = false;
    for (const Schema* schema : flat.schemas) {
      const auto property = schema->property_index.find(key);
      bool mine = false;
      if (property != schema->property_index.end()) {
        const Property& found = schema->properties[property->second];
        mine = found.schema != nullptr;
        if (mine) applies.push_back(found.schema);
        const uint32_t at = index.at(key);
        if (found.required && asserts_) object->required[at / 64] |= uint64_t{1} << (at % 64);
      }
      for (const PatternProperty& pattern : schema->pattern_properties) {
        const Pattern::Outcome outcome = pattern.pattern->Search(key);
        if (outcome == Pattern::Outcome::kLimit) return false;
        if (outcome != Pattern::Outcome::kFound) continue;
        mine = true;
        applies.push_back(pattern.schema);
      }
      if (!mine && schema->additional_properties != nullptr) {
        mine = true;
        applies.push_back(schema->additional_properties);
      }
      named |= mine;
    }
    if (!named && rest != nullptr) applies.push_back(rest);
    object->fields.push_back(Position(applies, place.strict));
  }
  std::vector<const Schema*> other;
  for (const Schema* schema : flat.schemas) {
    if (schema->additional_properties != nullptr) other.push_back(schema->additional_properties);
    if (asserts_) continue;
    for (const PatternProperty& named : schema->pattern_properties) other.push_back(named.schema);
  }
  if (other.empty() && rest != nullptr) other.push_back(rest);
  if (!other.empty()) object->other = Position(other, place.strict);
  for (const Schema* schema : flat.schemas) {
    if (!asserts_) break;
    for (const auto& [key, required] : schema->dependent_required) {
      ObjectChecks::Dependents dependents;
      dependents.key = index.at(key);
      dependents.required.assign(words, 0);
      for (const std::string& name : required) {
        const uint32_t at = index.at(name);
        dependents.required[at / 64] |= uint64_t{1} << (at % 64);
      }
      object->dependents.push_back(std::move(dependents));
    }
    const std::set<std::string_view> known = KnownNames(flat);
    for (const auto& [key, part] : schema->dependent_schemas) {
      if ((place.strict || rest != nullptr) && Naming().NamesBeyond(*part, known)) return false;
      ObjectChecks::Dependents dependents;
      dependents.key = index.at(key);
      dependents.required.assign(words, 0);
      dependents.applies = Applied({part});
      object->dependents.push_back(std::move(dependents));
    }
  }
  object->keys = KeyTable(std::move(keys));
  return true;
}

bool CheckPlanner::AddArray(const Place& place, const Flat& flat, CheckId id) {
  if (!(plan_.checks[id].tokens & BitOf(kArrayToken))) return true;
  size_t prefix = 0;
  bool any = false;
  for (const Schema* schema : flat.schemas) {
    if (schema->has_enum && asserts_) return false;  // an array is among those listed
    any |= HasElementKeywords(*schema);
    prefix = std::max(prefix, schema->prefix_items.size());
  }
  if (!any) return true;
  ArrayChecks array;
  for (size_t i = 0; i < prefix; ++i) {
    std::vector<const Schema*> applies;
    for (const Schema* schema : flat.schemas) {
      const Schema* const element = i < schema->prefix_items.size() ? schema->prefix_items[i] : schema->items;
      if (element != nullptr) applies.push_back(element);
    }
    array.prefix.push_back(Position(applies, place.strict));
  }
  std::vector<const Schema*> items;
  for (const Schema* schema : flat.schemas) {
    if (schema->items != nullptr) items.push_back(schema->items);
    if (!asserts_) continue;
    array.items_min = std::max(array.items_min, schema->items_min);
    array.items_max = std::min(array.items_max, schema->items_max);
    array.unique |= schema->unique_items;
    if (schema->contains == nullptr) continue;
    if (array.contains.size() == kContainsMax || (place.strict && Naming().Names(*schema->contains))) return false;
    array.contains.push_back({Applied({schema->contains}), schema->contains_min, schema->contains_max});
  }
  if (!items.empty()) array.items = Position(items, place.strict);
  plan_.checks[id].array = static_cast<uint32_t>(plan_.arrays.size());
  plan_.arrays.push_back(std::move(array));
  return true;
}

// Of members whose schemas are part of the place itself.
std::set<std::string_view> CheckPlanner::KnownNames(const Flat& flat) {
  std::set<std::string_view> known;
  for (const Schema* schema : flat.schemas) {
    for (const Property& property : schema->properties) {
      if (property.schema != nullptr) known.insert(property.name);
    }
  }
  return known;
}

bool CheckPlanner::AddParts(const Flat& flat, bool must_add_nothing, CheckId id) {
  if (!asserts_) return true;
  const std::set<std::string_view> known = KnownNames(flat);
  const auto adds = [&](const Schema* part) {
    return must_add_nothing && part != nullptr && Naming().NamesBeyond(*part, known);
  };
  PartChecks parts;
  if (must_add_nothing && !flat.opaque.empty()) return false;
  for (const Schema* schema : flat.opaque) parts.all.push_back(Applied({schema}));
  for (const Alternatives& alternatives : flat.alternatives) {
    PartChecks::Alternatives checks;
    checks.exactly_one = alternatives.exactly_one;
    for (const Schema* branch : alternatives.branches) {
      if (adds(branch)) return false;
      checks.checks.push_back(Applied({branch}));
    }
    parts.alternatives.push_back(std::move(checks));
  }
  for (const Schema* schema : flat.schemas) {
    if (schema->not_schema != nullptr) parts.none.push_back(Applied({schema->not_schema}));
    if (schema->if_schema == nullptr) continue;
    if (adds(schema->if_schema) || adds(schema->then_schema) || adds(schema->else_schema)) return false;
    PartChecks::Condition condition;
    condition.condition = Applied({schema->if_schema});
    if (schema->then_schema != nullptr) condition.then = Applied({schema->then_schema});
    if (schema->else_schema != nullptr) condition.otherwise = Applied({schema->else_schema});
    parts.conditions.push_back(condition);
  }
  if (parts.all.empty() && parts.alternatives.empty() && parts.none.empty() && parts.conditions.empty()) return true;
  plan_.checks[id].is_leaf = false;
  plan_.checks[id].parts = static_cast<uint32_t>(plan_.parts.size());
  plan_.parts.push_back(std::move(parts));
  return true;
}

std::shared_ptr<const CheckPlan> MakeCheckPlan(std::shared_ptr<const SchemaSet> schemas, bool strict,
                                               Asserting asserting) {
  auto plan = std::make_shared<CheckPlan>();
  plan->schemas = std::move(schemas);
  plan->strict = strict;
  CheckPlanner planner(*plan, asserting);
  plan->root = planner.Position({&plan->schemas->root()}, strict);
  return plan;
}

}  // namespace datahub::contract
