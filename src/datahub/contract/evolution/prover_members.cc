// Prover: members and elements.

#include <algorithm>

#include <fmt/format.h>

#include "datahub/contract/evolution/name_patterns.h"
#include "datahub/contract/evolution/prover.h"
#include "datahub/contract/schema_uri.h"
#include "datahub/contract/validate.h"

namespace datahub::contract::evolution {
namespace {

const Schema& StringSchema() {
  static const Schema kString = [] {
    Schema schema;
    schema.types = kTypeString;
    return schema;
  }();
  return kString;
}

bool HoldsName(const Schema& schema, const std::string& name) {
  json::Value value;
  value.type = json::Type::kString;
  value.text = name;
  value.end = static_cast<uint32_t>(name.size());
  return Validate(schema, value, {.strict = false, .reasons_max = 0, .instance_prefix = ""}, nullptr);
}

// All that a form's parts and alternatives say.
template <typename Visit>
void ForEachPart(const Form& form, const Visit& visit) {
  for (const Part& part : form.parts) visit(*part.schema);
  for (const Schema* root : form.maybe) {
    if (root == nullptr) continue;
    for (const Schema* part : FlatParts(*root)) visit(*part);
  }
}

void AddNames(const Form& form, std::set<std::string>& names) {
  names.insert(form.present.begin(), form.present.end());
  names.insert(form.absent.begin(), form.absent.end());
  ForEachPart(form, [&](const Schema& part) {
    for (const Property& property : part.properties) names.insert(property.name);
    for (const auto& [name, wanted] : part.dependent_required) {
      names.insert(name);
      names.insert(wanted.begin(), wanted.end());
    }
    if (part.property_names == nullptr) return;
    for (const json::Value& value : part.property_names->enum_values) {
      if (value.is_string()) names.emplace(value.text);
    }
  });
}

void AddPatterns(const Form& form, std::set<std::string_view>& patterns) {
  ForEachPart(form, [&](const Schema& part) {
    for (const PatternProperty& pattern : part.pattern_properties) patterns.insert(pattern.pattern->text());
    if (part.property_names != nullptr && part.property_names->pattern != nullptr) {
      patterns.insert(part.property_names->pattern->text());
    }
  });
}

size_t PrefixOf(const Form& form) {
  size_t prefix = 0;
  ForEachPart(form, [&](const Schema& part) { prefix = std::max(prefix, part.prefix_items.size()); });
  return prefix;
}

bool IsFalse(const Position& position) {
  const auto is_false = [](const Schema* schema) { return schema->boolean && !*schema->boolean; };
  return std::ranges::any_of(position.must, is_false) || std::ranges::any_of(position.extra, is_false);
}

// The narrow side's own names rule it out.
bool IsRefusedName(const Form& form, const Name& name) {
  if (name.text != nullptr && form.absent.contains(*name.text)) return true;
  return std::ranges::any_of(form.parts, [&](const Part& part) {
    const Schema* const names = part.schema->property_names;
    if (names == nullptr) return false;
    if (name.text != nullptr) return !HoldsName(*names, *name.text);
    return names->has_enum || (names->boolean && !*names->boolean) ||
           (names->pattern != nullptr && !name.patterns->contains(names->pattern->text()));
  });
}

}  // namespace

bool Prover::IncludedObject(const Side& narrow, const Side& wide) {
  bool shown = true;
  const auto go = [&](bool held) {
    shown = shown && held;
    return shown || breaks_ != nullptr;
  };
  for (const std::string& name : wide.facts.required) {
    if (narrow.facts.required.contains(name)) continue;
    const Schema* asks = &AnySchemaOf(wide.position);
    for (const Part& part : wide.form.parts) {
      const auto found = part.schema->property_index.find(name);
      if (found != part.schema->property_index.end() && part.schema->properties[found->second].required) {
        asks = part.schema;
      }
    }
    if (!go(Report(narrow.position, *asks, "required",
                   fmt::format("'{}' is required, the other version does not ask for it", name)))) {
      return false;
    }
  }
  std::set<std::string> names;
  std::set<std::string_view> patterns;
  for (const Side* side : {&narrow, &wide}) {
    AddNames(side->form, names);
    AddPatterns(side->form, patterns);
  }
  if (patterns.size() > kPatternsMax || names.size() > kNamesMax) {
    return Report(narrow.position, AnySchemaOf(wide.position), "", "too many names and patterns of names to compare");
  }
  size_t members_max = 0;
  bool possible = false;
  for (const std::string& name : names) {
    if (!go(IncludedMember(narrow, wide, {&name, nullptr}, &possible))) return false;
    members_max += possible ? 1 : 0;
  }
  const std::vector<std::string_view> listed(patterns.begin(), patterns.end());
  for (size_t bits = 0; bits < size_t(1) << listed.size(); ++bits) {
    std::set<std::string_view> matched;
    for (size_t i = 0; i < listed.size(); ++i) {
      if ((bits >> i & 1) != 0) matched.insert(listed[i]);
    }
    if (!MayMatchTogether(matched, patterns)) continue;
    if (!go(IncludedMember(narrow, wide, {nullptr, &matched}, &possible))) return false;
    if (possible) members_max = kNoLimit;
  }
  members_max = std::min(members_max, narrow.facts.members_max);
  for (const Part& part : wide.form.parts) {
    if (!go(IncludedObjectSize(narrow, *part.schema, members_max)) || !go(IncludedDependent(narrow, *part.schema)) ||
        !go(IncludedNames(narrow, *part.schema))) {
      return false;
    }
  }
  return shown;
}

bool Prover::IncludedObjectSize(const Side& narrow, const Schema& wide, size_t members_max) {
  bool shown = true;
  if (narrow.facts.members_min < wide.properties_min) {
    shown = Report(narrow.position, wide, "minProperties",
                   fmt::format("at least {} members are asked for, the other version asks for {}", wide.properties_min,
                               narrow.facts.members_min));
  }
  if (members_max > wide.properties_max) {
    shown = Report(narrow.position, wide, "maxProperties",
                   fmt::format("at most {} members are allowed, the other version allows more", wide.properties_max));
  }
  return shown;
}

bool Prover::IncludedDependent(const Side& narrow, const Schema& wide) {
  bool shown = true;
  for (const auto& [name, wanted] : wide.dependent_required) {
    if (narrow.form.absent.contains(name)) continue;
    Form with = narrow.form;
    with.present.insert(name);
    const Facts facts = FactsOf(with);
    for (const std::string& other : wanted) {
      if (facts.required.contains(other)) continue;
      const Child child = MemberOf(narrow.position, narrow.form, {&name, nullptr}, Knowledge::kAtLeast);
      if (IsImpossible(child)) break;
      shown = Report(narrow.position, wide, "dependentRequired",
                     fmt::format("'{}' is required beside '{}', the other version does not ask for it", other, name));
    }
  }
  return shown;
}

bool Prover::IncludedNames(const Side& narrow, const Schema& wide) {
  if (wide.property_names == nullptr || narrow.facts.members_max == 0) return true;
  Position names;
  names.must = {&StringSchema()};
  for (const Part& part : narrow.form.parts) {
    if (part.schema->property_names != nullptr) names.must.push_back(part.schema->property_names);
  }
  Position wanted;
  wanted.must = {wide.property_names};
  ++depth_;
  const bool shown = Quietly([&] { return Shown(names, wanted); });
  --depth_;
  if (shown) return true;
  // Or there are only names that it is known to take.
  std::set<std::string> known;
  AddNames(narrow.form, known);
  std::set<std::string_view> patterns;
  AddPatterns(narrow.form, patterns);
  Form asking;
  asking.parts.push_back({&wide, false});
  AddPatterns(asking, patterns);
  bool all = patterns.size() <= kPatternsMax;
  const std::vector<std::string_view> listed(patterns.begin(), patterns.end());
  for (size_t bits = 0; all && bits < size_t(1) << listed.size(); ++bits) {
    std::set<std::string_view> matched;
    for (size_t i = 0; i < listed.size(); ++i) {
      if ((bits >> i & 1) != 0) matched.insert(listed[i]);
    }
    if (!MayMatchTogether(matched, patterns)) continue;
    const Name name{nullptr, &matched};
    // What is asked for may be that very pattern.
    const Schema& asked = *wide.property_names;
    const bool is_pattern = asked.pattern != nullptr && asked.source != nullptr && asked.source->members.size() == 1;
    all = IsRefusedName(narrow.form, name) || (is_pattern && matched.contains(asked.pattern->text())) ||
          IsImpossible(MemberOf(narrow.position, narrow.form, name, Knowledge::kAtLeast));
  }
  for (const std::string& text : known) {
    const Name name{&text, nullptr};
    all = all && (HoldsName(*wide.property_names, text) || IsRefusedName(narrow.form, name) ||
                  IsImpossible(MemberOf(narrow.position, narrow.form, name, Knowledge::kAtLeast)));
  }
  if (all) return true;
  return Report(narrow.position, wide, "propertyNames", "a name that the other version allows may not be allowed here");
}

bool Prover::IncludedMember(const Side& narrow, const Side& wide, const Name& name, bool* possible) {
  *possible = false;
  if (!Step()) return false;
  const bool is_required = name.text != nullptr && narrow.facts.required.contains(*name.text);
  if (!is_required && narrow.facts.members_max <= narrow.facts.required.size()) return true;
  if (IsRefusedName(narrow.form, name)) return true;
  const Child mine = MemberOf(narrow.position, narrow.form, name, Knowledge::kAtLeast);
  if (mine.refused || IsFalse(mine.position)) return true;
  *possible = true;
  const Child theirs = MemberOf(wide.position, wide.form, name, Knowledge::kAtMost);
  const std::string step = name.text != nullptr ? EncodePointerToken(*name.text) : "*";
  const bool is_absent = name.text != nullptr && wide.form.absent.contains(*name.text);
  if (!theirs.refused && !is_absent) return IncludedChild(step, mine.position, theirs.position);
  if (IsImpossible(mine)) {
    *possible = false;
    return true;
  }
  const size_t size = instance_.size();
  instance_ += "/" + step;
  const Schema& at = AnySchemaOf(wide.position);
  Report(narrow.position, at, "",
         is_absent ? "must not be here beside the rest, the other version allows it"
         : name.text != nullptr
             ? fmt::format("'{}' is not named here (strict), the other version allows it", *name.text)
             : "members that are not named are refused here (strict), the other version allows them");
  instance_.resize(size);
  return false;
}

bool Prover::IncludedArray(const Side& narrow, const Side& wide) {
  bool shown = true;
  const auto go = [&](bool held) {
    shown = shown && held;
    return shown || breaks_ != nullptr;
  };
  const size_t prefix = std::max(PrefixOf(narrow.form), PrefixOf(wide.form));
  if (prefix > kPrefixMax) {
    return Report(narrow.position, AnySchemaOf(wide.position), "", "too many places in the array to compare");
  }
  size_t items_max = narrow.facts.items_max;
  for (size_t i = 0; i <= prefix && i < items_max; ++i) {
    const Child mine = ElementOf(narrow.position, narrow.form, i, Knowledge::kAtLeast);
    if (IsImpossible(mine)) {
      items_max = i;
      break;
    }
    const Child theirs = ElementOf(wide.position, wide.form, i, Knowledge::kAtMost);
    const std::string step = i < prefix ? std::to_string(i) : "*";
    if (!go(IncludedChild(step, mine.position, theirs.position))) return false;
  }
  for (const Part& part : wide.form.parts) {
    const Schema& schema = *part.schema;
    if (narrow.facts.items_min < schema.items_min) {
      go(Report(narrow.position, schema, "minItems",
                fmt::format("at least {} elements are asked for, the other version asks for {}", schema.items_min,
                            narrow.facts.items_min)));
    }
    if (items_max > schema.items_max) {
      go(Report(narrow.position, schema, "maxItems",
                fmt::format("at most {} elements are allowed, the other version allows {}", schema.items_max,
                            items_max == kNoLimit ? "any number" : std::to_string(items_max))));
    }
    if (schema.unique_items && !narrow.facts.unique && items_max > 1) {
      go(Report(narrow.position, schema, "uniqueItems", "elements must differ, the other version does not ask for it"));
    }
    go(IncludedContains(narrow, wide, schema, items_max));
    if (!shown && breaks_ == nullptr) return false;
  }
  return shown;
}

bool Prover::IncludedContains(const Side& narrow, const Side& wide, const Schema& part, size_t items_max) {
  if (part.contains == nullptr) return true;
  const size_t prefix = std::max(PrefixOf(narrow.form), PrefixOf(wide.form));
  Position wanted;
  wanted.must = {part.contains};
  // At every place where an element may be: what both hold satisfies `goal`.
  const auto everywhere = [&](const Schema* with, const Position& goal) {
    for (size_t i = 0; i <= prefix && i < items_max; ++i) {
      Position element = ElementOf(narrow.position, narrow.form, i, Knowledge::kAtLeast).position;
      if (with != nullptr) element.extra.push_back(with);
      if (!Quietly([&] { return IncludedChild("*", element, goal); })) return false;
    }
    return true;
  };
  const auto other_says = [&](const auto& holds) {
    return std::ranges::any_of(narrow.form.parts, [&](const Part& other) {
      return other.schema->contains != nullptr && holds(*other.schema);
    });
  };
  bool shown = true;
  const bool enough = part.contains_min == 0 ||
                      (narrow.facts.items_min >= part.contains_min && everywhere(nullptr, wanted)) ||
                      other_says([&](const Schema& other) {
                        return other.contains_min >= part.contains_min && everywhere(other.contains, wanted);
                      });
  if (!enough) {
    shown = Report(narrow.position, part, part.contains_min == 1 ? "contains" : "minContains",
                   fmt::format("at least {} elements of a kind are asked for, the other version does not ask for them",
                               part.contains_min));
  }
  const auto few = [&] {
    if (items_max <= part.contains_max) return true;
    if (other_says([&](const Schema& other) {
          Position goal;
          goal.must = {other.contains};
          return other.contains_max <= part.contains_max && everywhere(part.contains, goal);
        })) {
      return true;
    }
    static const Schema kNever = [] {
      Schema schema;
      schema.boolean = false;
      return schema;
    }();
    Position never;
    never.must = {&kNever};
    return part.contains_max == 0 && everywhere(part.contains, never);
  };
  if (part.contains_max != kNoLimit && !few()) {
    shown = Report(
        narrow.position, part, "maxContains",
        fmt::format("at most {} elements of a kind are allowed, the other version allows more", part.contains_max));
  }
  return shown;
}

}  // namespace datahub::contract::evolution
