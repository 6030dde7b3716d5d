#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "datahub/contract/schema.h"

namespace datahub::contract {

// A member or an element that a keyword applied a schema to.
struct Applied {
  std::string_view name;
  size_t index = 0;
  bool valid = false;
};

// The annotation of a keyword that holds, by what it applied to, as JSON; empty where it makes none: names of members, how
// many of the first elements, which elements (JSON Schema core, sections 10.3 and 11).
std::string AppliedAnnotation(const Schema& schema, std::string_view keyword, const json::Value& value,
                              std::span<const Applied> applied);

}  // namespace datahub::contract
