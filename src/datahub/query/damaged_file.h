#pragma once

#include <optional>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/query/snapshot.h"

namespace datahub::query {

// What is said of a file that is not what was written.
Error DamagedFile(std::string_view table, std::string_view file, std::string_view damage);

// DuckDB's errors seldom say which file they are about. After one that may be about a file, all of the snapshot's are compared with
// their checksums: the first that is not what was written is named, and what DuckDB said with it. Nothing when the SQL is to blame, or
// all files are whole.
std::optional<Error> FindDamagedFile(const Snapshot& snapshot, std::string_view said);

}  // namespace datahub::query
