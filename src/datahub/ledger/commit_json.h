#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/commit.h"
#include "datahub/ledger/ledger.h"

namespace datahub::ledger {

// The immutable record of a commit as one JSON text: all but its state and when it was committed.
std::string RecordToJson(const Commit& commit);
// Corruption when the text is not a record.
Result<Commit> RecordFromJson(std::string_view json);

// {"country":"de","day":"2026-01-01"}, in the order of the keys.
std::string ToJson(const PartitionValues& values);
Result<PartitionValues> PartitionFromJson(std::string_view json);

// [{"name":"created_at_day","transform":"day","column":"created_at"}]
std::string ToJson(const std::vector<PartitionKey>& keys);
Result<std::vector<PartitionKey>> PartitionKeysFromJson(std::string_view json);

}  // namespace datahub::ledger
