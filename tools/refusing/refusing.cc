// A disk that refuses: the N-th call below a root that could fail with an error of the given number fails with it.
//   REFUSING_ROOT=/data REFUSING_ERROR=28 REFUSING_AT=17 REFUSING_COUNT=/scratch/count LD_PRELOAD=…/librefusing.so program …
// Calls that cannot fail so are not counted. At its end the process leaves in REFUSING_COUNT how many it had counted.
// With REFUSING_WHILE=/scratch/broken instead of REFUSING_AT all of them fail as long as that file is there.
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSING_AS(name) __asm__(#name) __attribute__((visibility("default"), used))
#define REFUSING_ALIAS(type, function, arguments, name, original) \
  extern "C" type function arguments __asm__(#name) __attribute__((visibility("default"), used, alias(#original)))

namespace refusing {
namespace {

enum class Call { kRead, kOpen, kCreate, kWrite, kName, kSync };

class Plan {
 public:
  static Plan& Get() {
    static Plan plan;
    return plan;
  }

  // Whether this call fails; errno is set then.
  bool Refuses(Call call, const char* path) {
    if (!active_ || std::strncmp(path, root_.c_str(), root_.size()) != 0 || !CanFail(call)) return false;
    if (while_.empty() ? ++seen_ != at_ : ::syscall(SYS_faccessat, AT_FDCWD, while_.c_str(), F_OK) != 0) return false;
    errno = error_;
    return true;
  }
  bool Refuses(Call call, int fd) {
    if (!active_ || !CanFail(call)) return false;
    char link[64];
    char path[PATH_MAX];
    std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const long size = ::syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
    if (size <= 0) return false;
    path[size] = '\0';
    return Refuses(call, path);
  }

  ~Plan() {
    const char* const count = std::getenv("REFUSING_COUNT");
    if (!active_ || count == nullptr) return;
    active_ = false;
    if (std::FILE* const file = std::fopen(count, "w")) {
      std::fprintf(file, "%ld\n", seen_.load());
      std::fclose(file);
    }
  }

 private:
  Plan() {
    const char* const root = std::getenv("REFUSING_ROOT");
    const char* const error = std::getenv("REFUSING_ERROR");
    const char* const at = std::getenv("REFUSING_AT");
    if (root == nullptr || error == nullptr) return;
    root_ = root;
    error_ = std::atoi(error);
    at_ = at == nullptr ? 0 : std::atol(at);
    if (const char* const broken = std::getenv("REFUSING_WHILE")) while_ = broken;
    active_ = true;
  }

  bool CanFail(Call call) const {
    switch (error_) {
      case ENOSPC:
        return call == Call::kCreate || call == Call::kWrite || call == Call::kName;
      case EMFILE:
        return call == Call::kOpen || call == Call::kCreate;
      case EROFS:
        return call == Call::kCreate || call == Call::kWrite || call == Call::kName;
      default:
        return true;
    }
  }

  bool active_ = false;
  std::string root_;
  std::string while_;
  int error_ = 0;
  long at_ = 0;
  std::atomic<long> seen_ = 0;
};

template <class Where, class Do>
long Try(Call call, Where where, Do&& go) {
  const int saved = errno;
  if (Plan::Get().Refuses(call, where)) return -1;
  errno = saved;
  return go();
}

long OpenAt(int at, const char* path, int flags, unsigned mode) {
  const Call call = (flags & O_CREAT) != 0 ? Call::kCreate : Call::kOpen;
  return Try(call, path, [&] { return ::syscall(SYS_openat, at, path, flags, mode); });
}

}  // namespace
}  // namespace refusing

using refusing::Call;
using refusing::Try;

extern "C" int Open(const char* path, int flags, ...) REFUSING_AS(open);
extern "C" int Open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  return static_cast<int>(refusing::OpenAt(AT_FDCWD, path, flags, mode));
}
REFUSING_ALIAS(int, Open64, (const char*, int, ...), open64, open);

extern "C" ssize_t Read(int fd, void* bytes, size_t size) REFUSING_AS(read);
extern "C" ssize_t Read(int fd, void* bytes, size_t size) {
  return Try(Call::kRead, fd, [&] { return ::syscall(SYS_read, fd, bytes, size); });
}

extern "C" ssize_t Pread(int fd, void* bytes, size_t size, off64_t offset) REFUSING_AS(pread);
extern "C" ssize_t Pread(int fd, void* bytes, size_t size, off64_t offset) {
  return Try(Call::kRead, fd, [&] { return ::syscall(SYS_pread64, fd, bytes, size, offset); });
}
REFUSING_ALIAS(ssize_t, Pread64, (int, void*, size_t, off64_t), pread64, pread);

extern "C" ssize_t Write(int fd, const void* bytes, size_t size) REFUSING_AS(write);
extern "C" ssize_t Write(int fd, const void* bytes, size_t size) {
  return Try(Call::kWrite, fd, [&] { return ::syscall(SYS_write, fd, bytes, size); });
}

extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) REFUSING_AS(pwrite);
extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) {
  return Try(Call::kWrite, fd, [&] { return ::syscall(SYS_pwrite64, fd, bytes, size, offset); });
}
REFUSING_ALIAS(ssize_t, Pwrite64, (int, const void*, size_t, off64_t), pwrite64, pwrite);

extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) REFUSING_AS(posix_fallocate);
extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) {
  const int saved = errno;
  const long done = Try(Call::kWrite, fd, [&] { return ::syscall(SYS_fallocate, fd, 0, offset, size); });
  const int failure = done == 0 ? 0 : errno;
  errno = saved;
  return failure;
}
REFUSING_ALIAS(int, PosixFallocate64, (int, off64_t, off64_t), posix_fallocate64, posix_fallocate);

extern "C" int Ftruncate(int fd, off64_t size) REFUSING_AS(ftruncate);
extern "C" int Ftruncate(int fd, off64_t size) {
  return static_cast<int>(Try(Call::kWrite, fd, [&] { return ::syscall(SYS_ftruncate, fd, size); }));
}
REFUSING_ALIAS(int, Ftruncate64, (int, off64_t), ftruncate64, ftruncate);

extern "C" int Fsync(int fd) REFUSING_AS(fsync);
extern "C" int Fsync(int fd) {
  return static_cast<int>(Try(Call::kSync, fd, [&] { return ::syscall(SYS_fsync, fd); }));
}

extern "C" int Fdatasync(int fd) REFUSING_AS(fdatasync);
extern "C" int Fdatasync(int fd) {
  return static_cast<int>(Try(Call::kSync, fd, [&] { return ::syscall(SYS_fdatasync, fd); }));
}

extern "C" int Rename(const char* from, const char* to) REFUSING_AS(rename);
extern "C" int Rename(const char* from, const char* to) {
  return static_cast<int>(
      Try(Call::kName, to, [&] { return ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }));
}

extern "C" int Renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) REFUSING_AS(renameat2);
extern "C" int Renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  return static_cast<int>(
      Try(Call::kName, to, [&] { return ::syscall(SYS_renameat2, from_at, from, to_at, to, flags); }));
}

extern "C" int Unlink(const char* path) REFUSING_AS(unlink);
extern "C" int Unlink(const char* path) {
  return static_cast<int>(Try(Call::kName, path, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, path, 0); }));
}

extern "C" int Mkdir(const char* path, mode_t mode) REFUSING_AS(mkdir);
extern "C" int Mkdir(const char* path, mode_t mode) {
  return static_cast<int>(Try(Call::kName, path, [&] { return ::syscall(SYS_mkdirat, AT_FDCWD, path, mode); }));
}

extern "C" int Rmdir(const char* path) REFUSING_AS(rmdir);
extern "C" int Rmdir(const char* path) {
  return static_cast<int>(
      Try(Call::kName, path, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }));
}
