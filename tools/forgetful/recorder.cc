#include "recorder.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Everything here uses raw system calls: the C library's names lead back into this library.

namespace forgetful {
namespace {

constexpr int kJournalDescriptor = 900;  // out of the way of programs that count on low numbers

pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
thread_local int depth = 0;

int RawOpen(int at, const char* path, int flags, int mode = 0) {
  return static_cast<int>(::syscall(SYS_openat, at, path, flags | O_CLOEXEC, mode));
}

void RawClose(int fd) { ::syscall(SYS_close, fd); }

std::string PathOf(int fd) {
  char link[64];
  char path[PATH_MAX];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof(path));
  return size < 0 ? std::string() : std::string(path, static_cast<size_t>(size));
}

// "a/b/c" -> "a/b", "c".
std::pair<std::string, std::string> Split(const char* path) {
  std::string text = path == nullptr ? "" : path;
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  const size_t slash = text.rfind('/');
  if (slash == text.npos) return {".", text};
  return {slash == 0 ? "/" : text.substr(0, slash), text.substr(slash + 1)};
}

std::string Env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void Refuse(const std::string& what) {
  const std::string line = "forgetful: " + what + "\n";
  ::syscall(SYS_write, 2, line.data(), line.size());
  std::abort();
}

Place::Place(int folder, FileId folder_id, std::string name)
    : folder_(folder), folder_id_(folder_id), name_(std::move(name)) {}

Place::~Place() {
  if (folder_ >= 0) RawClose(folder_);
}

Place::Place(Place&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), folder_id_(other.folder_id_), name_(std::move(other.name_)) {}

bool Place::exists() const {
  struct stat facts;
  return ::fstatat(folder_, name_.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Place::is_folder() const {
  struct stat facts;
  return ::fstatat(folder_, name_.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

Recorder& Recorder::Get() {
  static Recorder* recorder = new Recorder;  // never destroyed: files are written until the very end
  return *recorder;
}

Recorder::Recorder() {
  const std::string root = Env("FORGETFUL_ROOT");
  journal_ = Env("FORGETFUL_JOURNAL");
  if (root.empty() || journal_.empty()) return;
  const int fd = RawOpen(AT_FDCWD, root.c_str(), O_PATH | O_DIRECTORY);
  if (fd < 0) Refuse("FORGETFUL_ROOT " + root + " is not a folder that exists");
  root_ = PathOf(fd);
  struct stat facts;
  ::fstat(fd, &facts);
  device_ = facts.st_dev;
  RawClose(fd);
  ignore_sync_ = Env("FORGETFUL_IGNORE_SYNC");
  fail_sync_ = Env("FORGETFUL_FAIL_SYNC");
  if (!fail_sync_.empty()) {
    const size_t colon = fail_sync_.find(':');
    if (colon == fail_sync_.npos) Refuse("FORGETFUL_FAIL_SYNC is <n>:<pattern>, n = 0 for every one");
    fail_at_ = std::atol(fail_sync_.c_str());
    fail_sync_.erase(0, colon + 1);
  }
  ::syscall(SYS_mkdir, KeptFolder(journal_).c_str(), 0755);
  if (::stat(KeptFolder(journal_).c_str(), &facts) != 0 || facts.st_dev != device_) {
    Refuse("FORGETFUL_JOURNAL must lie on the file system of FORGETFUL_ROOT");
  }
  OpenJournal();
  ClearLeftovers();
  active_ = true;
}

// What an earlier, forgotten journal of the same name kept.
void Recorder::ClearLeftovers() {
  Lock lock(*this);
  if (End() > 0) return;
  const std::string folder = KeptFolder(journal_);
  DIR* directory = ::opendir(folder.c_str());
  while (const dirent* entry = directory == nullptr ? nullptr : ::readdir(directory)) {
    if (::syscall(SYS_unlinkat, ::dirfd(directory), entry->d_name, 0) == 0) continue;
    ::syscall(SYS_unlinkat, ::dirfd(directory), entry->d_name, AT_REMOVEDIR);
  }
  if (directory != nullptr) ::closedir(directory);
}

// A forked child needs an open file of its own, else both would share one flock.
void Recorder::OpenJournal() {
  const int fd = RawOpen(AT_FDCWD, journal_.c_str(), O_RDWR | O_CREAT | O_APPEND, 0644);
  if (fd < 0) Refuse("cannot open the journal " + journal_);
  const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, kJournalDescriptor);
  fd_ = high >= 0 ? high : fd;
  if (high >= 0) RawClose(fd);
  process_ = ::getpid();
}

std::optional<Place> Recorder::Find(int at, const char* path) {
  const auto [folder, name] = Split(path);
  if (name.empty() || name == "." || name == "..") return std::nullopt;
  const int fd = RawOpen(at, folder.c_str(), O_PATH | O_DIRECTORY);
  if (fd < 0) return std::nullopt;
  const std::string real = PathOf(fd);
  if (real != root_ && !real.starts_with(root_ + "/")) {
    RawClose(fd);
    return std::nullopt;
  }
  return Place(fd, IdOf(fd), name);
}

bool Recorder::FolderExists(int at, const char* path) const {
  const int fd = RawOpen(at, Split(path).first.c_str(), O_PATH | O_DIRECTORY);
  if (fd >= 0) RawClose(fd);
  return fd >= 0;
}

std::optional<std::string> Recorder::Tracked(int fd) {
  struct stat facts;
  if (::fstat(fd, &facts) != 0 || facts.st_dev != device_) return std::nullopt;
  if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return std::nullopt;
  const std::string path = PathOf(fd);
  if (path == root_) return std::string();
  if (!path.starts_with(root_ + "/")) return std::nullopt;
  if (path.ends_with("-shm")) return std::nullopt;  // SQLite's shared index is rebuilt, never trusted
  return path.substr(root_.size() + 1);
}

Recorder::Lock::Lock(Recorder& recorder) : recorder_(recorder) {
  const int saved = errno;
  ::pthread_mutex_lock(&mutex);
  outer_ = depth++ == 0;
  if (outer_) {
    if (recorder_.process_ != ::getpid()) recorder_.OpenJournal();
    while (::flock(recorder_.fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  errno = saved;
}

Recorder::Lock::~Lock() {
  const int saved = errno;
  if (outer_) ::flock(recorder_.fd_, LOCK_UN);
  --depth;
  ::pthread_mutex_unlock(&mutex);
  errno = saved;
}

uint64_t Recorder::Append(const Record& record) {
  const uint64_t position = End();
  const std::string bytes = Encode(record);
  size_t done = 0;
  while (done < bytes.size()) {
    const long written = ::syscall(SYS_write, fd_, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) Refuse(std::string("cannot write the journal: ") + std::strerror(errno));
    done += static_cast<size_t>(written);
  }
  return position;
}

void Recorder::Cancel(uint64_t position) {
  const int saved = errno;
  Record record;
  record.kind = Kind::kCancel;
  record.until = position;
  Append(record);
  errno = saved;
}

uint64_t Recorder::End() { return static_cast<uint64_t>(::syscall(SYS_lseek, fd_, 0, SEEK_END)); }

uint64_t Recorder::NextKept() { return End() + 1; }

uint64_t Recorder::KeepFile(const Place& place) {
  const uint64_t number = NextKept();
  const std::string kept = KeptPath(journal_, number);
  ::syscall(SYS_unlinkat, AT_FDCWD, kept.c_str(), 0);
  if (::syscall(SYS_linkat, place.folder(), place.name().c_str(), AT_FDCWD, kept.c_str(), 0) != 0) {
    Refuse("cannot keep " + place.name() + ": " + std::strerror(errno));
  }
  return number;
}

uint64_t Recorder::RecordBytes(int fd, uint64_t offset, uint64_t bytes) {
  struct stat facts;
  ::fstat(fd, &facts);
  Record record;
  record.kind = Kind::kData;
  record.id = IdOf(fd);
  record.offset = offset;
  record.old_size = static_cast<uint64_t>(facts.st_size);
  if (offset < record.old_size && bytes > 0) {
    record.bytes.resize(std::min(bytes, record.old_size - offset));
    // A second opening only where there is no other way: closing it drops the process's POSIX locks on that file.
    const bool readable = (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const int reader = readable ? fd : RawOpen(AT_FDCWD, link.c_str(), O_RDONLY);
    size_t done = 0;
    while (done < record.bytes.size()) {
      const long got =
          ::syscall(SYS_pread64, reader, record.bytes.data() + done, record.bytes.size() - done, offset + done);
      if (got <= 0) Refuse("cannot read what is about to be overwritten in " + PathOf(fd));
      done += static_cast<size_t>(got);
    }
    if (!readable) RawClose(reader);
  }
  return Append(record);
}

Recorder::Verdict Recorder::JudgeSync(const std::string& path) {
  const char* name = path.empty() ? "." : path.c_str();
  if (!ignore_sync_.empty() && ::fnmatch(ignore_sync_.c_str(), name, FNM_PATHNAME) == 0) return Verdict::kIgnore;
  if (fail_sync_.empty() || ::fnmatch(fail_sync_.c_str(), name, FNM_PATHNAME) != 0) return Verdict::kSync;
  return ++fail_seen_ == fail_at_ || fail_at_ == 0 ? Verdict::kFail : Verdict::kSync;
}

}  // namespace forgetful
