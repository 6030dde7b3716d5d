#pragma once

#include <cstdint>
#include <string_view>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// What a keyword is to an explanation.
enum class KeywordRole : uint8_t {
  kSilent,     // it names or holds schemas; nothing is asked
  kAsserts,    // of a value itself
  kApplies,    // it holds when the schemas that it applied do
  kChooses,    // it says by itself whether it holds, whatever those that it applied do
  kAnnotates,  //
  kUnknown,    // an annotation, from 2019-09 on
};

struct KeywordRule {
  std::string_view keyword;
  KeywordRole role = KeywordRole::kUnknown;
  uint8_t types = kTypeAny;  // of the values that it asks about
  Dialect first = Dialect::kDraft4;
};

// Never null: a keyword that no draft names is kUnknown.
const KeywordRule& RuleOf(std::string_view keyword);

// Whether `keyword`, written in `schema`, means anything for a value of this type (one TypeBit).
bool IsAsked(const Schema& schema, std::string_view keyword, uint8_t type);
// Whether it is an annotation whose value is what was written.
bool IsAnnotation(const Schema& schema, std::string_view keyword, uint8_t type);

}  // namespace datahub::contract
