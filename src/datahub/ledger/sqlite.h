#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "datahub/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace datahub::ledger {

class Statement;

// One connection to one SQLite file.
//
// Errors   DiskFull · Unavailable (locked by another process, I/O) · Corruption (also all after a failed sync) · Internal (a
//          statement of ours is wrong)
// Threads  one thread at a time
class Database {
 public:
  enum class Access { kReadWriteCreate, kReadOnly };

  // Waits up to `busy_wait_ms` for another process's transaction; then Unavailable.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Access access, int busy_wait_ms);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Statements without values and without rows.
  Result<void> Execute(const char* sql);
  Result<Statement> Prepare(std::string_view sql);

  // Rows that the last INSERT, UPDATE or DELETE touched.
  int64_t changes() const;

  // SQLite's result code as an Error that names the file. `at_commit`: the outcome of a failed write or sync is unknown.
  // A failed sync stops the connection for good: what the page cache shows after it may not be on disk.
  Error Fail(int code, std::string_view what, bool at_commit = false);
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  Result<void> CheckHealth() const;
  sqlite3* handle_;
  std::string path_;
  bool sync_failed_ = false;
};

// A prepared statement: bind from 1, step, read columns from 0. Reset() readies it for the next values.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  Statement& Bind(int64_t value);
  Statement& Bind(uint64_t value) { return Bind(static_cast<int64_t>(value)); }
  Statement& Bind(int value) { return Bind(static_cast<int64_t>(value)); }
  Statement& Bind(std::string_view text);  // copied

  // True when there is a row.
  Result<bool> Step();
  // Steps a statement that gives no rows.
  Result<void> Run();
  void Reset();

  int64_t Int(int column) const;
  uint64_t Unsigned(int column) const { return static_cast<uint64_t>(Int(column)); }
  std::string Text(int column) const;

 private:
  Database* database_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
};

// BEGIN IMMEDIATE: the write lock is taken at the beginning, so what is read inside cannot change before the commit.
// Dropped without Commit() it rolls back.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  // CommitUnknown when writing or syncing failed: what is on disk shows only at the next look.
  Result<void> Commit() &&;

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace datahub::ledger
