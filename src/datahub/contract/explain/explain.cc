#include "datahub/contract/explain/explain.h"

#include <algorithm>
#include <span>
#include <utility>

#include "datahub/contract/explain/trace.h"
#include "datahub/contract/validation.h"

namespace datahub::contract {

Explanation Explain(const Schema& schema, const json::Value& value, std::string_view base) {
  Trace trace(base);
  const ValidateOptions options;
  std::vector<Reason> reasons;
  Validation validation(options, &reasons, &trace);
  const Schema* const alone = &schema;
  Explanation explanation;
  explanation.valid = validation.Run(std::span(&alone, 1), value);
  explanation.cut = trace.cut();
  explanation.units = std::move(trace).Units();
  // To see every branch takes more steps than to find one that holds.
  if (validation.reached_limit()) {
    explanation.valid = Validate(schema, value, {.strict = false, .reasons_max = 0, .instance_prefix = ""}, nullptr);
    explanation.cut = explanation.cut || explanation.valid;
    if (explanation.valid) explanation.units.clear();
  }
  if (!explanation.valid && std::ranges::none_of(explanation.units, &KeywordUnit::is_error)) {
    KeywordUnit whole;
    whole.verdict = KeywordVerdict::kFails;
    whole.is_error = true;
    whole.message = "not valid; what fails was left off, since there is too much";
    whole.absolute = std::string(base) + "#";
    explanation.units.push_back(std::move(whole));
  }
  return explanation;
}

}  // namespace datahub::contract
