#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datahub/contract/verdict/checks.h"

namespace datahub::contract {

// Makes the checks of a SchemaSet.
//
// Strict   is decided at the place of an object: what no schema there names is refused. Where that depends on which
//          alternatives hold, and those cannot be chosen by a type or a member, the object is validated the exact way.
// Bounded  kChecksMax checks; what would need more is validated the exact way
class CheckPlanner {
 public:
  CheckPlanner(CheckPlan& plan, Asserting asserting) : plan_(plan), asserts_(asserting == Asserting::kAll) {}

  // Schemas that all apply at a place of its own.
  CheckId Position(const std::vector<const Schema*>& schemas, bool strict);

 private:
  static constexpr size_t kChecksMax = 20'000;
  static constexpr size_t kFlatMax = 64;     // schemas that apply at one place
  static constexpr size_t kChosenMax = 3;    // choices within each other
  static constexpr size_t kDepthMax = 1000;  // of schemas within each other

  static constexpr uint8_t kAllTokens = (1u << kTokenTypes) - 1;
  static constexpr uint8_t BitOf(TokenType type) { return static_cast<uint8_t>(1u << type); }
  static uint8_t TokensOfTypes(uint8_t types);  // of TypeBits
  static const Schema& NothingMore();           // the schema `false`

  struct Alternatives {
    std::vector<const Schema*> branches;
    bool exactly_one = false;
  };
  // What applies at a place: `roots` as the contract says it, with alternatives taken out of them that were chosen or
  // narrowed.
  struct Place {
    std::vector<const Schema*> roots;
    std::vector<const Schema*> chosen;
    std::set<std::pair<const Schema*, bool>> taken;  // whose anyOf (false), oneOf (true)
    std::vector<Alternatives> narrowed;
    bool strict = false;
  };
  // All that applies at a place for certain.
  struct Flat {
    std::vector<const Schema*> schemas;  // their own keywords
    std::vector<const Schema*> opaque;   // checked by themselves: what unevaluated* of them sees is theirs alone
    std::vector<Alternatives> alternatives;
    std::vector<std::pair<const Schema*, bool>> origins;  // of alternatives; null: narrowed
    bool never = false;
    bool too_much = false;
  };

  CheckId Make(const Place& place);
  void Fill(const Place& place, CheckId id);
  void FillExact(const Place& place, CheckId id);
  CheckId Applied(const std::vector<const Schema*>& schemas) { return Position(schemas, false); }

  Flat Flatten(const Place& place) const;
  void Flatten(const Schema& schema, bool is_root, const Place& place, Flat& flat) const;

  bool Choose(const Place& place, const Flat& flat, CheckId id);
  bool ChooseByMember(const Place& without, const Alternatives& narrowed, CheckId* made);
  Place Without(const Place& place, const Flat& flat, size_t alternative) const;

  uint8_t TokensOf(const Flat& flat, Check* check) const;
  bool AddStrings(const Flat& flat, Check* check);
  bool AddNumbers(const Flat& flat, Check* check);
  bool AddObject(const Place& place, const Flat& flat, const Schema* rest, CheckId id);
  bool AddMembers(const Place& place, const Flat& flat, const Schema* rest, ObjectChecks* object);
  bool AddArray(const Place& place, const Flat& flat, CheckId id);
  static std::set<std::string_view> KnownNames(const Flat& flat);
  bool AddParts(const Flat& flat, bool must_add_nothing, CheckId id);

  CheckPlan& plan_;
  const bool asserts_;
  std::map<std::pair<std::vector<const Schema*>, bool>, CheckId> made_;
  size_t depth_ = 0;
};

}  // namespace datahub::contract
