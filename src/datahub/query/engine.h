#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/query/answer.h"
#include "datahub/query/session.h"
#include "datahub/query/snapshot.h"

namespace datahub::query {

// SQL over the files of a snapshot: never a glob, never anything but reading.
//
//   Snapshot -> views in a DuckDB of its own -> SELECT -> chunks -> rows as text -> sink
//
// Shape    one view per table: its newest columns, its partition keys, the lineage columns; and
//          datahub.{files, commits, partitions, positions} when the SQL names them
// Safe     only statements that read; only functions of the list; no file but the live ones of the tables named; no setting,
//          extension or network
// Memory   a chunk of rows, what DuckDB needs for sorts and joins, and rows_max rows for a table
// Threads  any; every engine has a DuckDB of its own
// Errors   InvalidInput (the SQL; what was refused and why) · Limit (out of memory) · Timeout · Unavailable · the sink's
class Engine {
 public:
  // An empty DuckDB, which waits for its query.
  static Result<Engine> Open(const EngineOptions& options);

  // One or several statements; their results come one behind the other. Nothing runs before all were found to be reading.
  // The engine is spent afterwards.
  Result<Answer> Run(const Snapshot& snapshot, std::string_view sql, const OutputOptions& output, const Sink& sink) &&;

 private:
  Engine(EngineOptions options, Session session, double open_seconds)
      : options_(std::move(options)), session_(std::move(session)), open_seconds_(open_seconds) {}

  EngineOptions options_;
  Session session_;
  double open_seconds_;
};

}  // namespace datahub::query
