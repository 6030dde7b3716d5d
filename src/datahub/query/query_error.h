#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::query {

// DuckDB's text as an Error: `what` first, then the text, the code chosen by its kind ("Out of Memory Error: …"), and what
// to do where we know. `text` may be null.
Error ErrorOf(std::string_view what, const char* text);

// The same for what the user's SQL brought up: a table that is not there names those that are.
Error SqlError(const char* text, const std::vector<std::string>& tables);

// The name of `known` that is spelled most like `name`; "" when none is near.
std::string NearestName(std::string_view name, const std::vector<std::string>& known);

}  // namespace datahub::query
