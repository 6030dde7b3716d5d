#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/query/session.h"
#include "datahub/query/snapshot.h"

namespace datahub::query {

inline constexpr std::string_view kSystemSchema = "datahub";

// "datahub.files", …
std::vector<std::string> SystemTableNames();

// Puts the rows of those that the SQL names into the snapshot (null: they are empty); the others are not there.
Result<void> ReadSystemTables(std::string_view sql, ledger::Ledger* ledger, size_t commits_max, Snapshot& snapshot);
// Makes the snapshot's.
Result<void> CreateSystemTables(Session& session, const Snapshot& snapshot);

}  // namespace datahub::query
