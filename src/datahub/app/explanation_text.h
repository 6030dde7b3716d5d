#pragma once

#include <string>

#include "datahub/contract/explain/explain.h"

namespace datahub::app {

// An explanation for people: a block for each place of the event, indented by its depth, a line for each keyword that was met
// there. What makes the event invalid is marked; a keyword behind a reference is followed by where it is written.
//
//   /
//       ok         /type
//     ! fails      /properties          it does not hold
//     /age
//         ok       /properties/age/type
//       ! fails    /properties/age/minimum   -1 is less than the minimum 0
std::string TextOf(const contract::Explanation& explanation);

}  // namespace datahub::app
