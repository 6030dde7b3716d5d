#include "datahub/contract/evolution/form.h"

#include <algorithm>
#include <utility>

#include "datahub/contract/schema_compiler.h"

namespace datahub::contract::evolution {
namespace {

bool Allows(const Schema& schema, uint8_t type) {
  if (schema.boolean) return *schema.boolean;
  const uint8_t bits = type == kTypeNumber ? kTypeNumber | kTypeInteger : type;
  return (schema.types & bits) != 0;
}

// Applies schemas to all forms of one type, splitting them where there are alternatives.
class Expansion {
 public:
  Expansion(uint8_t type, bool extra) : type_(type), extra_(extra) {}
  bool overflow() const { return overflow_; }

  void Apply(const Schema& schema, std::vector<Form>& forms) {
    if (forms.empty() || overflow_) return;
    if (!Allows(schema, type_)) return forms.clear();
    if (schema.boolean) return;
    const bool scoped = schema.unevaluated_properties != nullptr || schema.unevaluated_items != nullptr;
    for (Form& form : forms) {
      if (scoped) form.scopes.push_back({&schema, extra_, true, form.parts.size(), 0, form.maybe.size(), 0});
      form.parts.push_back({&schema, extra_});
    }
    if (schema.ref != nullptr) Apply(*schema.ref, forms);
    if (schema.dynamic_ref != nullptr) Apply(*schema.dynamic_ref, forms);
    for (const Schema* part : schema.all_of) Apply(*part, forms);
    if (!schema.any_of.empty()) Choose(schema.any_of, false, forms);
    if (!schema.one_of.empty()) Choose(schema.one_of, true, forms);
    if (schema.not_schema != nullptr && Allows(*schema.not_schema, type_)) {
      for (Form& form : forms) form.negatives.push_back(schema.not_schema);
    }
    if (schema.if_schema != nullptr) ApplyIf(schema, forms);
    if (type_ == kTypeObject) {
      for (const auto& [name, dependent] : schema.dependent_schemas) ApplyDependent(name, *dependent, forms);
    }
    if (scoped) {
      for (Form& form : forms) Close(schema, form);
    }
  }

 private:
  static void Close(const Schema& schema, Form& form) {
    const auto scope = std::find_if(form.scopes.rbegin(), form.scopes.rend(),
                                    [&](const Scope& s) { return s.open && s.schema == &schema; });
    scope->open = false;
    scope->parts_end = form.parts.size();
    scope->maybe_end = form.maybe.size();
  }

  void Append(std::vector<Form>&& more, std::vector<Form>& to) {
    std::ranges::move(more, std::back_inserter(to));
    overflow_ = overflow_ || to.size() > kFormsMax;
  }

  // One of them holds; the others do not, or may.
  void Choose(const std::vector<const Schema*>& parts, bool alone, std::vector<Form>& forms) {
    std::vector<Form> out;
    for (size_t i = 0; i < parts.size() && !overflow_; ++i) {
      std::vector<Form> chosen = forms;
      Apply(*parts[i], chosen);
      for (size_t j = 0; j < parts.size(); ++j) {
        if (j == i || !Allows(*parts[j], type_)) continue;
        for (Form& form : chosen) (alone ? form.negatives : form.maybe).push_back(parts[j]);
      }
      Append(std::move(chosen), out);
    }
    forms = std::move(out);
  }

  void ApplyIf(const Schema& schema, std::vector<Form>& forms) {
    std::vector<Form> out = forms;
    Apply(*schema.if_schema, out);
    if (schema.then_schema != nullptr) Apply(*schema.then_schema, out);
    if (Allows(*schema.if_schema, type_)) {
      for (Form& form : forms) form.negatives.push_back(schema.if_schema);
    }
    if (schema.else_schema != nullptr) Apply(*schema.else_schema, forms);
    Append(std::move(forms), out);
    forms = std::move(out);
  }

  void ApplyDependent(const std::string& name, const Schema& dependent, std::vector<Form>& forms) {
    std::vector<Form> with = forms;
    std::erase_if(with, [&](const Form& form) { return form.absent.contains(name); });
    for (Form& form : with) form.present.insert(name);
    Apply(dependent, with);
    std::erase_if(forms, [&](const Form& form) { return form.present.contains(name); });
    for (Form& form : forms) form.absent.insert(name);
    Append(std::move(with), forms);
  }

  const uint8_t type_;
  const bool extra_;
  bool overflow_ = false;
};

// The members that a schema's own keywords know: what applies to them. False: it does not know the name.
bool ApplyMember(const Schema& part, const Name& name, std::vector<const Schema*>& to) {
  bool named = false;
  if (name.text != nullptr) {
    const auto known = part.property_index.find(*name.text);
    if (known != part.property_index.end() && part.properties[known->second].schema != nullptr) {
      named = true;
      to.push_back(part.properties[known->second].schema);
    }
  }
  for (const PatternProperty& pattern : part.pattern_properties) {
    if (!name.Matches(*pattern.pattern)) continue;
    named = true;
    to.push_back(pattern.schema);
  }
  if (!named && part.additional_properties != nullptr) {
    named = true;
    to.push_back(part.additional_properties);
  }
  return named;
}

bool ApplyElement(const Schema& part, size_t index, std::vector<const Schema*>& to) {
  const Schema* const element = index < part.prefix_items.size() ? part.prefix_items[index] : part.items;
  if (element == nullptr) return false;
  to.push_back(element);
  return true;
}

// What members and elements have in common: `apply` says what one part has to say of the child, `rest` is its unevaluated*.
struct Descent {
  Child child;
  bool known = false;
  bool maybe_known = false;

  template <typename Apply, typename Rest, typename Blurs>
  void Go(const Form& form, Knowledge knowledge, const Apply& apply, const Rest& rest, const Blurs& blurs) {
    std::vector<uint8_t> evaluated(form.parts.size());
    std::vector<uint8_t> maybe(form.maybe.size());
    for (size_t i = 0; i < form.parts.size(); ++i) {
      const Part& part = form.parts[i];
      evaluated[i] = apply(*part.schema, part.extra ? child.position.extra : child.position.must);
      known = known || (evaluated[i] && !part.extra);
    }
    for (size_t i = 0; i < form.maybe.size(); ++i) {
      if (form.maybe[i] == nullptr) continue;
      for (const Schema* part : FlatParts(*form.maybe[i])) {
        bool here = apply(*part, child.position.may);
        if (rest(*part) != nullptr) {
          here = true;
          child.position.may.push_back(rest(*part));
        }
        maybe[i] = maybe[i] || here || blurs(*part);
      }
      maybe_known = maybe_known || maybe[i];
    }
    // Inner ones come after outer ones, and evaluate everything for them.
    for (size_t i = form.scopes.size(); i-- > 0;) {
      const Scope& scope = form.scopes[i];
      if (rest(*scope.schema) == nullptr) continue;
      const auto any = [](const std::vector<uint8_t>& list, size_t begin, size_t end) {
        return std::find(list.begin() + begin, list.begin() + end, 1) != list.begin() + end;
      };
      if (any(evaluated, scope.parts_begin, scope.parts_end)) continue;
      bool perhaps = any(maybe, scope.maybe_begin, scope.maybe_end);
      for (size_t at = scope.parts_begin; at < scope.parts_end; ++at) {
        perhaps = perhaps || blurs(*form.parts[at].schema);
      }
      evaluated[scope.parts_begin] = 1;
      // Perhaps: to be shown where all that could be asserted is, but nothing that strict could rely on.
      if (perhaps) child.position.may.push_back(rest(*scope.schema));
      if (perhaps && knowledge == Knowledge::kAtLeast) continue;
      (scope.extra || perhaps ? child.position.extra : child.position.must).push_back(rest(*scope.schema));
    }
  }
};

// Each schema once, and only where it says most: a recursion then comes back to the same position.
void Tidy(Position& position) {
  std::set<const Schema*> seen;
  const auto is_seen = [&](const Schema* schema) { return !seen.insert(schema).second; };
  std::erase_if(position.must, is_seen);
  std::erase_if(position.extra, is_seen);
  if (!position.strict) position.may.clear();
  std::erase_if(position.may,
                [&](const Schema* schema) { return std::ranges::find(position.must, schema) != position.must.end(); });
  std::ranges::sort(position.may);
  position.may.erase(std::ranges::unique(position.may).begin(), position.may.end());
}

// Whether strict closes the object here.
bool Closes(const Position& position, Knowledge knowledge) {
  if (!position.strict) return false;
  const auto names = [](const Schema* schema) { return schema->names_properties; };
  const auto writes = [](const Schema* schema) { return schema->writes_rest; };
  if (std::ranges::any_of(position.must, writes)) return false;
  if (std::ranges::any_of(position.must, names)) {
    return knowledge == Knowledge::kAtMost || std::ranges::none_of(position.may, writes);
  }
  return knowledge == Knowledge::kAtMost && std::ranges::any_of(position.may, names);
}

}  // namespace

const Schema& AnySchemaOf(const Position& position) {
  for (const auto* list : {&position.must, &position.extra, &position.may}) {
    if (!list->empty()) return *list->front();
  }
  static const Schema kNothing;
  return kNothing;
}

bool FormsOf(const Position& position, uint8_t type, std::vector<Form>* forms) {
  Form first;
  first.type = type;
  *forms = {std::move(first)};
  Expansion must(type, false);
  for (const Schema* schema : position.must) must.Apply(*schema, *forms);
  Expansion extra(type, true);
  for (const Schema* schema : position.extra) extra.Apply(*schema, *forms);
  return !must.overflow() && !extra.overflow();
}

bool FormsWith(const Form& form, const Schema& schema, std::vector<Form>* forms) {
  *forms = {form};
  Expansion extra(form.type, true);
  extra.Apply(schema, *forms);
  return !extra.overflow();
}

Facts FactsOf(const Form& form) {
  Facts facts;
  facts.required = form.present;
  const auto raise = [&](const std::optional<Decimal>& bound, bool excluded) {
    if (!bound) return;
    const int compared = facts.lower ? bound->Compare(*facts.lower) : 1;
    if (compared > 0) facts.lower_excluded = false;
    if (compared > 0) facts.lower = bound;
    if (compared >= 0) facts.lower_excluded = facts.lower_excluded || excluded;
  };
  const auto sink = [&](const std::optional<Decimal>& bound, bool excluded) {
    if (!bound) return;
    const int compared = facts.upper ? bound->Compare(*facts.upper) : -1;
    if (compared < 0) facts.upper_excluded = false;
    if (compared < 0) facts.upper = bound;
    if (compared <= 0) facts.upper_excluded = facts.upper_excluded || excluded;
  };
  for (const Part& part : form.parts) {
    const Schema& schema = *part.schema;
    if (schema.has_enum && facts.finite == nullptr) facts.finite = &schema;
    if ((schema.types & kTypeNumber) == 0) {
      facts.number = std::max(facts.number, schema.is_draft4 ? NumberClass::kPlainInteger : NumberClass::kInteger);
    }
    raise(schema.minimum, false);
    raise(schema.exclusive_minimum, true);
    sink(schema.maximum, false);
    sink(schema.exclusive_maximum, true);
    if (schema.multiple_of) {
      facts.multiples.push_back(&*schema.multiple_of);
      if (schema.multiple_of->IsInteger()) facts.number = std::max(facts.number, NumberClass::kInteger);
    }
    facts.length_min = std::max(facts.length_min, schema.length_min);
    facts.length_max = std::min(facts.length_max, schema.length_max);
    facts.items_min = std::max(facts.items_min, schema.items_min);
    facts.items_max = std::min(facts.items_max, schema.items_max);
    facts.unique = facts.unique || schema.unique_items;
    facts.members_min = std::max(facts.members_min, schema.properties_min);
    facts.members_max = std::min(facts.members_max, schema.properties_max);
    for (const Property& property : schema.properties) {
      if (property.required) facts.required.insert(property.name);
    }
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const Part& part : form.parts) {
      for (const auto& [name, wanted] : part.schema->dependent_required) {
        if (!facts.required.contains(name)) continue;
        for (const std::string& other : wanted) grew = facts.required.insert(other).second || grew;
      }
    }
  }
  facts.members_min = std::max(facts.members_min, facts.required.size());
  if (facts.items_max <= 1) facts.unique = true;
  return facts;
}

bool Name::Matches(const Pattern& pattern) const {
  return text != nullptr ? pattern.Matches(*text) : patterns->contains(pattern.text());
}

Child MemberOf(const Position& position, const Form& form, const Name& name, Knowledge knowledge) {
  Descent descent;
  descent.child.position.strict = position.strict;
  descent.Go(
      form, knowledge, [&](const Schema& part, std::vector<const Schema*>& to) { return ApplyMember(part, name, to); },
      [](const Schema& part) { return part.unevaluated_properties; }, [](const Schema&) { return false; });
  const bool known = descent.known || (knowledge == Knowledge::kAtLeast && descent.maybe_known);
  descent.child.refused = Closes(position, knowledge) && !known;
  Tidy(descent.child.position);
  return std::move(descent.child);
}

Child ElementOf(const Position& position, const Form& form, size_t index, Knowledge knowledge) {
  Descent descent;
  descent.child.position.strict = position.strict;
  descent.Go(
      form, knowledge,
      [&](const Schema& part, std::vector<const Schema*>& to) { return ApplyElement(part, index, to); },
      [](const Schema& part) { return part.unevaluated_items; },
      [](const Schema& part) { return part.contains != nullptr && part.contains_evaluates; });
  for (const Part& part : form.parts) {
    if (part.schema->contains != nullptr) descent.child.position.may.push_back(part.schema->contains);
  }
  for (const Schema* root : form.maybe) {
    if (root == nullptr) continue;
    for (const Schema* part : FlatParts(*root)) {
      if (part->contains != nullptr) descent.child.position.may.push_back(part->contains);
    }
  }
  Tidy(descent.child.position);
  return std::move(descent.child);
}

std::vector<const Schema*> FlatParts(const Schema& schema) {
  std::vector<const Schema*> parts = {&schema};
  std::set<const Schema*> seen = {&schema};
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const Schema* part : InPlaceParts(*parts[i])) {
      if (part != parts[i]->not_schema && seen.insert(part).second) parts.push_back(part);
    }
  }
  return parts;
}

}  // namespace datahub::contract::evolution
