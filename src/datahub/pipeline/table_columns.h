#pragma once

#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/lake/table_writer.h"
#include "datahub/ledger/ledger.h"
#include "datahub/record/table_schema.h"

namespace datahub::pipeline {

// What a contract's columns mean for a table that may exist already.
struct AgreedColumns {
  ledger::TableColumns table;  // what the ledger is to hold: the table's columns, gained ones at the end
  bool changed = false;        // `table` is a version the ledger does not have yet
  record::TableSchema file;    // the contract's columns in the contract's order, with the table's field ids
};

// Columns of a table are only gained, or, as long as it `has_files` not, widened from int32 to int64: some engines (Spark)
// refuse files whose type is not the table's. Anything else is InvalidInput that names column, both types and what to do.
// So is a change of partition keys, or of the folder that the table's files lie in.
Result<AgreedColumns> AgreeColumns(const std::optional<ledger::TableColumns>& known, ledger::TableColumns wanted,
                                   bool has_files);

// With what the ledger knows of the table.
Result<AgreedColumns> AgreeColumns(ledger::Ledger& ledger, ledger::TableColumns wanted);

// The table as the project and its contract want it, without version and field ids.
ledger::TableColumns WantedColumns(const lake::TableSpec& table);

}  // namespace datahub::pipeline
