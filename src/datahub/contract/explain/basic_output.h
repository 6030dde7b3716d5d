#pragma once

#include "datahub/base/json.h"
#include "datahub/contract/explain/explain.h"

namespace datahub::contract {

// The members of JSON Schema's output format `basic` (2020-12, core, section 12.4.2), written into an object that was begun:
// "valid", and "errors" or "annotations", whose units have "valid" too as the standard's schema for them asks.
void WriteBasicOutput(const Explanation& explanation, json::Writer& out);

}  // namespace datahub::contract
