#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datahub/base/json.h"
#include "datahub/contract/evolution/form.h"
#include "datahub/contract/validate.h"

namespace datahub::contract::evolution {

inline constexpr int64_t kIntegersMax = 64;  // of a range that is listed one by one
inline constexpr uint8_t kTypes[] = {kTypeNull, kTypeBoolean, kTypeNumber, kTypeString, kTypeArray, kTypeObject};

// The least integer that is not less (or, excluded, more) than a bound, and the greatest on the other side. Nothing beyond
// 10^15.
std::optional<int64_t> LeastInteger(const Decimal& bound, bool excluded);
std::optional<int64_t> GreatestInteger(const Decimal& bound, bool excluded);

// A value of its own text.
struct Listed {
  std::string text;
  std::shared_ptr<const std::string> kept;  // what the values look into
  std::shared_ptr<json::Document> document;
  const json::Value* parsed = nullptr;
  const json::Value& value() const { return *parsed; }
};
Listed ListedOf(std::string text);

// Whether all values of a form can be listed: null, booleans, enums, short ranges of integers.
bool IsFinite(const Form& form, const Facts& facts);
// Of a finite form: those that satisfy the position and none of the form's negatives. With draft 4 an integer is listed with
// a point too.
std::vector<Listed> ValuesOf(const Position& position, const Form& form, const Facts& facts, bool with_points);
// The values of an enum that the position must satisfy; none: it may have others too.
std::vector<const json::Value*> ListedValues(const Position& position);

// Whether the value satisfies all that must hold and none of `negatives`; strict aside.
bool Satisfies(const Position& position, const std::vector<const Schema*>& negatives, const json::Value& value);
// With strict, whichever of the position's `may` hold too. Sometimes false where it could be true.
bool SatisfiesStrictly(const Position& position, const json::Value& value, std::vector<Reason>* reasons);

}  // namespace datahub::contract::evolution
