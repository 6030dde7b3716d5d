#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/schema.h"

namespace datahub::contract {

// Why an event was rejected.
struct Reason {
  std::string instance;  // JSON pointer into the event: "/address/number"
  std::string
      keyword;  // keyword pointer into the contract: "#/properties/address/properties/number/type"; "dh:range"… for landing
  std::string message;  // "expected integer, got string"
};

inline constexpr size_t kReasonsMax = 32;
// Of one name in `instance`: it may be as long as the event.
inline constexpr size_t kPointerNameBytesMax = 2048;

struct ValidateOptions {
  // Strict: unevaluatedProperties: false is assumed once per object position, after all its in-place
  // applicators, only where properties are named; a written additionalProperties or unevaluatedProperties wins.
  bool strict = false;
  size_t reasons_max = kReasonsMax;  // 0: the verdict alone, ended at the first failure
  std::string instance_prefix;       // what a position inside an event is reported under
};

// The exhaustive way: every keyword, every reason, on a parsed value. True when `value` satisfies `schema`.
// Bounded: patterns and the whole have step limits; one that is exhausted makes the value invalid and is the only reason.
bool Validate(const Schema& schema, const json::Value& value, const ValidateOptions& options,
              std::vector<Reason>* reasons);

enum class Verdict : uint8_t {
  kValid,
  kInvalid,
  kUndecided,  // a limit was reached
};
// The verdict alone, on schemas that all apply at the value's place.
Verdict Decide(std::span<const Schema* const> schemas, const json::Value& value, bool strict);

}  // namespace datahub::contract
