#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::query {

// What a statement calls and reads, as DuckDB's own parser understood it.
struct StatementNames {
  std::vector<std::string> functions;  // also operators, and what syntax stands for (EXTRACT: date_part)
  std::vector<std::string> tables;     // without catalog and schema
};

// From the text that DuckDB's json_serialize_sql gives. Internal when it is no JSON.
Result<StatementNames> NamesOf(std::string_view tree);

// InvalidInput for a function that is not on the list, and for a table that can only be a file's name.
Result<void> CheckNames(const StatementNames& names);

}  // namespace datahub::query
