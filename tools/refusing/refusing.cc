// A disk that refuses: of the calls of some kinds below a root the N-th one fails.
//   REFUSING_ROOT=/data REFUSING_CALLS=write,sync REFUSING_ERROR=28 REFUSING_AT=17 LD_PRELOAD=…/librefusing.so program …
// With REFUSING_ON=1 all later ones fail too; with REFUSING_WHILE=/scratch/broken, instead of a number, all as long as that
// file is there. With REFUSING_COUNT=/scratch/count nothing fails: the process leaves there how many calls it made, a line
// for each kind.
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSING_AS(name) __asm__(#name) __attribute__((visibility("default"), used))
#define REFUSING_ALIAS(type, function, arguments, name, original) \
  extern "C" type function arguments __asm__(#name) __attribute__((visibility("default"), used, alias(#original)))

namespace refusing {
namespace {

enum class Call { kLook, kRead, kOpen, kCreate, kWrite, kName, kSync };
constexpr std::array kNames = {"look", "read", "open", "create", "write", "name", "sync"};

class Plan {
 public:
  static Plan& Get() {
    static Plan plan;
    return plan;
  }

  // Whether this call fails; errno is set then.
  bool Refuses(Call call, int at, const char* path) {
    if (!active_ || path == nullptr) return false;
    if (path[0] == '/') return IsBelow(path) && Refuses(call);
    std::string whole = PathOf(at);
    whole += '/';
    whole += path;
    return IsBelow(whole.c_str()) && Refuses(call);
  }
  bool Refuses(Call call, int fd) {
    return active_ && fd > STDERR_FILENO && IsBelow(PathOf(fd).c_str()) && Refuses(call);
  }

  ~Plan() {
    if (!active_ || count_.empty()) return;
    active_ = false;
    std::FILE* const file = std::fopen(count_.c_str(), "w");
    if (file == nullptr) return;
    for (size_t i = 0; i < kNames.size(); ++i) std::fprintf(file, "%s %ld\n", kNames[i], seen_[i].load());
    std::fclose(file);
  }

 private:
  Plan() {
    const auto setting = [](const char* name) { return std::string(std::getenv(name) ? std::getenv(name) : ""); };
    root_ = setting("REFUSING_ROOT");
    error_ = std::atoi(setting("REFUSING_ERROR").c_str());
    at_ = std::atol(setting("REFUSING_AT").c_str());
    on_ = !setting("REFUSING_ON").empty();
    while_ = setting("REFUSING_WHILE");
    count_ = setting("REFUSING_COUNT");
    const std::string calls = "," + setting("REFUSING_CALLS") + ",";
    for (size_t i = 0; i < kNames.size(); ++i) fails_[i] = calls.contains("," + std::string(kNames[i]) + ",");
    active_ = !root_.empty();
  }

  bool IsBelow(const char* path) const { return std::strncmp(path, root_.c_str(), root_.size()) == 0; }

  static std::string PathOf(int fd) {
    char link[64] = "/proc/self/cwd";
    if (fd != AT_FDCWD) std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    char path[PATH_MAX];
    const long size = ::syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path));
    return size <= 0 ? "" : std::string(path, static_cast<size_t>(size));
  }

  bool Refuses(Call call) {
    const auto kind = static_cast<size_t>(call);
    ++seen_[kind];
    if (!count_.empty() || !fails_[kind]) return false;
    if (!while_.empty()) {
      if (::syscall(SYS_faccessat, AT_FDCWD, while_.c_str(), F_OK) != 0) return false;
    } else {
      const long number = ++failable_;
      if (number < at_ || (number > at_ && !on_)) return false;
    }
    errno = error_;
    return true;
  }

  bool active_ = false;
  bool on_ = false;
  std::string root_;
  std::string while_;
  std::string count_;
  int error_ = 0;
  long at_ = 0;
  std::atomic<long> failable_ = 0;
  std::array<std::atomic<long>, kNames.size()> seen_{};
  std::array<bool, kNames.size()> fails_{};
};

template <class Do>
long TryAt(Call call, int at, const char* path, Do&& go) {
  const int saved = errno;
  if (Plan::Get().Refuses(call, at, path)) return -1;
  errno = saved;
  return go();
}

template <class Do>
long TryFile(Call call, int fd, Do&& go) {
  const int saved = errno;
  if (Plan::Get().Refuses(call, fd)) return -1;
  errno = saved;
  return go();
}

int OpenAt(int at, const char* path, int flags, unsigned mode) {
  const Call call = (flags & O_CREAT) != 0 ? Call::kCreate : Call::kOpen;
  return static_cast<int>(TryAt(call, at, path, [&] { return ::syscall(SYS_openat, at, path, flags, mode); }));
}

int Stat(int at, const char* path, struct stat* to, int flags) {
  return static_cast<int>(TryAt(Call::kLook, at, path, [&] { return ::syscall(SYS_newfstatat, at, path, to, flags); }));
}

}  // namespace
}  // namespace refusing

using refusing::Call;
using refusing::TryAt;
using refusing::TryFile;

extern "C" int Open(const char* path, int flags, ...) REFUSING_AS(open);
extern "C" int Open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  return refusing::OpenAt(AT_FDCWD, path, flags, mode);
}
REFUSING_ALIAS(int, Open64, (const char*, int, ...), open64, open);

extern "C" int Openat(int at, const char* path, int flags, ...) REFUSING_AS(openat);
extern "C" int Openat(int at, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  return refusing::OpenAt(at, path, flags, mode);
}
REFUSING_ALIAS(int, Openat64, (int, const char*, int, ...), openat64, openat);

extern "C" DIR* Opendir(const char* path) REFUSING_AS(opendir);
extern "C" DIR* Opendir(const char* path) {
  static const auto original = reinterpret_cast<DIR* (*)(const char*)>(::dlsym(RTLD_NEXT, "opendir"));
  return TryAt(Call::kOpen, AT_FDCWD, path, [] { return 0; }) == 0 ? original(path) : nullptr;
}

extern "C" int Stat(const char* path, struct stat* to) REFUSING_AS(stat);
extern "C" int Stat(const char* path, struct stat* to) { return refusing::Stat(AT_FDCWD, path, to, 0); }
REFUSING_ALIAS(int, Stat64, (const char*, struct stat*), stat64, stat);

extern "C" int Lstat(const char* path, struct stat* to) REFUSING_AS(lstat);
extern "C" int Lstat(const char* path, struct stat* to) {
  return refusing::Stat(AT_FDCWD, path, to, AT_SYMLINK_NOFOLLOW);
}
REFUSING_ALIAS(int, Lstat64, (const char*, struct stat*), lstat64, lstat);

extern "C" int Fstatat(int at, const char* path, struct stat* to, int flags) REFUSING_AS(fstatat);
extern "C" int Fstatat(int at, const char* path, struct stat* to, int flags) {
  return refusing::Stat(at, path, to, flags);
}
REFUSING_ALIAS(int, Fstatat64, (int, const char*, struct stat*, int), fstatat64, fstatat);

extern "C" int Statx(int at, const char* path, int flags, unsigned mask, struct statx* to) REFUSING_AS(statx);
extern "C" int Statx(int at, const char* path, int flags, unsigned mask, struct statx* to) {
  const auto go = [&] { return ::syscall(SYS_statx, at, path, flags, mask, to); };
  return static_cast<int>(path[0] == '\0' ? TryFile(Call::kLook, at, go) : TryAt(Call::kLook, at, path, go));
}

extern "C" int Access(const char* path, int mode) REFUSING_AS(access);
extern "C" int Access(const char* path, int mode) {
  return static_cast<int>(
      TryAt(Call::kLook, AT_FDCWD, path, [&] { return ::syscall(SYS_faccessat, AT_FDCWD, path, mode); }));
}

extern "C" ssize_t Read(int fd, void* bytes, size_t size) REFUSING_AS(read);
extern "C" ssize_t Read(int fd, void* bytes, size_t size) {
  return TryFile(Call::kRead, fd, [&] { return ::syscall(SYS_read, fd, bytes, size); });
}

extern "C" ssize_t Pread(int fd, void* bytes, size_t size, off64_t offset) REFUSING_AS(pread);
extern "C" ssize_t Pread(int fd, void* bytes, size_t size, off64_t offset) {
  return TryFile(Call::kRead, fd, [&] { return ::syscall(SYS_pread64, fd, bytes, size, offset); });
}
REFUSING_ALIAS(ssize_t, Pread64, (int, void*, size_t, off64_t), pread64, pread);

extern "C" ssize_t Write(int fd, const void* bytes, size_t size) REFUSING_AS(write);
extern "C" ssize_t Write(int fd, const void* bytes, size_t size) {
  return TryFile(Call::kWrite, fd, [&] { return ::syscall(SYS_write, fd, bytes, size); });
}

extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) REFUSING_AS(pwrite);
extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) {
  return TryFile(Call::kWrite, fd, [&] { return ::syscall(SYS_pwrite64, fd, bytes, size, offset); });
}
REFUSING_ALIAS(ssize_t, Pwrite64, (int, const void*, size_t, off64_t), pwrite64, pwrite);

extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) REFUSING_AS(posix_fallocate);
extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) {
  const int saved = errno;
  const long done = TryFile(Call::kWrite, fd, [&] { return ::syscall(SYS_fallocate, fd, 0, offset, size); });
  const int failure = done == 0 ? 0 : errno;
  errno = saved;
  return failure;
}
REFUSING_ALIAS(int, PosixFallocate64, (int, off64_t, off64_t), posix_fallocate64, posix_fallocate);

extern "C" int Ftruncate(int fd, off64_t size) REFUSING_AS(ftruncate);
extern "C" int Ftruncate(int fd, off64_t size) {
  return static_cast<int>(TryFile(Call::kWrite, fd, [&] { return ::syscall(SYS_ftruncate, fd, size); }));
}
REFUSING_ALIAS(int, Ftruncate64, (int, off64_t), ftruncate64, ftruncate);

extern "C" int Fsync(int fd) REFUSING_AS(fsync);
extern "C" int Fsync(int fd) {
  return static_cast<int>(TryFile(Call::kSync, fd, [&] { return ::syscall(SYS_fsync, fd); }));
}

extern "C" int Fdatasync(int fd) REFUSING_AS(fdatasync);
extern "C" int Fdatasync(int fd) {
  return static_cast<int>(TryFile(Call::kSync, fd, [&] { return ::syscall(SYS_fdatasync, fd); }));
}

extern "C" int Rename(const char* from, const char* to) REFUSING_AS(rename);
extern "C" int Rename(const char* from, const char* to) {
  const auto go = [&] { return ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); };
  return static_cast<int>(TryAt(Call::kName, AT_FDCWD, to, go));
}

extern "C" int Renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags)
    REFUSING_AS(renameat2);
extern "C" int Renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  const auto go = [&] { return ::syscall(SYS_renameat2, from_at, from, to_at, to, flags); };
  return static_cast<int>(TryAt(Call::kName, to_at, to, go));
}

extern "C" int Unlink(const char* path) REFUSING_AS(unlink);
extern "C" int Unlink(const char* path) {
  return static_cast<int>(
      TryAt(Call::kName, AT_FDCWD, path, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, path, 0); }));
}

extern "C" int Unlinkat(int at, const char* path, int flags) REFUSING_AS(unlinkat);
extern "C" int Unlinkat(int at, const char* path, int flags) {
  return static_cast<int>(TryAt(Call::kName, at, path, [&] { return ::syscall(SYS_unlinkat, at, path, flags); }));
}

extern "C" int Mkdir(const char* path, mode_t mode) REFUSING_AS(mkdir);
extern "C" int Mkdir(const char* path, mode_t mode) {
  return static_cast<int>(
      TryAt(Call::kName, AT_FDCWD, path, [&] { return ::syscall(SYS_mkdirat, AT_FDCWD, path, mode); }));
}

extern "C" int Rmdir(const char* path) REFUSING_AS(rmdir);
extern "C" int Rmdir(const char* path) {
  return static_cast<int>(
      TryAt(Call::kName, AT_FDCWD, path, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }));
}
