#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/ledger/commit.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::query {

struct SnapshotFile {
  std::string key;       // below the lake's root
  std::string location;  // what DuckDB opens
  ledger::PartitionValues partition;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::string checksum;  // as in the ledger
  std::string layout;    // files of one layout hold the same columns
  std::string damage;    // what a scrub found wrong with it; "": nothing
};

struct SnapshotTable {
  ledger::TableColumns columns;
  std::vector<SnapshotFile> files;
};

// All that a query may know: what the ledger says of the tables that its SQL may name, when it was asked. It holds no path
// of ledger or project, so that whoever has only this can reach neither.
struct Snapshot {
  std::string database;                  // the lake's: tables are `users` and `<database>.users`
  std::vector<std::string> table_names;  // of all tables, for messages
  std::vector<SnapshotTable> tables;     // those that the SQL mentions
  // Those of datahub.files, commits, … that the SQL mentions: which one, and its rows as written by system_tables.cc.
  struct Rows {
    size_t table = 0;
    std::string cells;
  };
  std::vector<Rows> system;
};

struct SnapshotOptions {
  std::string database;
  std::string lake;              // locations are given relative to this folder; "": as the store says them
  size_t commits_max = 100'000;  // newest ones in datahub.commits
};

// One state of the ledger a table. `ledger` may be null: a project that never ran has no tables. Errors: the ledger's.
Result<Snapshot> TakeSnapshot(ledger::Ledger* ledger, const storage::Store& store, std::string_view sql,
                              const SnapshotOptions& options);

std::string Encode(const Snapshot& snapshot);
Result<Snapshot> DecodeSnapshot(std::string_view bytes);

}  // namespace datahub::query
