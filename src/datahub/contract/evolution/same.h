#pragma once

#include "datahub/contract/schema.h"

namespace datahub::contract::evolution {

// Whether two compiled schemas assert the same, keyword by keyword; names and places of definitions do not matter. False
// where that takes a thought: this is the cheap way. A $dynamicRef is the same only with the same anchors everywhere.
bool IsSame(const Schema& a, const Schema& b);

// Whether a $dynamicRef or $recursiveRef that depends on what was entered is anywhere below.
bool UsesDynamicScope(const Schema& schema);
// Whether any schema below is of draft 4, where 1.0 is no integer.
bool UsesDraft4(const Schema& schema);

}  // namespace datahub::contract::evolution
