#pragma once

#include <utility>

#include <duckdb.h>

namespace datahub::query {

// A thing of DuckDB's C API that has a destroy function; destroying an empty one is allowed there.
template <class T, void (*Destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T held) : held_(held) {}
  Handle(Handle&& other) noexcept : held_(std::exchange(other.held_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~Handle() { Destroy(&held_); }

  const T& get() const { return held_; }
  T* out() { return &held_; }

 private:
  T held_{};
};

using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using ExtractedStatements = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using PreparedStatement = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using PendingResult = Handle<duckdb_pending_result, duckdb_destroy_pending>;
using QueryResult = Handle<duckdb_result, duckdb_destroy_result>;
using DataChunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;

}  // namespace datahub::query
