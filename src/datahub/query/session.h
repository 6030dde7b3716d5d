#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/query/answer.h"
#include "datahub/query/handle.h"

namespace datahub::query {

// One DuckDB in memory, for one Run. Open for us until Lock(), for the user's SQL after it.
class Session {
 public:
  static Result<Session> Open(const EngineOptions& options);

  Result<void> Execute(const std::string& sql);
  // One statement, prepared; the error is DuckDB's text.
  Result<PreparedStatement> Prepare(const std::string& sql);

  // How DuckDB's parser reads the statement, as JSON; `{"error":true,…` when it is no SELECT or the like. Runs nothing of it.
  Result<std::string> SyntaxTree(std::string_view statement);

  static constexpr size_t kWrittenPathsMax = 1000;  // longer lists become a variable, which DuckDB plans faster

  // Reads a Parquet file of its own in memory, so that what a query needs of DuckDB is in memory and bound before one comes: half of
  // a small query's time. Before Lock().
  void WarmUp();

  // Lets the user's SQL read `paths` once locked. An expression that gives them, for read_parquet.
  Result<std::string> AllowFiles(const std::vector<std::string>& paths);
  // From here on no other file is opened, nothing is loaded or downloaded, and no setting changes.
  Result<void> Lock();

  duckdb_connection connection() const { return connection_.get(); }

 private:
  Database database_;
  Connection connection_;
  PreparedStatement parser_;
  std::vector<std::string> file_lists_;  // expressions
};

}  // namespace datahub::query
