#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"

namespace datahub::query {

// What is told of tables, on the command line and over HTTP.

struct FileSums {
  uint64_t files = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t file_bytes_min = 0;
  uint64_t file_bytes_max = 0;
};
FileSums SumsOf(const std::vector<ledger::DataFile>& files);

// "country=de/created_at_day=2026-01-31"; "" for a table without keys.
std::string PartitionText(const ledger::PartitionValues& values);

struct ColumnFact {
  std::string name;
  std::string type;
  std::string from;  // "contract", "partition key land", "partition key", "lineage"
  std::string description;
};
// As SQL sees them: the table's, keys that are none of these, lineage.
std::vector<ColumnFact> ColumnFactsOf(const ledger::TableColumns& columns);

// NotFound names the table that may be meant, and those that are there. `ledger` may be null: nothing ever ran.
Result<void> CheckTable(ledger::Ledger* ledger, std::string_view table);

// What was wrong with the records of a quarantine: keyword, field, records, example; the most frequent first.
std::string QuarantineReasonsSql(std::string_view quarantine_table);

}  // namespace datahub::query
