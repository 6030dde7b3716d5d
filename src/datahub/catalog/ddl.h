#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"

namespace datahub::catalog {

// The engines whose CREATE TABLE is written. Iceberg is Spark's SQL for a table of that format.
enum class SqlDialect { kAthena, kHive, kTrino, kSpark, kIceberg, kPostgres, kDuckDb };

std::optional<SqlDialect> SqlDialectNamed(std::string_view name);

struct DdlOptions {
  SqlDialect dialect = SqlDialect::kAthena;
  std::string database;
  std::string location;     // of the table's files, as an address
  bool projection = false;  // Athena finds partitions by itself (partition projection)
};

// The statement that makes the table known elsewhere: all columns, those of lineage too, partition keys, comments. Names are
// quoted, and in lower case where the engine holds them so. Postgres and DuckDB get a table of their own of that shape.
// InvalidInput names what the dialect cannot spell, and why.
Result<std::string> CreateTableText(const ledger::TableColumns& table, const DdlOptions& options);

}  // namespace datahub::catalog
