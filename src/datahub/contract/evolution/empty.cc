// Prover: whether no value is of a form at all. False where that is not known.

#include <algorithm>

#include "datahub/contract/evolution/prover.h"
#include "datahub/contract/evolution/values.h"

namespace datahub::contract::evolution {

bool Prover::IsEmpty(const Position& position) {
  if (!Step()) return false;
  std::vector<const Schema*> all = position.must;
  all.insert(all.end(), position.extra.begin(), position.extra.end());
  if (all.empty() || std::ranges::find(emptying_, all) != emptying_.end()) return false;
  emptying_.push_back(std::move(all));
  bool empty = true;
  for (const uint8_t type : kTypes) {
    std::vector<Form> forms;
    empty = empty && Expand(position, type, &forms) &&
            std::ranges::all_of(forms, [&](const Form& form) { return IsEmpty(SideOf(position, form)); });
    if (!empty) break;
  }
  emptying_.pop_back();
  return empty;
}

bool Prover::IsImpossible(const Child& child) {
  if (child.refused) return true;
  if (depth_ > kDepthMax) return false;
  ++depth_;
  const bool empty = IsEmpty(child.position);
  --depth_;
  return empty;
}

bool Prover::IsEmpty(const Side& side) {
  if (!Step()) return false;
  if (IsFinite(side.form, side.facts)) {
    return ValuesOf(side.position, side.form, side.facts, either_is_draft4_).empty();
  }
  if (side.form.type == kTypeNumber && IsEmptyNumber(side.facts)) return true;
  if (side.form.type == kTypeString && side.facts.length_min > side.facts.length_max) return true;
  if (side.form.type == kTypeObject && IsEmptyObject(side)) return true;
  if (side.form.type == kTypeArray && IsEmptyArray(side)) return true;
  // All of it is what it must not be: which asks what that may not be, and so on.
  if (negations_ >= kNegationsMax) return false;
  ++negations_;
  const bool contradicts = std::ranges::any_of(side.form.negatives, [&](const Schema* negative) {
    Position whole;
    whole.must = {negative};
    std::vector<Form> forms;
    if (!Expand(whole, side.form.type, &forms)) return false;
    return std::ranges::any_of(
        forms, [&](const Form& form) { return Quietly([&] { return IncludedForms(side, SideOf(whole, form)); }); });
  });
  --negations_;
  return contradicts;
}

bool Prover::IsEmptyNumber(const Facts& facts) const {
  if (!facts.lower || !facts.upper) return false;
  const int compared = facts.lower->Compare(*facts.upper);
  return compared > 0 || (compared == 0 && (facts.lower_excluded || facts.upper_excluded));
}

bool Prover::IsEmptyObject(const Side& side) {
  if (side.facts.members_min > side.facts.members_max) return true;
  return std::ranges::any_of(side.facts.required, [&](const std::string& name) {
    return side.form.absent.contains(name) ||
           IsImpossible(MemberOf(side.position, side.form, {&name, nullptr}, Knowledge::kAtLeast));
  });
}

bool Prover::IsEmptyArray(const Side& side) {
  constexpr size_t kLookedAtMax = 16;
  if (side.facts.items_min > side.facts.items_max) return true;
  for (size_t i = 0; i < std::min(side.facts.items_min, kLookedAtMax); ++i) {
    if (IsImpossible(ElementOf(side.position, side.form, i, Knowledge::kAtLeast))) return true;
  }
  // Something must be among the elements that cannot be.
  return std::ranges::any_of(side.form.parts, [&](const Part& part) {
    if (part.schema->contains == nullptr || part.schema->contains_min == 0) return false;
    if (part.schema->contains_min > side.facts.items_max) return true;
    size_t prefix = 0;
    for (const Part& other : side.form.parts) prefix = std::max(prefix, other.schema->prefix_items.size());
    if (prefix > kLookedAtMax) return false;
    for (size_t i = 0; i <= prefix; ++i) {
      Child child = ElementOf(side.position, side.form, i, Knowledge::kAtLeast);
      child.position.extra.push_back(part.schema->contains);
      if (!IsImpossible(child)) return false;
    }
    return true;
  });
}

void Prover::Prune(const Position& position, Form& form) {
  for (size_t i = 0; i < form.maybe.size(); ++i) {
    if (form.maybe[i] == nullptr) continue;
    std::vector<Form> forms;
    if (!ExpandWith(form, *form.maybe[i], &forms)) continue;
    Position both = position;
    both.extra.push_back(form.maybe[i]);
    if (std::ranges::all_of(forms, [&](const Form& one) { return IsEmpty(SideOf(both, one)); })) {
      form.maybe[i] = nullptr;
    }
  }
}

}  // namespace datahub::contract::evolution
