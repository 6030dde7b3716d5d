#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <duckdb.h>

#include "datahub/record/table_schema.h"

namespace datahub::query {

// The field's type as DuckDB spells it: `STRUCT("street" VARCHAR, "number" BIGINT)`. JSON text is VARCHAR, which DuckDB's
// JSON functions take; a timestamp is TIMESTAMP WITH TIME ZONE, shown in UTC.
std::string TypeOf(const record::Field& field);

// Of a partition key, by its transform: a day is a date; months and hours are the text they are (2026-01, 2026-01-31-13).
record::Kind KeyKind(std::string_view transform);

// Whether a column of a file has exactly that type.
bool IsType(duckdb_logical_type type, const record::Field& field);

// What every row of a lake table carries besides the contract's columns.
const std::vector<record::Field>& LineageFields();

}  // namespace datahub::query
