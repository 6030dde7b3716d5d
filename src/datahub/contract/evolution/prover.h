#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/evolution/form.h"
#include "datahub/contract/evolution/inclusion.h"

namespace datahub::contract::evolution {

// Shows that what satisfies one position satisfies another. By induction over the size of values: a pair that is under way
// further up, at a value that contains this one, may be taken for shown.
//
// Bounded  kStepsMax comparisons and forms, values kDepthMax deep; beyond, nothing is shown any more
class Prover {
 public:
  explicit Prover(bool either_is_draft4) : either_is_draft4_(either_is_draft4) {}

  // Appends a break for each place that cannot be shown.
  bool Included(const Position& narrow, const Position& wide, std::vector<Break>* breaks);
  bool exhausted() const { return exhausted_; }

  static constexpr size_t kStepsMax = 100'000;
  static constexpr size_t kDepthMax = 32;
  static constexpr size_t kNegationsMax = 3;  // of what is not, within each other
  static constexpr size_t kPatternsMax = 6;   // that one object's names can be classed by
  static constexpr size_t kNamesMax = 20'000;
  static constexpr size_t kPrefixMax = 256;

 private:
  using Key = std::pair<std::vector<std::vector<const Schema*>>, int>;
  struct Pair {
    Key key;
    size_t depth;
  };
  // One side of a comparison of two forms.
  struct Side {
    const Position& position;
    const Form& form;
    Facts facts;
  };

  static Side SideOf(const Position& position, const Form& form);
  bool Step(size_t count = 1);
  // FormsOf and FormsWith: false also when there were too many of them in all.
  bool Expand(const Position& position, uint8_t type, std::vector<Form>* forms);
  bool ExpandWith(const Form& form, const Schema& schema, std::vector<Form>* forms);
  // Always false.
  bool Report(const Position& narrow, const Schema& wide, std::string_view keyword, std::string message);
  bool Shown(const Position& narrow, const Position& wide);
  static Key KeyOf(const Position& narrow, const Position& wide);
  bool IsObvious(const Position& narrow, const Position& wide) const;

  // prover.cc: whole positions, one type after the other.
  bool IncludedTypes(const Position& narrow, const Position& wide);
  bool IncludedForm(const Position& narrow, const Form& form, const Position& wide, const std::vector<Form>& wide_forms,
                    bool may_split);
  bool IncludedSplit(const Position& narrow, const Form& form, const Position& wide,
                     const std::vector<Form>& wide_forms);
  bool IncludedValues(const Position& narrow, const Form& form, const Position& wide);
  bool IncludedForms(const Side& narrow, const Side& wide);
  bool IncludedNumber(const Side& narrow, const Schema& wide);
  bool IncludedString(const Side& narrow, const Schema& wide);
  bool ProvesNot(const Side& narrow, const Schema& wide);
  // Without a word about what cannot be shown.
  bool Quietly(const auto& proof) {
    std::vector<Break>* const kept = breaks_;
    breaks_ = nullptr;
    const bool shown = proof();
    breaks_ = kept;
    return shown;
  }

  // prover_members.cc: members and elements.
  bool IncludedObject(const Side& narrow, const Side& wide);
  bool IncludedObjectSize(const Side& narrow, const Schema& wide, size_t members_max);
  bool IncludedNames(const Side& narrow, const Schema& wide);
  bool IncludedDependent(const Side& narrow, const Schema& wide);
  bool IncludedMember(const Side& narrow, const Side& wide, const Name& name, bool* possible);
  bool IncludedArray(const Side& narrow, const Side& wide);
  bool IncludedContains(const Side& narrow, const Side& wide, const Schema& part, size_t items_max);
  bool IncludedChild(const std::string& step, const Position& narrow, const Position& wide);

  // empty.cc: whether no value is of a form at all.
  bool IsEmpty(const Position& position);
  bool IsEmpty(const Side& side);
  bool IsEmptyNumber(const Facts& facts) const;
  bool IsEmptyObject(const Side& side);
  bool IsEmptyArray(const Side& side);
  bool IsImpossible(const Child& child);
  // Alternatives that may hold besides are forgotten where they cannot.
  void Prune(const Position& position, Form& form);

  const bool either_is_draft4_;
  std::vector<Break>* breaks_ = nullptr;  // null: quietly
  std::string instance_;
  size_t depth_ = 0;
  size_t steps_ = 0;
  size_t negations_ = 0;
  bool exhausted_ = false;
  std::vector<Pair> under_way_;
  std::vector<std::vector<const Schema*>> emptying_;
  size_t lowest_used_ = kNoLimit;  // of under_way_, since it was last set
  std::set<Key> shown_;
  std::set<Key> not_shown_;
  std::deque<Schema> assumed_;  // what a split assumes
};

// The names of types: "string or null".
std::string TypesText(uint8_t types);

}  // namespace datahub::contract::evolution
