#include "datahub/contract/verdict/check_planner.h"

// Alternatives that need not be tried: what the value's type, or the text of one member, tells apart.

#include <algorithm>

#include "datahub/contract/schema_reader.h"

namespace datahub::contract {

uint8_t CheckPlanner::TokensOfTypes(uint8_t types) {
  uint8_t tokens = 0;
  if (types & kTypeNull) tokens |= BitOf(kNullToken);
  if (types & kTypeBoolean) tokens |= BitOf(kBoolToken);
  if (types & (kTypeInteger | kTypeNumber)) tokens |= BitOf(kNumberToken);
  if (types & kTypeString) tokens |= BitOf(kStringToken);
  if (types & kTypeArray) tokens |= BitOf(kArrayToken);
  if (types & kTypeObject) tokens |= BitOf(kObjectToken);
  return tokens;
}

const Schema& CheckPlanner::NothingMore() {
  static const Schema schema = [] {
    Schema nothing;
    nothing.boolean = false;
    return nothing;
  }();
  return schema;
}

CheckPlanner::Place CheckPlanner::Without(const Place& place, const Flat& flat, size_t alternative) const {
  Place without = place;
  const auto& origin = flat.origins[alternative];
  if (origin.first != nullptr) {
    without.taken.insert(origin);
  } else {
    // Narrowed ones come last, in their order.
    const size_t first = flat.alternatives.size() - place.narrowed.size();
    without.narrowed.erase(without.narrowed.begin() + static_cast<ptrdiff_t>(alternative - first));
  }
  return without;
}

bool CheckPlanner::Choose(const Place& place, const Flat& flat, CheckId id) {
  if (!asserts_) return false;
  for (size_t at = 0; at < flat.alternatives.size(); ++at) {
    const Alternatives& alternatives = flat.alternatives[at];
    const bool was_narrowed = flat.origins[at].first == nullptr;
    if (was_narrowed) continue;
    // By the type of the token: what is left of them for each.
    std::array<Alternatives, kTokenTypes> of_type;
    size_t most = 0;
    for (const Schema* branch : alternatives.branches) {
      const uint8_t tokens = TokensOfTypes(SchemaReader().Types(*branch));
      for (size_t type = 0; type < kTokenTypes; ++type) {
        if (tokens & (1u << type)) of_type[type].branches.push_back(branch);
      }
    }
    uint8_t allowed = kAllTokens;
    for (const Schema* schema : flat.schemas) allowed &= TokensOfTypes(SchemaReader().Types(*schema));
    for (size_t type = 0; type < kTokenTypes; ++type) {
      if (!(allowed & (1u << type))) of_type[type].branches.clear();
      of_type[type].exactly_one = alternatives.exactly_one;
      if (type != kObjectToken) most = std::max(most, of_type[type].branches.size());
    }
    const Place without = Without(place, flat, at);
    CheckId of_object = kNoCheck;
    const bool several_objects = of_type[kObjectToken].branches.size() > 1;
    if (several_objects && !ChooseByMember(without, of_type[kObjectToken], &of_object)) continue;
    if (most > 1 && !several_objects) continue;
    std::map<std::vector<const Schema*>, CheckId> made;
    std::array<CheckId, kTokenTypes> choice{};
    for (size_t type = 0; type < kTokenTypes; ++type) {
      if (type == kObjectToken && several_objects) {
        choice[type] = of_object;
        continue;
      }
      const auto [known, is_new] = made.try_emplace(of_type[type].branches, kNoCheck);
      if (is_new) {
        Place one = without;
        if (of_type[type].branches.size() == 1) {
          one.chosen.push_back(of_type[type].branches[0]);
        } else if (of_type[type].branches.size() > 1) {
          one.narrowed.push_back(of_type[type]);
        } else {
          one.chosen.push_back(&NothingMore());
        }
        known->second = Make(one);
      }
      choice[type] = known->second;
    }
    Check check;
    check.kind = CheckKind::kByType;
    check.detail = static_cast<uint32_t>(plan_.by_type.size());
    plan_.by_type.push_back(choice);
    plan_.checks[id] = check;
    return true;
  }
  return false;
}

// A member that all branches require, each with texts of its own.
bool CheckPlanner::ChooseByMember(const Place& without, const Alternatives& narrowed, CheckId* made) {
  using Values = std::vector<std::string>;
  std::vector<std::map<std::string, Values>> told(narrowed.branches.size());
  for (size_t i = 0; i < narrowed.branches.size(); ++i) {
    Place alone;
    alone.chosen = {narrowed.branches[i]};
    const Flat flat = Flatten(alone);
    std::set<std::string_view> required;
    for (const Schema* schema : flat.schemas) {
      for (const Property& property : schema->properties) {
        if (property.required) required.insert(property.name);
      }
    }
    for (const Schema* schema : flat.schemas) {
      for (const Property& property : schema->properties) {
        if (property.schema == nullptr || !required.contains(property.name)) continue;
        const Schema& value = Resolve(*property.schema);
        if (!value.has_enum) continue;
        Values values;
        for (const json::Value& text : value.enum_values) {
          if (text.is_string()) values.emplace_back(text.text);
        }
        if (values.size() == value.enum_values.size()) told[i].try_emplace(property.name, std::move(values));
      }
    }
  }
  for (const auto& [key, first] : told[0]) {
    std::vector<std::string> values;
    std::vector<size_t> branch_of;
    bool tells = true;
    for (size_t i = 0; i < told.size() && tells; ++i) {
      const auto mine = told[i].find(key);
      tells = mine != told[i].end();
      for (size_t n = 0; tells && n < mine->second.size(); ++n) {
        const auto known = std::find(values.begin(), values.end(), mine->second[n]);
        tells = known == values.end() || branch_of[static_cast<size_t>(known - values.begin())] == i;
        if (known != values.end()) continue;
        values.push_back(mine->second[n]);
        branch_of.push_back(i);
      }
    }
    if (!tells) continue;
    MemberChoice choice;
    choice.key = key;
    std::vector<CheckId> of_branch;
    for (const Schema* branch : narrowed.branches) {
      Place one = without;
      one.chosen.push_back(branch);
      of_branch.push_back(Make(one));
    }
    for (const size_t branch : branch_of) choice.checks.push_back(of_branch[branch]);
    choice.values = KeyTable(std::move(values));
    Check check;
    check.kind = CheckKind::kByMember;
    check.detail = static_cast<uint32_t>(plan_.by_member.size());
    plan_.by_member.push_back(std::move(choice));
    *made = static_cast<CheckId>(plan_.checks.size());
    plan_.checks.push_back(check);
    return true;
  }
  return false;
}

}  // namespace datahub::contract
