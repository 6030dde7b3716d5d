#pragma once

#include <string>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::contract::evolution {

// A place at which an event that satisfies the narrow schema may fail the wide one.
struct Break {
  std::string narrow_pointer;  // keyword pointers: "#/properties/age/maximum"
  std::string wide_pointer;
  std::string instance;  // of the place in an event: "/age"; "*" stands for names and elements that neither side names
  std::string message;   // "the maximum is 120; the other version allows 150"
  std::string witness;   // an event, as JSON, that narrow accepts and wide refuses here; empty: none was found

  // Without a witness it is only not shown that no such event exists.
  bool proven() const { return !witness.empty(); }
};

inline constexpr size_t kBreaksMax = 100;

// Nothing when every event that satisfies `narrow` satisfies `wide` (strict as ValidateOptions has it; limits on the steps of
// a check aside). Sound, not complete: what cannot be shown is a break. Work is bounded; what is too complex is a break that
// says so. Both schemas must stay alive only for the call.
std::vector<Break> Inclusion(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict);

}  // namespace datahub::contract::evolution
