#include "datahub/ledger/ledger_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "datahub/base/crash_point.h"

namespace datahub::ledger {
namespace {

constexpr int64_t kApplicationId = 0x64684C67;  // "dhLg" at byte 68 of the file

// A commit's record is one JSON text, written with the intent; files, partitions and positions are what queries and
// checks need of all of them. `state`: 0 intent, 1 committed, 2 abandoned.
constexpr char kTables[] = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE incarnations (
  counter INTEGER PRIMARY KEY, random TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL,
  since_us INTEGER NOT NULL);
CREATE TABLE commits (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL, target TEXT NOT NULL,
  state INTEGER NOT NULL, record TEXT NOT NULL, created_at_us INTEGER NOT NULL, committed_at_us INTEGER NOT NULL);
CREATE UNIQUE INDEX one_open_intent ON commits (target) WHERE state = 0;
CREATE INDEX commits_of_pipeline ON commits (pipeline, number, id) WHERE state = 1;
CREATE TABLE positions (
  source TEXT NOT NULL, shard TEXT NOT NULL, target TEXT NOT NULL, position TEXT NOT NULL,
  PRIMARY KEY (source, shard, target)) WITHOUT ROWID;
CREATE TABLE files (
  table_name TEXT NOT NULL, key TEXT NOT NULL, bytes INTEGER NOT NULL, checksum TEXT NOT NULL, rows INTEGER NOT NULL,
  partition TEXT NOT NULL, schema_version INTEGER NOT NULL, layout TEXT NOT NULL, contract_version INTEGER NOT NULL,
  added_by INTEGER NOT NULL REFERENCES commits (number), leaving_by INTEGER REFERENCES commits (number),
  damage TEXT NOT NULL, PRIMARY KEY (table_name, key)) WITHOUT ROWID;
CREATE INDEX files_of_partition ON files (table_name, partition);
CREATE INDEX files_leaving ON files (leaving_by) WHERE leaving_by IS NOT NULL;
CREATE TABLE removed_files (
  table_name TEXT NOT NULL, key TEXT NOT NULL, removed_by INTEGER NOT NULL REFERENCES commits (number),
  removed_at_us INTEGER NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY (table_name, key)) WITHOUT ROWID;
CREATE TABLE lost_moves (
  number INTEGER NOT NULL REFERENCES commits (number), source TEXT NOT NULL, shard TEXT NOT NULL, target TEXT NOT NULL,
  from_position TEXT NOT NULL, to_position TEXT NOT NULL, PRIMARY KEY (number, source, shard)) WITHOUT ROWID;
CREATE TABLE partitions (
  table_name TEXT NOT NULL, partition TEXT NOT NULL, registered INTEGER NOT NULL,
  PRIMARY KEY (table_name, partition)) WITHOUT ROWID;
CREATE TABLE columns (
  table_name TEXT NOT NULL, version INTEGER NOT NULL, folder TEXT NOT NULL, schema TEXT NOT NULL,
  partition_keys TEXT NOT NULL,
  PRIMARY KEY (table_name, version)) WITHOUT ROWID;
CREATE TABLE contract_versions (
  number INTEGER PRIMARY KEY AUTOINCREMENT, pipeline TEXT NOT NULL, contract TEXT NOT NULL, version INTEGER NOT NULL,
  checksum TEXT NOT NULL, after_commit TEXT NOT NULL, since_us INTEGER NOT NULL);
CREATE TABLE landed_contracts (
  table_name TEXT NOT NULL, contract TEXT NOT NULL, version INTEGER NOT NULL, checksum TEXT NOT NULL,
  PRIMARY KEY (table_name, contract, version)) WITHOUT ROWID;
)";

Error FolderError(int error_number, std::string_view what, const std::string& path) {
  return ErrnoError(error_number, fmt::format("cannot {} {}", what, path));
}

Result<void> SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FolderError(errno, "open the folder", path);
  const int failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failure == 0) return {};
  Error error = FolderError(failure, "sync", path);
  error.code = Code::kCorruption;
  error.message += "; check the disk, then start again";
  return error;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The folder's own name is synced each time: an earlier process may have died between making and syncing it.
Result<void> MakeFolder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return FolderError(errno, "make the folder", folder);
  auto synced = SyncFolder(FolderOf(folder));
  if (!synced && synced.error().code == Code::kCorruption) return synced;
  return {};  // a parent that we may not read is not one that we made the folder in
}

Result<int64_t> OneNumber(Database& database, const char* sql) {
  Statement statement = DH_TRY(database.Prepare(sql));
  DH_TRY(statement.Step());
  return statement.Int(0);
}

Result<std::string> OneText(Database& database, const char* sql) {
  Statement statement = DH_TRY(database.Prepare(sql));
  DH_TRY(statement.Step());
  return statement.Text(0);
}

enum class Content { kNothing, kLedger };

// In one statement: somebody may be making the tables.
Result<Content> Identify(Database& database) {
  Statement statement = DH_TRY(
      database.Prepare("SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"));
  DH_TRY(statement.Step());
  const int64_t application = statement.Int(0);
  const int64_t tables = statement.Int(1);
  if (application == kApplicationId && tables > 0) return Content::kLedger;
  if (application == 0 && tables == 0) return Content::kNothing;
  return Error{Code::kInvalidInput,
               database.path() + " is a SQLite file of another program; give the ledger another path"};
}

// What is no number, or not there, is damage.
Result<int64_t> VersionOf(Database& database) {
  const int64_t there = DH_TRY(OneNumber(database, "SELECT count(*) FROM sqlite_master WHERE name = 'meta'"));
  if (there == 0) return int64_t(0);
  return OneNumber(database, "SELECT value FROM meta WHERE key = 'schema_version'");
}

Result<void> CheckVersion(Database& database) {
  const int64_t version = DH_TRY(VersionOf(database));
  if (version == kSchemaVersion) return {};
  if (version > 0) {
    return Error{
        Code::kInvalidInput,
        fmt::format("ledger {} was made by {} datahub (its tables are version {}, this program's {}); use the "
                    "datahub that made it, or begin anew with another state folder and lake: sources are "
                    "read from their beginning",
                    database.path(), version > kSchemaVersion ? "a newer" : "an older", version, kSchemaVersion)};
  }
  return Error{Code::kCorruption, "ledger " + database.path() + " does not say its version; put a backup in its place"};
}

Result<void> SetDurability(Database& database) {
  const std::string journal = DH_TRY(OneText(database, "PRAGMA journal_mode = WAL"));
  if (journal != "wal") {
    return Error{Code::kUnavailable, "ledger " + database.path() + ": its file system cannot hold a write-ahead log (" +
                                         journal + "); put the project on a local disk"};
  }
  return database.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
}

// Somebody may have put an empty file there, and two processes find it: the second one finds the tables.
Result<void> MakeTables(Database& database) {
  Transaction transaction = DH_TRY(Transaction::Begin(database));
  const Content content = DH_TRY(Identify(database));
  if (content == Content::kLedger) return {};
  const uint64_t high = DH_TRY(RandomBits());
  const uint64_t low = DH_TRY(RandomBits());
  DH_TRY(database.Execute(kTables));
  DH_TRY(database.Execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str()));
  Statement insert = DH_TRY(database.Prepare("INSERT INTO meta VALUES (?, ?)"));
  DH_TRY(insert.Bind("schema_version").Bind(std::to_string(kSchemaVersion)).Run());
  DH_TRY(insert.Bind("lake_id").Bind(fmt::format("{:016x}{:016x}", high, low)).Run());
  return std::move(transaction).Commit();
}

bool IsThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Only its owner may read it. SQLite gives the same permissions to what lies beside it (WAL, shared memory).
Result<void> MakePrivate(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return FolderError(errno, "create", path);
  ::close(fd);
  return {};
}

Result<void> SyncFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FolderError(errno, "open", path);
  const int failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failure == 0) return {};
  Error error = FolderError(failure, "sync", path);
  error.code = Code::kCorruption;
  return error;
}

constexpr std::string_view kMaking = ".making-";

// A whole ledger under another name, then its own. Whoever else does the same at this moment: one of them gets the name.
Result<void> MakeLedger(const std::string& path, int busy_wait_ms) {
  const uint64_t random = DH_TRY(RandomBits());
  const std::string making = fmt::format("{}{}{:016x}", path, kMaking, random);
  const auto make = [&]() -> Result<void> {
    DH_TRY(MakePrivate(making));
    {
      auto database = DH_TRY(Database::Open(making, Database::Access::kReadWriteCreate, busy_wait_ms));
      CrashPoint("ledger.file_created");
      DH_TRY(database->Execute("PRAGMA synchronous = FULL"));
      DH_TRY(MakeTables(*database));
      DH_TRY(SetDurability(*database));  // the file remembers that it has a WAL, which goes with this connection
    }
    DH_TRY(SyncFile(making));
    CrashPoint("ledger.made");
    if (::renameat2(AT_FDCWD, making.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return {};
    return FolderError(errno, "name", path);
  };
  const Result<void> made = make();
  if (made) {
    CrashPoint("ledger.created");
    return {};
  }
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((making + suffix).c_str());
  if (IsThere(path)) return {};  // another one was faster
  return made;
}

// What creations that were cut off left. One that is under way then finds that another was faster.
void RemoveUnfinished(const std::string& path) {
  const std::string prefix = path.substr(path.rfind('/') + 1) + std::string(kMaking);
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(FolderOf(path), ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    if (at->path().filename().string().starts_with(prefix)) ::unlink(at->path().c_str());
  }
}

// A WAL of a file that is gone would be taken for the new one's.
Result<void> CheckNoStrayWal(const std::string& path) {
  const std::string wal = path + "-wal";
  if (!IsThere(wal) || IsThere(path) || !IsThere(wal)) return {};
  return Error{Code::kCorruption,
               fmt::format("the ledger {} is gone, but its {} is there: put both back from one backup, or move that "
                           "away too to begin with an empty ledger",
                           path, wal)};
}

Result<std::unique_ptr<Database>> OpenForReading(const std::string& path, int busy_wait_ms) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return Error{Code::kNotFound, "there is no ledger at " + path + "; nothing was run in this project yet"};
  }
  auto database = DH_TRY(Database::Open(path, Database::Access::kReadOnly, busy_wait_ms));
  const Content content = DH_TRY(Identify(*database));
  if (content == Content::kNothing) {
    return Error{Code::kNotFound, "the ledger at " + path + " is empty; nothing was run in this project yet"};
  }
  DH_TRY(CheckVersion(*database));
  return database;
}

}  // namespace

Result<uint64_t> RandomBits() {
  uint64_t bits = 0;
  while (true) {
    const ssize_t got = ::getrandom(&bits, sizeof(bits), 0);
    if (got == sizeof(bits)) return bits;
    if (got < 0 && errno == EINTR) continue;
    return FolderError(errno, "read", "random bits from the system");
  }
}

Result<std::unique_ptr<Database>> OpenLedgerFile(const std::string& path, OpenMode mode, int busy_wait_ms) {
  if (mode == OpenMode::kReadOnly) return OpenForReading(path, busy_wait_ms);
  const std::string folder = FolderOf(path);
  DH_TRY(MakeFolder(folder));
  DH_TRY(CheckNoStrayWal(path));
  if (!IsThere(path)) DH_TRY(MakeLedger(path, busy_wait_ms));
  RemoveUnfinished(path);
  auto database = DH_TRY(Database::Open(path, Database::Access::kReadWriteCreate, busy_wait_ms));
  const Content content = DH_TRY(Identify(*database));
  DH_TRY(SetDurability(*database));
  if (content == Content::kNothing) DH_TRY(MakeTables(*database));
  DH_TRY(CheckVersion(*database));  // also opens the WAL, so that its name is there to be synced
  DH_TRY(SyncFolder(folder));
  CrashPoint("ledger.opened");
  return database;
}

Result<LedgerFiles> LedgerFiles::Of(const std::string& path) {
  LedgerFiles files;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    One one;
    one.path = path + suffix;
    struct stat facts {};
    if (::stat(one.path.c_str(), &facts) != 0) return FolderError(errno, "look at", one.path);
    one.device = facts.st_dev;
    one.inode = facts.st_ino;
    files.files_.push_back(std::move(one));
  }
  return files;
}

Result<void> LedgerFiles::Check() const {
  for (const One& one : files_) {
    struct stat facts {};
    const bool there = ::stat(one.path.c_str(), &facts) == 0;
    if (there && facts.st_dev == one.device && facts.st_ino == one.inode) continue;
    return Error{
        Code::kCorruption,
        fmt::format("{} was {} while this process wrote the ledger: what it commits would be lost, so it stops. "
                    "Bring back the ledger, its -wal and its lake of one time, then start again",
                    one.path, there ? "replaced" : "removed or moved")};
  }
  return {};
}

}  // namespace datahub::ledger
