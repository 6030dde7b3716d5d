#include "datahub/contract/string_checks.h"

#include "datahub/base/json_utf8.h"

namespace datahub::contract {
StringVerdict Judge(const StringChecks& checks, std::string_view text) {
  if (checks.has_values && checks.values.Find(text.data(), text.size()) == KeyTable::kNone) {
    return StringVerdict::kInvalid;
  }
  if (checks.length_min > 0 || checks.length_max != kNoLimit) {
    // A code point has one to four bytes: count only where that does not decide.
    const bool sure = text.size() <= checks.length_max && text.size() / 4 >= checks.length_min;
    if (!sure) {
      const size_t points = json::CodePoints(text);
      if (points < checks.length_min || points > checks.length_max) return StringVerdict::kInvalid;
    }
  }
  for (const Format format : checks.formats) {
    if (!Matches(format, text)) return StringVerdict::kInvalid;
  }
  for (const Pattern* pattern : checks.patterns) {
    const Pattern::Outcome outcome = pattern->Search(text);
    if (outcome == Pattern::Outcome::kLimit) return StringVerdict::kUndecided;
    if (outcome == Pattern::Outcome::kNotFound) return StringVerdict::kInvalid;
  }
  return StringVerdict::kValid;
}

}  // namespace datahub::contract
