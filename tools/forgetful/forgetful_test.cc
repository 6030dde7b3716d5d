// The model of the disk: what survives, and what does not.
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "killed_run.h"

namespace forgetful {
namespace {

namespace fs = std::filesystem;

// What a scenario does, and what the tree must be afterwards.
#define SCENARIO(name)                             \
  void name(const std::string& root);              \
  const Registration register_##name(#name, name); \
  void name([[maybe_unused]] const std::string& root)

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::abort();
}
#define CHECK_THAT(expression) Check((expression), #expression)

void Spill(const std::string& path, const std::string& bytes, bool sync, int flags = O_CREAT | O_TRUNC) {
  const int fd = ::open(path.c_str(), O_WRONLY | flags, 0644);
  CHECK_THAT(fd >= 0);
  CHECK_THAT(::write(fd, bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  if (sync) CHECK_THAT(::fdatasync(fd) == 0);
  ::close(fd);
}

void SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY);
  CHECK_THAT(fd >= 0 && ::fsync(fd) == 0);
  ::close(fd);
}

SCENARIO(created_files) {
  Spill(root + "/both", "synced", true);
  Spill(root + "/name", "lost", false);
  SyncFolder(root);
  Spill(root + "/bytes", "synced", true);  // its name is not
  std::ofstream(root + "/stream") << "lost";
}

TEST(Forgetful, AFileNeedsItsBytesAndItsNameSynced) {
  ForgetfulDisk disk;
  disk.RunAndForget("created_files");
  EXPECT_EQ(disk.Names(), "both name");
  EXPECT_EQ(disk.Read("both"), "synced");
  EXPECT_EQ(disk.Read("name"), "");
}

SCENARIO(changed_bytes) {
  const int fd = ::open((root + "/file").c_str(), O_RDWR);
  CHECK_THAT(::pwrite(fd, "AB", 2, 0) == 2);
  CHECK_THAT(::fsync(fd) == 0);
  CHECK_THAT(::pwrite(fd, "xyz", 3, 4) == 3);  // over the end
  iovec pieces[2] = {{const_cast<char*>("12"), 2}, {const_cast<char*>("34"), 2}};
  CHECK_THAT(::pwritev(fd, pieces, 2, 1) == 4);
  CHECK_THAT(::ftruncate(fd, 3) == 0);
  CHECK_THAT(::lseek(fd, 0, SEEK_SET) == 0);
  CHECK_THAT(::writev(fd, pieces, 2) == 4);
  CHECK_THAT(::posix_fallocate(fd, 0, 100) == 0);
  CHECK_THAT(::pwrite(fd, "end", 3, 200) == 3);
  const int other = ::open((root + "/cut").c_str(), O_WRONLY | O_TRUNC);
  CHECK_THAT(::write(other, "new", 3) == 3);
  Spill(root + "/grown", "more", false, O_APPEND);
  CHECK_THAT(::truncate((root + "/gone").c_str(), 0) == 0);
}

TEST(Forgetful, BytesGoBackToTheLastSync) {
  ForgetfulDisk disk;
  for (const char* name : {"file", "cut", "grown", "gone"}) std::ofstream(disk.root() + "/" + name) << "abcdef";
  disk.Run("changed_bytes");
  EXPECT_EQ(fs::file_size(disk.root() + "/file"), 203u);
  disk.Forget();
  EXPECT_EQ(disk.Read("file"), "ABcdef");
  EXPECT_EQ(disk.Read("cut"), "abcdef");
  EXPECT_EQ(disk.Read("grown"), "abcdef");
  EXPECT_EQ(disk.Read("gone"), "abcdef");
}

SCENARIO(renames) {
  for (const char* folder : {"/a", "/b"}) CHECK_THAT(::mkdir((root + folder).c_str(), 0755) == 0);
  SyncFolder(root);
  for (const char* file : {"/a/1", "/a/2", "/a/3", "/b/old"}) Spill(root + file, file, true);
  SyncFolder(root + "/a");
  SyncFolder(root + "/b");
  CHECK_THAT(::rename((root + "/a/1").c_str(), (root + "/b/1").c_str()) == 0);
  SyncFolder(root + "/b");
  CHECK_THAT(::renameat2(AT_FDCWD, (root + "/a/2").c_str(), AT_FDCWD, (root + "/b/2").c_str(), RENAME_NOREPLACE) == 0);
  CHECK_THAT(::renameat2(AT_FDCWD, (root + "/a/3").c_str(), AT_FDCWD, (root + "/b/2").c_str(), RENAME_NOREPLACE) != 0);
  CHECK_THAT(errno == EEXIST);
  CHECK_THAT(::rename((root + "/a/3").c_str(), (root + "/b/old").c_str()) == 0);
  CHECK_THAT(::rename((root + "/b").c_str(), (root + "/c").c_str()) == 0);
}

TEST(Forgetful, ARenameIsDurableWithTheFolderItLeadsTo) {
  ForgetfulDisk disk;
  disk.Run("renames");
  EXPECT_EQ(disk.Names(), "a/ c/ c/1 c/2 c/old");
  disk.Forget();
  EXPECT_EQ(disk.Names(), "a/ a/2 a/3 b/ b/1 b/old");
  EXPECT_EQ(disk.Read("b/old"), "/b/old");
  EXPECT_EQ(disk.Read("a/3"), "/a/3");
}

SCENARIO(removals) {
  CHECK_THAT(::unlink((root + "/a/synced").c_str()) == 0);
  SyncFolder(root + "/a");
  CHECK_THAT(::unlinkat(AT_FDCWD, (root + "/a/lost").c_str(), 0) == 0);
  CHECK_THAT(::rmdir((root + "/a").c_str()) == 0);
  CHECK_THAT(::remove((root + "/changed").c_str()) == 0);
  Spill(root + "/changed", "another file of that name", true);
}

TEST(Forgetful, RemovedNamesComeBack) {
  ForgetfulDisk disk;
  fs::create_directory(disk.root() + "/a");
  for (const char* name : {"a/synced", "a/lost", "changed"}) std::ofstream(disk.root() + "/" + name) << name;
  disk.Run("removals");
  EXPECT_EQ(disk.Names(), "changed");
  disk.Forget();
  EXPECT_EQ(disk.Names(), "a/ a/lost changed");
  EXPECT_EQ(disk.Read("changed"), "changed");
  EXPECT_EQ(disk.Read("a/lost"), "a/lost");
}

SCENARIO(folders) {
  fs::create_directories(root + "/a/b/c");
  Spill(root + "/a/b/c/file", "synced", true);
  SyncFolder(root + "/a/b/c");
  SyncFolder(root + "/a/b");
  SyncFolder(root);  // not a: the name b is lost, and all below it
}

TEST(Forgetful, AFolderNeedsItsParentSynced) {
  ForgetfulDisk disk;
  disk.RunAndForget("folders");
  EXPECT_EQ(disk.Names(), "a/");
}

SCENARIO(forked) {
  Spill(root + "/parent", "synced", true);
  if (const pid_t child = ::fork(); child == 0) {
    Spill(root + "/child", "synced", true);
    ::_exit(0);
  } else {
    int status = 0;
    ::waitpid(child, &status, 0);
  }
  SyncFolder(root);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&root, t] {
      for (int i = 0; i < 50; ++i) Spill(root + "/" + std::to_string(t), "x", i < 20, O_CREAT | O_APPEND);
    });
  }
  threads.clear();
  SyncFolder(root);
}

TEST(Forgetful, ProcessesAndThreadsShareAJournal) {
  ForgetfulDisk disk;
  disk.RunAndForget("forked");
  EXPECT_EQ(disk.Names(), "0 1 2 3 child parent");
  for (const char* name : {"0", "1", "2", "3"}) EXPECT_EQ(disk.Read(name), std::string(20, 'x'));
}

// What one life lost stays lost in the next, and what it synced stays.
TEST(Forgetful, LivesFollowEachOther) {
  ForgetfulDisk disk;
  disk.RunAndForget("created_files");
  disk.RunAndForget("created_files");
  EXPECT_EQ(disk.Read("both"), "synced");
  EXPECT_EQ(disk.Names(), "both name");
}

SCENARIO(failed_syncs) {
  const int fd = ::open((root + "/file").c_str(), O_RDWR | O_CREAT, 0644);
  SyncFolder(root);
  CHECK_THAT(::write(fd, "1", 1) == 1 && ::fsync(fd) == 0);
  CHECK_THAT(::write(fd, "2", 1) == 1 && ::fsync(fd) == -1 && errno == EIO);
  Acknowledge(1);
}

TEST(Forgetful, SyncsCanFailAndBeIgnored) {
  ForgetfulDisk disk;
  disk.Set("FORGETFUL_FAIL_SYNC", "2:file");
  EXPECT_EQ(disk.RunAndForget("failed_syncs"), 1);
  EXPECT_EQ(disk.Read("file"), "1");
  ForgetfulDisk other;
  other.Set("FORGETFUL_IGNORE_SYNC", "bo*");
  other.RunAndForget("created_files");
  EXPECT_EQ(other.Names(), "both name");
  EXPECT_EQ(other.Read("both"), "");
}

// Rows that were inserted, one transaction each, before the kill.
constexpr int kRows = 40;

void InsertRows(const std::string& path, const char* pragmas) {
  sqlite3* database = nullptr;
  CHECK_THAT(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  auto run = [&](const char* sql) { CHECK_THAT(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK); };
  run(pragmas);
  run("CREATE TABLE IF NOT EXISTS t (x)");
  for (int i = 1; i <= kRows; ++i) {
    run("INSERT INTO t VALUES (randomblob(200))");
    Acknowledge(i);
  }
}

int CountRows(const std::string& path) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  sqlite3_open(path.c_str(), &database);
  int rows = -1;
  if (sqlite3_prepare_v2(database, "SELECT count(*) FROM t", -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    rows = sqlite3_column_int(statement, 0);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return rows;
}

SCENARIO(sqlite_full) {
  InsertRows(root + "/db", "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=10");
}
SCENARIO(sqlite_normal) { InsertRows(root + "/db", "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"); }
SCENARIO(sqlite_off) { InsertRows(root + "/db", "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"); }
// FULL does not sync the folder after the rollback journal is removed, so its last commit can be rolled back.
SCENARIO(sqlite_journal_full) { InsertRows(root + "/db", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL"); }
SCENARIO(sqlite_rollback) { InsertRows(root + "/db", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA"); }

TEST(ForgetfulSqlite, SyncedCommitsStay) {
  for (const char* scenario : {"sqlite_full", "sqlite_rollback"}) {
    ForgetfulDisk disk;
    EXPECT_EQ(disk.RunAndForget(scenario), kRows);
    EXPECT_EQ(CountRows(disk.root() + "/db"), kRows) << scenario;
    EXPECT_EQ(disk.RunAndForget(scenario), kRows);
    EXPECT_EQ(CountRows(disk.root() + "/db"), 2 * kRows) << scenario;
  }
}

TEST(ForgetfulSqlite, LessLosesCommits) {
  for (const char* scenario : {"sqlite_off", "sqlite_normal", "sqlite_journal_full"}) {
    ForgetfulDisk disk;
    EXPECT_EQ(disk.RunAndForget(scenario), kRows);
    EXPECT_LT(CountRows(disk.root() + "/db"), kRows) << scenario;
  }
}

TEST(ForgetfulSqlite, FullWithoutTheWalsSyncLosesCommits) {
  ForgetfulDisk disk;
  disk.Set("FORGETFUL_IGNORE_SYNC", "db-wal");
  EXPECT_EQ(disk.RunAndForget("sqlite_full"), kRows);
  EXPECT_LT(CountRows(disk.root() + "/db"), kRows);
}

}  // namespace
}  // namespace forgetful

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--scenario") return forgetful::RunScenario(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
