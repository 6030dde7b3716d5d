#include "datahub/ledger/sqlite.h"

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "datahub/base/exhaustion.h"

namespace datahub::ledger {
namespace {

bool MeansNoRoom(int code, int system_error) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return code == SQLITE_IOERR_WRITE && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

Code CodeOf(int code, bool at_commit) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Code::kUnavailable;
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_CORRUPTFS) return Code::kCorruption;
      return at_commit ? Code::kCommitUnknown : Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kCorruption;
    default:
      return Code::kInternal;
  }
}

std::string_view NextStep(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return "; another process holds its write lock, try again when that is done";
    case SQLITE_CANTOPEN:
      if (system_error == EMFILE || system_error == ENFILE) {
        return "; too many files are open: raise the limit (ulimit -n)";
      }
      [[fallthrough]];
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "; the user who runs this needs the right to write the file and its folder";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged: keep it, and put a backup in its place";
    default:
      return "";
  }
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Access access, int busy_wait_ms) {
  sqlite3* handle = nullptr;
  const int mode = access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, mode | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (handle == nullptr) NoMemory();
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return database->Fail(code, "open");
  sqlite3_busy_timeout(handle, busy_wait_ms);
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<void> Database::CheckHealth() const {
  if (!sync_failed_) return {};
  return Error{Code::kCorruption, "ledger " + path_ + ": a sync failed before; check the disk, then start again"};
}

Result<void> Database::Execute(const char* sql) {
  DH_TRY(CheckHealth());
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Fail(code, sql);
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  DH_TRY(CheckHealth());
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (code != SQLITE_OK) return Fail(code, sql);
  return Statement(*this, handle);
}

int64_t Database::changes() const { return sqlite3_changes64(handle_); }

Error Database::Fail(int code, std::string_view what, bool at_commit) {
  if ((code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM) NoMemory();
  sync_failed_ = sync_failed_ || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
  const int system_error = sqlite3_system_errno(handle_);
  std::string message = "ledger " + path_ + ": " + std::string(what) + " failed";
  if (MeansNoRoom(code, system_error)) {
    return Error{Code::kDiskFull, message + ", the disk is full; free space, then go on: nothing is lost (" +
                                      sqlite3_errmsg(handle_) + ")"};
  }
  const Code meaning = CodeOf(code, at_commit);
  if (meaning == Code::kCommitUnknown) message += "; whether it is on disk is not known, look before going on";
  message += NextStep(code, system_error);
  message += " (" + std::string(sqlite3_errmsg(handle_)) + ", SQLite code " + std::to_string(code) + ")";
  return Error{meaning, std::move(message)};
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)), bound_(other.bound_) {}

Statement& Statement::Bind(int64_t value) {
  const int code = sqlite3_bind_int64(handle_, ++bound_, value);
  DH_ASSERT(code == SQLITE_OK);
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  const int code = sqlite3_bind_text64(handle_, ++bound_, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code == SQLITE_NOMEM) NoMemory();  // it would be NULL
  DH_ASSERT(code == SQLITE_OK || code == SQLITE_TOOBIG);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->Fail(code, sqlite3_sql(handle_));
}

Result<void> Statement::Run() {
  const bool row = DH_TRY(Step());
  DH_ASSERT(!row);
  Reset();
  return {};
}

void Statement::Reset() {
  sqlite3_reset(handle_);
  bound_ = 0;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(handle_, column); }

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (text == nullptr && sqlite3_errcode(database_->handle()) == SQLITE_NOMEM) NoMemory();  // not a NULL
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
}

Result<Transaction> Transaction::Begin(Database& database) {
  DH_TRY(database.Execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0) (void)database_->Execute("ROLLBACK");
}

Result<void> Transaction::Commit() && {
  const int code = sqlite3_exec(database_->handle(), "COMMIT", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return database_->Fail(code, "COMMIT", true);  // the destructor rolls back what is still open
  return {};
}

}  // namespace datahub::ledger
