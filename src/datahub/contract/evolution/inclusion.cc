#include "datahub/contract/evolution/inclusion.h"

#include <algorithm>

#include "datahub/contract/evolution/prover.h"
#include "datahub/contract/evolution/same.h"
#include "datahub/contract/evolution/witness.h"

namespace datahub::contract::evolution {
namespace {

Break Whole(const Schema& narrow, const Schema& wide, std::string message) {
  return {narrow.location, wide.location, "", std::move(message), ""};
}

// A witness that fails where the break points, or as near to it as there is one.
void AddWitnesses(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict,
                  std::vector<Break>& breaks) {
  const std::vector<Witness> witnesses = FindWitnesses(narrow, narrow_strict, wide, wide_strict);
  for (Break& one : breaks) {
    const auto fits = [&](const Witness& witness) {
      return std::ranges::any_of(witness.reasons, [&](const Reason& reason) {
        const bool at_keyword =
            reason.keyword == one.wide_pointer || reason.keyword.starts_with(one.wide_pointer + "/");
        const bool at_place = one.instance.find('*') != std::string::npos || reason.instance == one.instance ||
                              reason.instance.starts_with(one.instance + "/");
        return at_place && (at_keyword || reason.keyword == "dh:strict");
      });
    };
    const auto found = std::ranges::find_if(witnesses, fits);
    if (found != witnesses.end()) one.witness = found->event;
  }
  // None may fit because the break was told in other words; that there is one is known all the same.
  const bool any = std::ranges::any_of(breaks, &Break::proven);
  if (!any && !witnesses.empty()) {
    breaks.front().witness = witnesses.front().event;
    breaks.front().message += "; here: " + witnesses.front().reasons.front().message;
  }
}

}  // namespace

std::vector<Break> Inclusion(const Schema& narrow, bool narrow_strict, const Schema& wide, bool wide_strict) {
  if (narrow_strict == wide_strict && IsSame(narrow, wide)) return {};
  std::vector<Break> breaks;
  if (UsesDynamicScope(narrow) || UsesDynamicScope(wide)) {
    breaks.push_back(
        Whole(narrow, wide, "$dynamicRef and $recursiveRef can only be compared where all else is the same"));
  } else {
    Prover prover(UsesDraft4(narrow) || UsesDraft4(wide));
    Position from;
    from.must = {&narrow};
    from.strict = narrow_strict;
    Position to;
    to.must = {&wide};
    to.strict = wide_strict;
    if (prover.Included(from, to, &breaks)) return {};
    if (breaks.empty() || prover.exhausted()) {
      breaks.push_back(Whole(narrow, wide, "the two are too complex to be compared to the end"));
    }
  }
  AddWitnesses(narrow, narrow_strict, wide, wide_strict, breaks);
  return breaks;
}

}  // namespace datahub::contract::evolution
