#include "datahub/contract/evolution/prover.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/evolution/same.h"
#include "datahub/contract/evolution/values.h"
#include "datahub/contract/validation.h"

namespace datahub::contract::evolution {
namespace {

// The part that refuses a type, to point at.
const Schema& Refuser(const Position& position, uint8_t types) {
  for (const auto* list : {&position.must, &position.extra}) {
    for (const Schema* root : *list) {
      for (const Schema* part : FlatParts(*root)) {
        if (part->boolean ? !*part->boolean : (part->types & types) == 0) return *part;
      }
    }
  }
  return AnySchemaOf(position);
}

// The keyword as it was written in the part of the narrow side that has it; empty: none has.
std::string_view Written(const Form& form, std::initializer_list<const char*> keywords) {
  for (const Part& part : form.parts) {
    for (const char* keyword : keywords) {
      const json::Value* const value = WrittenKeyword(*part.schema, keyword);
      if (value != nullptr && !value->text.empty()) return value->text;
    }
  }
  return {};
}

std::string Against(std::string words, const Schema& wide, const char* keyword, std::string_view other) {
  const json::Value* const value = WrittenKeyword(wide, keyword);
  return fmt::format("the {} is {}, the other version {}", words, value == nullptr ? "" : value->text,
                     other.empty() ? "has none" : fmt::format("says {}", other));
}

bool AcceptsAll(const std::string& pattern) {
  static constexpr std::string_view kAll[] = {"", "^", "$", ".*", "^.*", ".*$"};
  return std::ranges::find(kAll, pattern) != std::end(kAll);
}

// The pattern or format of a part says how long its texts are; integers have bounds that are integers.
Facts Tightened(const Form& form) {
  Facts facts = FactsOf(form);
  for (const Part& part : form.parts) {
    const size_t length = part.schema->format == Format::kUuid ? 36 : part.schema->format == Format::kDate ? 10 : 0;
    if (length == 0) continue;
    facts.length_min = std::max(facts.length_min, length);
    facts.length_max = std::min(facts.length_max, length);
  }
  if (facts.number == NumberClass::kAny) return facts;
  if (const auto least = facts.lower ? LeastInteger(*facts.lower, facts.lower_excluded) : std::nullopt) {
    facts.lower = Decimal::Parse(std::to_string(*least));
    facts.lower_excluded = false;
  }
  if (const auto most = facts.upper ? GreatestInteger(*facts.upper, facts.upper_excluded) : std::nullopt) {
    facts.upper = Decimal::Parse(std::to_string(*most));
    facts.upper_excluded = false;
  }
  return facts;
}

}  // namespace

Prover::Side Prover::SideOf(const Position& position, const Form& form) { return {position, form, Tightened(form)}; }

bool Prover::Included(const Position& narrow, const Position& wide, std::vector<Break>* breaks) {
  breaks_ = breaks;
  return Shown(narrow, wide);
}

bool Prover::Step(size_t count) {
  steps_ += count;
  exhausted_ = exhausted_ || steps_ > kStepsMax;
  return !exhausted_;
}

bool Prover::Expand(const Position& position, uint8_t type, std::vector<Form>* forms) {
  if (exhausted_) return false;
  const bool all = FormsOf(position, type, forms);
  return Step(forms->size()) && all;
}

bool Prover::ExpandWith(const Form& form, const Schema& schema, std::vector<Form>* forms) {
  if (exhausted_) return false;
  const bool all = FormsWith(form, schema, forms);
  return Step(forms->size()) && all;
}

bool Prover::Report(const Position& narrow, const Schema& wide, std::string_view keyword, std::string message) {
  if (breaks_ == nullptr || breaks_->size() >= kBreaksMax) return false;
  Break broken;
  broken.narrow_pointer = narrow.must.empty() ? "#" : narrow.must.front()->location;
  broken.wide_pointer = wide.location;
  if (!keyword.empty()) broken.wide_pointer.append("/").append(keyword);
  broken.instance = instance_;
  broken.message = std::move(message);
  breaks_->push_back(std::move(broken));
  return false;
}

Prover::Key Prover::KeyOf(const Position& narrow, const Position& wide) {
  Key key;
  key.first = {narrow.must, narrow.extra, narrow.may, wide.must, wide.extra, wide.may};
  for (auto& list : key.first) std::ranges::sort(list);
  key.second = (narrow.strict ? 1 : 0) + (wide.strict ? 2 : 0);
  return key;
}

// The wide side says what the narrow one says, in the same words.
bool Prover::IsObvious(const Position& narrow, const Position& wide) const {
  const auto said = [](const Schema* schema, const std::vector<const Schema*>& by) {
    return (schema->boolean && *schema->boolean) ||
           std::ranges::any_of(by, [&](const Schema* other) { return IsSame(*other, *schema); });
  };
  const auto all_said = [&](const std::vector<const Schema*>& wanted) {
    return std::ranges::all_of(
        wanted, [&](const Schema* schema) { return said(schema, narrow.must) || said(schema, narrow.extra); });
  };
  if (!all_said(wide.must) || !all_said(wide.extra)) return false;
  if (!wide.strict || (wide.must.empty() && wide.may.empty())) return true;
  const auto same_lists = [&](const auto& some, const auto& others) {
    return std::ranges::all_of(some, [&](const Schema* one) {
      return std::ranges::any_of(others, [&](const Schema* other) { return IsSame(*one, *other); });
    });
  };
  return narrow.strict && same_lists(narrow.must, wide.must) && same_lists(wide.must, narrow.must) &&
         same_lists(narrow.may, wide.must) && same_lists(wide.may, narrow.must);
}

bool Prover::Shown(const Position& narrow, const Position& wide) {
  if (!Step()) return false;
  if (IsObvious(narrow, wide)) return true;
  const Key key = KeyOf(narrow, wide);
  for (size_t i = 0; i < under_way_.size(); ++i) {
    if (under_way_[i].depth >= depth_ || under_way_[i].key != key) continue;
    lowest_used_ = std::min(lowest_used_, i);
    return true;
  }
  if (shown_.contains(key)) return true;
  if (breaks_ == nullptr && not_shown_.contains(key)) return false;
  if (depth_ > kDepthMax) {
    exhausted_ = true;
    return false;
  }
  const size_t outer_used = std::exchange(lowest_used_, kNoLimit);
  const size_t index = under_way_.size();
  under_way_.push_back({key, depth_});
  const bool shown = IncludedTypes(narrow, wide);
  under_way_.pop_back();
  // What rests on a pair further up is only known once that one is.
  const bool alone = lowest_used_ >= index;
  if (shown && alone) shown_.insert(key);
  if (!shown && breaks_ == nullptr) not_shown_.insert(key);
  lowest_used_ = alone ? outer_used : std::min(outer_used, lowest_used_);
  return shown;
}

bool Prover::IncludedTypes(const Position& narrow, const Position& wide) {
  bool shown = true;
  uint8_t missing = 0;
  for (const uint8_t type : kTypes) {
    std::vector<Form> forms;
    std::vector<Form> wide_forms;
    if (!Expand(narrow, type, &forms) || !Expand(wide, type, &wide_forms)) {
      shown = Report(narrow, Refuser(wide, 0), "", "too many alternatives to compare");
      continue;
    }
    for (Form& form : forms) {
      if (IsEmpty(SideOf(narrow, form))) continue;
      if (wide_forms.empty() && FactsOf(form).finite == nullptr) {
        missing |= type;
        shown = false;
      } else {
        shown = IncludedForm(narrow, form, wide, wide_forms, true) && shown;
      }
      if (!shown && breaks_ == nullptr) return false;
    }
  }
  if (missing == 0) return shown;
  const Schema& refuser = Refuser(wide, missing);
  if (refuser.boolean) return Report(narrow, refuser, "", "nothing is allowed here; the other version allows it");
  return Report(narrow, refuser, refuser.types_written ? "type" : "",
                fmt::format("the other version allows {} here", TypesText(missing)));
}

bool Prover::IncludedForm(const Position& narrow, const Form& form, const Position& wide,
                          const std::vector<Form>& wide_forms, bool may_split) {
  if (!Step()) return false;
  if (IsFinite(form, Tightened(form))) return IncludedValues(narrow, form, wide);
  Form pruned = form;
  Prune(narrow, pruned);
  const Side side = SideOf(narrow, pruned);
  if (wide_forms.size() == 1) return IncludedForms(side, SideOf(wide, wide_forms[0]));
  for (const Form& wide_form : wide_forms) {
    if (Quietly([&] { return IncludedForms(side, SideOf(wide, wide_form)); })) return true;
  }
  if (may_split && Quietly([&] { return IncludedSplit(narrow, pruned, wide, wide_forms); })) return true;
  if (breaks_ == nullptr) return false;
  // Why the nearest is not it.
  std::vector<Break>* const kept = breaks_;
  std::vector<Break> nearest;
  for (const Form& wide_form : wide_forms) {
    std::vector<Break> these;
    breaks_ = &these;
    IncludedForms(side, SideOf(wide, wide_form));
    if (nearest.empty() || these.size() < nearest.size()) nearest = std::move(these);
  }
  breaks_ = kept;
  Report(narrow, Refuser(wide, 0), "",
         fmt::format("a form of the other version fits none of the {} forms here", wide_forms.size()));
  for (Break& one : nearest) {
    if (breaks_->size() < kBreaksMax) breaks_->push_back(std::move(one));
  }
  return false;
}

// By the values of one member that tells the forms of the wide side apart.
bool Prover::IncludedSplit(const Position& narrow, const Form& form, const Position& wide,
                           const std::vector<Form>& wide_forms) {
  if (form.type != kTypeObject) return false;
  // By whether a member is there that something depends on.
  for (const Form& wide_form : wide_forms) {
    for (const std::string& name : wide_form.absent) {
      if (form.present.contains(name) || form.absent.contains(name)) continue;
      Form with = form;
      with.present.insert(name);
      Form without = form;
      without.absent.insert(name);
      return IncludedForm(narrow, with, wide, wide_forms, true) &&
             (IsEmpty(SideOf(narrow, without)) || IncludedForm(narrow, without, wide, wide_forms, true));
    }
  }
  std::set<std::string> names;
  for (const Form& wide_form : wide_forms) {
    for (const Part& part : wide_form.parts) {
      for (const Property& property : part.schema->properties) {
        if (property.schema != nullptr && property.schema->has_enum) names.insert(property.name);
      }
    }
  }
  for (const std::string& name : names) {
    const Child child = MemberOf(narrow, form, {&name, nullptr}, Knowledge::kAtLeast);
    const std::vector<const json::Value*> values = ListedValues(child.position);
    if (values.empty() || values.size() > kFormsMax) continue;
    bool shown = true;
    if (!FactsOf(form).required.contains(name)) {
      Form without = form;
      without.absent.insert(name);
      shown = IncludedForm(narrow, without, wide, wide_forms, false);
    }
    for (size_t i = 0; shown && i < values.size(); ++i) {
      Schema& constant = assumed_.emplace_back();
      constant.has_enum = true;
      constant.enum_values = {*values[i]};
      Schema& object = assumed_.emplace_back();
      object.properties.push_back({name, &constant, true});
      object.property_index.emplace(object.properties[0].name, 0);
      object.required_count = 1;
      Position with = narrow;
      with.extra.push_back(&object);
      std::vector<Form> forms;
      shown = ExpandWith(form, object, &forms);
      for (const Form& one : forms) {
        shown = shown && (IsEmpty(SideOf(with, one)) || IncludedForm(with, one, wide, wide_forms, false));
      }
    }
    if (shown) return true;
  }
  return false;
}

// A form of which every value is known: each is held against the wide side itself.
bool Prover::IncludedValues(const Position& narrow, const Form& form, const Position& wide) {
  bool shown = true;
  for (const Listed& value : ValuesOf(narrow, form, Tightened(form), either_is_draft4_)) {
    if (!Step()) return false;
    std::vector<Reason> reasons;
    if (SatisfiesStrictly(wide, value.value(), &reasons)) {
      const bool has_number = value.text.find_first_of("0123456789") != std::string::npos;
      if (!either_is_draft4_ || !has_number || (form.type != kTypeArray && form.type != kTypeObject)) continue;
      shown = Report(narrow, Refuser(wide, 0), "", fmt::format("{}: numbers of draft 4 within", value.text));
    } else {
      shown = false;
      if (breaks_ == nullptr || breaks_->size() >= kBreaksMax) return false;
      Report(narrow, Refuser(wide, 0), "", fmt::format("{} is a value of the other version", value.text));
      if (!reasons.empty()) {
        breaks_->back().wide_pointer = reasons[0].keyword;
        breaks_->back().message += "; here: " + reasons[0].message;
      }
    }
    if (!shown && breaks_ == nullptr) return false;
  }
  return shown;
}

bool Prover::IncludedForms(const Side& narrow, const Side& wide) {
  if (!Step()) return false;
  bool shown = true;
  const auto go = [&](bool held) {
    shown = shown && held;
    return shown || breaks_ != nullptr;
  };
  for (const Part& part : wide.form.parts) {
    const Schema& schema = *part.schema;
    if (schema.has_enum) {
      go(Report(narrow.position, schema, schema.enum_is_const ? "const" : "enum",
                fmt::format("only {} listed value{} allowed, the other version allows more", schema.enum_values.size(),
                            schema.enum_values.size() == 1 ? " is" : "s are")));
    }
    if (narrow.form.type == kTypeNumber) go(IncludedNumber(narrow, schema));
    if (narrow.form.type == kTypeString) go(IncludedString(narrow, schema));
    if (!shown && breaks_ == nullptr) return false;
  }
  for (const Schema* negative : wide.form.negatives) {
    if (Quietly([&] { return ProvesNot(narrow, *negative); })) continue;
    if (!go(Report(narrow.position, *negative, "",
                   "what satisfies this must not be here, but an event of the other version may"))) {
      return false;
    }
  }
  if (narrow.form.type == kTypeObject && !go(IncludedObject(narrow, wide))) return false;
  if (narrow.form.type == kTypeArray && !go(IncludedArray(narrow, wide))) return false;
  return shown;
}

bool Prover::IncludedNumber(const Side& narrow, const Schema& wide) {
  const Facts& facts = narrow.facts;
  bool shown = true;
  if ((wide.types & kTypeNumber) == 0) {
    const NumberClass wanted = wide.is_draft4 ? NumberClass::kPlainInteger : NumberClass::kInteger;
    if (facts.number < wanted) {
      shown =
          Report(narrow.position, wide, "type",
                 facts.number == NumberClass::kAny ? "only integers are allowed, the other version allows any number"
                                                   : "draft 4 takes 1.0 for no integer, the other version does");
    }
  }
  const auto bound = [&](const std::optional<Decimal>& wanted, const std::optional<Decimal>& has, bool excluded,
                         int sign, bool strictly, const char* keyword, const char* words,
                         std::initializer_list<const char*> others) {
    if (!wanted) return;
    const int compared = has ? sign * has->Compare(*wanted) : -1;
    if (compared > 0 || (compared == 0 && (!strictly || excluded))) return;
    const json::Value* const written = WrittenKeyword(wide, keyword);
    shown = Report(narrow.position, wide, written == nullptr ? words : keyword,
                   Against(words, wide, written == nullptr ? words : keyword, Written(narrow.form, others)));
  };
  // Draft 4 writes an exclusive bound as minimum beside a flag.
  const bool is_draft4 = wide.is_draft4;
  bound(wide.minimum, facts.lower, facts.lower_excluded, 1, false, "minimum", "minimum",
        {"minimum", "exclusiveMinimum"});
  bound(wide.maximum, facts.upper, facts.upper_excluded, -1, false, "maximum", "maximum",
        {"maximum", "exclusiveMaximum"});
  bound(wide.exclusive_minimum, facts.lower, facts.lower_excluded, 1, true, is_draft4 ? "minimum" : "exclusiveMinimum",
        "exclusive minimum", {"exclusiveMinimum", "minimum"});
  bound(wide.exclusive_maximum, facts.upper, facts.upper_excluded, -1, true, is_draft4 ? "maximum" : "exclusiveMaximum",
        "exclusive maximum", {"exclusiveMaximum", "maximum"});
  if (wide.multiple_of) {
    const Decimal& unit = *wide.multiple_of;
    const bool divides =
        std::ranges::any_of(facts.multiples, [&](const Decimal* multiple) { return multiple->IsMultipleOf(unit); }) ||
        (facts.number != NumberClass::kAny && Decimal::Parse("1").IsMultipleOf(unit));
    if (!divides) {
      shown = Report(narrow.position, wide, "multipleOf",
                     Against("unit (multipleOf)", wide, "multipleOf", Written(narrow.form, {"multipleOf"})));
    }
  }
  return shown;
}

bool Prover::IncludedString(const Side& narrow, const Schema& wide) {
  bool shown = true;
  if (narrow.facts.length_min < wide.length_min) {
    shown = Report(narrow.position, wide, "minLength",
                   Against("shortest length", wide, "minLength", Written(narrow.form, {"minLength"})));
  }
  if (narrow.facts.length_max > wide.length_max) {
    shown = Report(narrow.position, wide, "maxLength",
                   Against("greatest length", wide, "maxLength", Written(narrow.form, {"maxLength"})));
  }
  const auto any = [&](const auto& holds) {
    return std::ranges::any_of(narrow.form.parts, [&](const Part& part) { return holds(*part.schema); });
  };
  if (wide.pattern != nullptr && !AcceptsAll(wide.pattern->text()) && !any([&](const Schema& part) {
        return part.pattern != nullptr && part.pattern->text() == wide.pattern->text();
      })) {
    shown = Report(narrow.position, wide, "pattern",
                   fmt::format("the pattern '{}' is not one of the other version", wide.pattern->text()));
  }
  if (wide.format != Format::kNone && !any([&](const Schema& part) { return part.format == wide.format; })) {
    shown = Report(narrow.position, wide, "format",
                   fmt::format("the format {} is not one of the other version", NameOf(wide.format)));
  }
  return shown;
}

// No value of the narrow form satisfies `wide`.
bool Prover::ProvesNot(const Side& narrow, const Schema& wide) {
  if (!Step()) return false;
  Position whole;
  whole.must = {&wide};
  for (const Schema* negative : narrow.form.negatives) {
    Position other;
    other.must = {negative};
    if (Shown(whole, other)) return true;
  }
  std::vector<Form> forms;
  if (!ExpandWith(narrow.form, wide, &forms)) return false;
  Position both = narrow.position;
  both.extra.push_back(&wide);
  return std::ranges::all_of(forms, [&](const Form& form) { return IsEmpty(SideOf(both, form)); });
}

bool Prover::IncludedChild(const std::string& step, const Position& narrow, const Position& wide) {
  const size_t size = instance_.size();
  instance_ += "/" + step;
  ++depth_;
  const bool shown = Shown(narrow, wide);
  --depth_;
  instance_.resize(size);
  return shown;
}

std::string TypesText(uint8_t types) {
  static constexpr std::pair<uint8_t, const char*> kNames[] = {{kTypeNull, "null"},     {kTypeBoolean, "boolean"},
                                                               {kTypeNumber, "number"}, {kTypeString, "string"},
                                                               {kTypeArray, "array"},   {kTypeObject, "object"}};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((types & bit) != 0) text += (text.empty() ? "" : " and ") + std::string(name);
  }
  return text;
}

}  // namespace datahub::contract::evolution
