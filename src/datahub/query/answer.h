#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"

// What is asked of a query and what comes back, for those who do not see DuckDB.
namespace datahub::query {

inline constexpr size_t kSqlBytesMax = 4u << 20;

// The version of the DuckDB that is loaded.
std::string DuckDbVersion();

enum class Format { kTable, kJson /* one object a line */, kJsonArray, kCsv, kArrow };

struct OutputOptions {
  Format format = Format::kTable;
  // kTable only; the other formats always give every row.
  size_t rows_max = 1000;  // more are not fetched, and a last line says so
  size_t width_max = 0;    // columns of the terminal: wide cells are cut to fit; 0 = never cut
};

struct Answer {
  uint64_t rows = 0;  // written
  bool truncated = false;
  double open_seconds = 0;  // an empty DuckDB
  double view_seconds = 0;  // ledger to views and system tables
  double run_seconds = 0;   // SQL to last row written
};

// Takes text as it is made, at most about 64 KiB at once. An error (the reader went away) ends the query and is returned.
using Sink = std::function<Result<void>(std::string_view text)>;

// What a query may take.
struct EngineOptions {
  int threads = 0;                // 0: as many as processors
  uint64_t memory_bytes_max = 0;  // 0: 80 % of the machine's
  std::string temp_folder;        // where sorts and joins spill; "": they stay in memory or fail
  uint64_t temp_bytes_max = 0;    // that spill; 0: 90 % of what is free there
  size_t statements_max = 10'000;
  int64_t time_us_max = 0;        // 0: none
  bool yields_processor = false;  // to all else that runs: a server's events come first
  bool warms_up = false;          // it will wait for its query: what that needs is made ready before
};

// What a text of SQL must be to be looked at: neither too long nor with a zero in it.
Result<void> CheckText(std::string_view sql);

}  // namespace datahub::query
