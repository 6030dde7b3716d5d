// The peer of bench/query: DuckDB's own C API, the same library as ours, over a glob. Prints how long opening, the view and
// the query to its last row took.
//
//   duckdb_query GLOB SQL  ->  open S s, views S s, run S s

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <duckdb.h>

namespace {

double Lap() {
  static auto since = std::chrono::steady_clock::now();
  const auto now = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(now - std::exchange(since, now)).count();
}

void Check(duckdb_state state, const char* what) {
  if (state == DuckDBSuccess) return;
  std::fprintf(stderr, "duckdb_query: %s failed\n", what);
  std::exit(1);
}

void Run(duckdb_connection connection, const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(connection, sql.c_str(), &result) != DuckDBSuccess) {
    std::fprintf(stderr, "duckdb_query: %s\n", duckdb_result_error(&result));
    std::exit(1);
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) duckdb_destroy_data_chunk(&chunk);
  duckdb_destroy_result(&result);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: duckdb_query GLOB SQL\n");
    return 2;
  }
  Lap();
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  Check(duckdb_open(nullptr, &database), "opening");
  Check(duckdb_connect(database, &connection), "connecting");
  Run(connection, "SET TimeZone = 'UTC'");
  const double open_seconds = Lap();
  Run(connection,
      std::string("CREATE VIEW users AS SELECT * FROM read_parquet('") + arguments[1] + "', hive_partitioning = true)");
  const double view_seconds = Lap();
  Run(connection, arguments[2]);
  std::fprintf(stderr, "open %.6f s, views %.6f s, run %.6f s\n", open_seconds, view_seconds, Lap());
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return 0;
}
