#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/query/session.h"

namespace datahub::query {

inline constexpr std::string_view kSystemSchema = "datahub";

// "datahub.files", …
std::vector<std::string> SystemTableNames();

// Fills those that the SQL names from the ledger (null: they stay empty); the others are not made.
Result<void> CreateSystemTables(Session& session, std::string_view sql, ledger::Ledger* ledger, size_t commits_max);

}  // namespace datahub::query
