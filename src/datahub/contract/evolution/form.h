#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract::evolution {

// What applies at one place of an event.
struct Position {
  std::vector<const Schema*> must;   // all of them hold
  std::vector<const Schema*> extra;  // these too, but strict does not look at them: what was only assumed
  std::vector<const Schema*> may;    // may hold besides; strict closes and knows names by those that do
  bool strict = false;
};

// One of its schemas, to point at; an empty one where there is none.
const Schema& AnySchemaOf(const Position& position);

// A schema that holds, its own keywords alone.
struct Part {
  const Schema* schema = nullptr;
  bool extra = false;
};

// Where an unevaluatedProperties or unevaluatedItems looks: the parts and alternatives that it was written beside.
struct Scope {
  const Schema* schema = nullptr;
  bool extra = false;
  bool open = true;
  size_t parts_begin = 0;
  size_t parts_end = 0;
  size_t maybe_begin = 0;
  size_t maybe_end = 0;
};

// One way in which a value of one JSON type satisfies a position: a conjunction without alternatives.
struct Form {
  uint8_t type = 0;  // one bit; kTypeNumber for integers too
  std::vector<Part> parts;
  std::vector<const Schema*> maybe;      // alternatives that may hold besides; null: one that cannot
  std::vector<const Schema*> negatives;  // do not hold (never seen by strict)
  std::vector<Scope> scopes;
  std::set<std::string> present;  // members
  std::set<std::string> absent;
};

inline constexpr size_t kFormsMax = 64;  // of one position and type

// Every value of `type` that satisfies the position satisfies one of the forms, and the other way round. False: more than
// kFormsMax.
bool FormsOf(const Position& position, uint8_t type, std::vector<Form>* forms);
// The same of `form` and `schema` together.
bool FormsWith(const Form& form, const Schema& schema, std::vector<Form>* forms);

enum class NumberClass { kAny, kInteger, kPlainInteger };  // the last: without a point, as draft 4 has it

// What the parts of a form say together.
struct Facts {
  const Schema* finite = nullptr;  // the part with an enum, if one has
  NumberClass number = NumberClass::kAny;
  std::optional<Decimal> lower;
  std::optional<Decimal> upper;
  bool lower_excluded = false;
  bool upper_excluded = false;
  std::vector<const Decimal*> multiples;
  size_t length_min = 0;
  size_t length_max = kNoLimit;
  size_t items_min = 0;
  size_t items_max = kNoLimit;
  bool unique = false;
  size_t members_min = 0;
  size_t members_max = kNoLimit;
  std::set<std::string> required;
};
Facts FactsOf(const Form& form);

// A member's name, or a class of names that nobody spells out: those that match exactly these patterns.
struct Name {
  const std::string* text = nullptr;
  const std::set<std::string_view>* patterns = nullptr;
  bool Matches(const Pattern& pattern) const;
};

enum class Knowledge { kAtLeast, kAtMost };

// What applies to a member or element, and whether strict lets nothing be there.
struct Child {
  Position position;
  bool refused = false;
};
// kAtLeast: what is surely asserted, and refused only if surely so (the narrow side); kAtMost: all that could be (the wide).
Child MemberOf(const Position& position, const Form& form, const Name& name, Knowledge knowledge);
// `index` beyond all prefixes: any of the elements that follow them.
Child ElementOf(const Position& position, const Form& form, size_t index, Knowledge knowledge);

// A schema and its in-place parts, whatever of them may hold; not what stands under `not`.
std::vector<const Schema*> FlatParts(const Schema& schema);

}  // namespace datahub::contract::evolution
