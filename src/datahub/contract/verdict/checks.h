#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "datahub/contract/key_table.h"
#include "datahub/contract/pattern.h"
#include "datahub/contract/schema.h"
#include "datahub/contract/string_checks.h"

namespace datahub::contract {

// What an event is checked against while its tokens stream by: schemas that apply to the same value are made one before,
// alternatives that the value's type or one member tells apart are chosen without trying. Flat, by number; recursive
// schemas are circles of numbers.

using CheckId = uint32_t;
inline constexpr CheckId kNoCheck = std::numeric_limits<CheckId>::max();

enum class CheckKind : uint8_t {
  kAny,       // well-formed JSON
  kNever,     //
  kText,      // a string: `strings` if there is; or null where `tokens` has it, as the next three
  kNumber,    // a number: `numbers` if there is
  kObject,    // an object: `object`
  kArray,     // an array: `array`
  kOwn,       // any of the keywords below, then `parts`
  kByType,    // another check for each type of token: `detail` is a Choice by type
  kByMember,  // an object; another check for each value of one member: `detail` is a MemberChoice
  kExact,     // parsed and validated by the exhaustive way
};

// Of a value's first byte.
enum TokenType : uint8_t {
  kNullToken,
  kBoolToken,
  kNumberToken,
  kStringToken,
  kArrayToken,
  kObjectToken,
  kBadToken,
};
inline constexpr size_t kTokenTypes = kBadToken;

struct Check {
  CheckKind kind = CheckKind::kOwn;
  uint8_t tokens = 0;   // a bit a TokenType that may be here
  uint8_t bools = 3;    // bit 0: false may be, bit 1: true
  bool is_leaf = true;  // no parts
  uint32_t detail = kNoCheck;
  uint32_t strings = kNoCheck;
  uint32_t numbers = kNoCheck;
  uint32_t object = kNoCheck;
  uint32_t array = kNoCheck;
  uint32_t parts = kNoCheck;
  uint32_t exact = kNoCheck;  // the schemas, for what is decided the exact way
};

struct NumberChecks {
  bool whole = false;  // integers alone
  bool exact = false;  // nothing is decided here
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  int64_t unit = 1;  // multipleOf, of integers
  // Of numbers with a point or exponent. A value equal to a bound is decided the exact way.
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
  int scale = -1;  // multipleOf is 10^-scale; -1: there is none, -2: decided the exact way
  bool has_values = false;
  std::vector<int64_t> values;  // enum, sorted
};

struct ObjectChecks {
  static constexpr size_t kWordsMax = 16;  // of 64 names each; wider ones are validated the exact way

  struct Dependents {
    uint32_t key = 0;
    std::vector<uint64_t> required;  // a bit a name
    CheckId applies = kNoCheck;      // to the whole object
  };
  struct Named {
    const Pattern* pattern = nullptr;
    CheckId check = kNoCheck;
  };

  KeyTable keys;                // every name that some keyword has
  uint32_t hints = 0;           // where in CheckPlan::hints its keys begin; the first for what comes first in an object
  std::vector<CheckId> fields;  // as `keys` numbers them
  std::vector<uint64_t> required;
  CheckId other = kNoCheck;  // members that `keys` does not have; kNoCheck: of any kind
  std::vector<Named> named;  // patternProperties; `other` is for those that none matches
  std::vector<CheckId> names;
  std::vector<Dependents> dependents;
  size_t members_min = 0;
  size_t members_max = kNoLimit;
  bool stops_early = false;  // once all of `keys` were seen, no other member can matter
};

inline constexpr size_t kContainsMax = 8;

struct ArrayChecks {
  struct Contains {
    CheckId check = kNoCheck;
    size_t min = 1;
    size_t max = kNoLimit;
  };
  std::vector<CheckId> prefix;
  CheckId items = kNoCheck;        // behind the prefix; kNoCheck: of any kind
  std::vector<Contains> contains;  // at most kContainsMax
  size_t items_min = 0;
  size_t items_max = kNoLimit;
  bool unique = false;
};

// Schemas that apply in place and could not be made one.
struct PartChecks {
  struct Alternatives {
    std::vector<CheckId> checks;
    bool exactly_one = false;
  };
  struct Condition {
    CheckId condition = kNoCheck;
    CheckId then = kNoCheck;
    CheckId otherwise = kNoCheck;
  };
  std::vector<CheckId> all;
  std::vector<Alternatives> alternatives;
  std::vector<CheckId> none;
  std::vector<Condition> conditions;
};

// Schemas that all apply at a place, for the exhaustive way.
struct ExactChecks {
  std::vector<const Schema*> schemas;
  bool strict = false;
};

struct MemberChoice {
  std::string key;
  KeyTable values;
  std::vector<CheckId> checks;  // as `values` numbers them
};

// Immutable; shared by threads. Looks into the SchemaSet it was made of.
struct CheckPlan {
  std::shared_ptr<const SchemaSet> schemas;
  bool strict = false;
  CheckId root = kNoCheck;

  std::vector<Check> checks;
  std::vector<StringChecks> strings;
  std::vector<NumberChecks> numbers;
  std::vector<ObjectChecks> objects;
  std::vector<ArrayChecks> arrays;
  std::vector<PartChecks> parts;
  std::vector<std::array<CheckId, kTokenTypes>> by_type;
  std::vector<MemberChoice> by_member;
  std::vector<ExactChecks> exact;
  std::vector<uint16_t> hints;  // of objects, and of each of their keys: which key to expect next
};

enum class Asserting : uint8_t {
  kAll,
  // Keys are looked up and text must be well-formed, nothing else: what checks cost is seen beside this.
  kNothing,
};

std::shared_ptr<const CheckPlan> MakeCheckPlan(std::shared_ptr<const SchemaSet> schemas, bool strict,
                                               Asserting asserting = Asserting::kAll);

}  // namespace datahub::contract
