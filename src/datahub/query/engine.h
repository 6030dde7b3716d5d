#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

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

struct EngineOptions {
  std::string database;           // the lake's database: tables are `users` and `<database>.users`
  int threads = 0;                // 0: as many as processors
  uint64_t memory_bytes_max = 0;  // 0: 80 % of the machine's
  std::string temp_folder;        // where sorts and joins spill (made in its parent); "": they stay in memory or fail
  uint64_t temp_bytes_max = 0;    // that spill; 0: 90 % of what is free there
  size_t commits_max = 100'000;   // newest ones in datahub.commits
  size_t statements_max = 10'000;
  int64_t time_us_max = 0;  // 0: none
  std::stop_token stop{};   // ends the query
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

// SQL over the ledger's files: never a glob, never anything but reading.
//
//   ledger::Files -> views in a DuckDB of its own -> SELECT -> chunks -> rows as text -> sink
//
// Shape    one view per table of the ledger: its newest columns, its partition keys, the lineage columns; and
//          datahub.{files, commits, partitions, positions} when the SQL names them
// Reads    one state of the ledger a table, taken when Run() begins
// Safe     only statements that read; no file but the live ones of the tables named; no setting, extension or network
// Memory   a chunk of rows, what DuckDB needs for sorts and joins, and rows_max rows for a table
// Threads  any; every Run has a DuckDB of its own
// Errors   InvalidInput (the SQL; what was refused and why) · Limit (out of memory) · Timeout · ShuttingDown (told to stop) ·
//          Unavailable · the sink's · the ledger's
// Owns     nothing by reference: `ledger` and `store` must outlive the engine
class Engine {
 public:
  // `ledger` may be null: a project that never ran has no tables.
  Engine(ledger::Ledger* ledger, const storage::Store& store, EngineOptions options)
      : ledger_(ledger), store_(store), options_(std::move(options)) {}

  // One or several statements; their results come one behind the other. Nothing runs before all were found to be reading.
  Result<Answer> Run(std::string_view sql, const OutputOptions& output, const Sink& sink) const;

 private:
  ledger::Ledger* ledger_;
  const storage::Store& store_;
  EngineOptions options_;
};

}  // namespace datahub::query
