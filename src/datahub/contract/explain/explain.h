#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/schema.h"

namespace datahub::contract {

enum class KeywordVerdict : uint8_t {
  kOk,
  kFails,
  kNotAsked,  // of another type than the value, of a branch that was not taken, or without a meaning here
};

// What one keyword of the contract said of one place of an event.
struct KeywordUnit {
  std::string instance;  // JSON pointer into the event; "" for the whole
  uint32_t place = 0;    // where that begins in the event's text
  std::string keyword;   // JSON pointer along the way that was taken: "/properties/home/$ref/required"
  std::string absolute;  // where the keyword is written: "https://example.org/user#/$defs/home/required"
  KeywordVerdict verdict = KeywordVerdict::kNotAsked;
  // It fails, and so does all that it is a part of: not a branch that another one made up for.
  bool is_error = false;
  std::string message{};     // why it fails; of `if`, which way it went
  std::string annotation{};  // JSON; empty: none, or dropped since a schema around it fails
};

struct Explanation {
  bool valid = false;              // as Validate() says
  std::vector<KeywordUnit> units;  // a schema's keywords in the order written, then those of its parts
  bool cut = false;                // there were more than kExplanationBytesMax
};

inline constexpr size_t kExplanationBytesMax = 64u << 20;  // of all units

// Every keyword that was met, with its verdict and annotations (2019-09 and later, section 7.7; before, those that assert
// nothing are annotations if their draft names them). `base`: what the contract's own address is relative to, such as
// "file:///contracts/"; for KeywordUnit::absolute.
//
// Memory   the units; beside them one entry for each part of what is being checked
// Limits   those of Validate(); one that is reached is then the only unit
Explanation Explain(const Schema& schema, const json::Value& value, std::string_view base);

}  // namespace datahub::contract
