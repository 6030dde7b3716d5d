#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datahub/lake/parquet/file_writer.h"
#include "datahub/record/columns.h"
#include "datahub/record/table_schema.h"

namespace datahub::lake {

// A row in a form that tests can compare; a test's rows are told apart by `offset`.
struct TestRow {
  uint64_t offset = 0;
  std::optional<int64_t> created_at = {};
  std::optional<std::string> country = {};
  std::optional<int64_t> amount = {};
  std::optional<int32_t> day = {};
  std::optional<bool> paid = {};
  std::optional<std::vector<std::optional<std::string>>> tags = {};

  bool operator==(const TestRow&) const = default;
};

// created_at timestamp, country string, amount int64, day date, paid bool, tags list<string>.
record::TableSchema TestSchema();

// As a contract would give them: strings are views into the chunk; what null rows leave unused points nowhere.
std::shared_ptr<record::Columns> ColumnsOf(const std::vector<TestRow>& rows, int64_t received_at_us = 0,
                                           const std::string& shard = "shard");

TestRow RowAt(const record::Columns& columns, uint32_t row);
std::vector<TestRow> RowsOf(std::span<const parquet::Selection> selections);

}  // namespace datahub::lake
