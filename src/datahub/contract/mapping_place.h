#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// A schema that applies at a place of an event: always (`certain`), or only when a branch (anyOf, oneOf, if…) is taken.
struct Part {
  const Schema* schema = nullptr;
  bool certain = true;
};

// A place in an event (the root, a property, an element…) with every schema that may apply there: what the column of
// that place is derived from.
class Place {
 public:
  Place() = default;
  explicit Place(std::vector<Part> parts);

  // Those written for the place; and with what they pull in by $ref, allOf and branches, each schema once.
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<Part>& all() const { return all_; }

  // The types a valid value can have; a number type always carries the integer bit too.
  uint8_t types() const { return types_; }
  // date-time or date, where every string here must be one; else kNone.
  Format time_format() const;
  // The scale s where values are bounded multiples of 10^-s that fit 38 digits.
  std::optional<int> decimal_scale() const;

  // Some schema names a property that can be there.
  bool names_properties() const;
  // Properties are named in branches of anyOf or oneOf alone, and no property with a const tells the branches apart.
  bool is_undiscriminated_choice() const;
  // A member that no schema names may be there.
  bool is_open(bool strict) const;
  // Who describes a member, any member of an object without named properties, or any element. Empty: nobody, or (maps,
  // arrays) not all in one way.
  std::vector<Part> property(std::string_view name) const;
  std::vector<Part> map_values(bool strict) const;
  std::vector<Part> elements() const;

  // The same schemas apply: this place is a recursion of `other`.
  bool IsSameAs(const Place& other) const { return key_ == other.key_; }

 private:
  void Add(const Schema& schema, bool certain);
  bool HasCertain() const;

  std::vector<Part> parts_;
  std::vector<Part> all_;
  std::vector<const Schema*> key_;
  uint8_t types_ = kTypeAny;
};

}  // namespace datahub::contract
