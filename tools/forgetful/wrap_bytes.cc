// What changes the bytes and sizes of files, and what makes them durable.
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wrap.h"

namespace forgetful {
namespace {

constexpr uint64_t kWholeFile = UINT64_MAX;

uint64_t BytesOf(const iovec* pieces, int count) {
  uint64_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += pieces[i].iov_len;
  return bytes;
}

// Where write() will put its bytes.
uint64_t WritePlace(int fd) {
  if ((::fcntl(fd, F_GETFL) & O_APPEND) == 0) {
    const long at = ::syscall(SYS_lseek, fd, 0, SEEK_CUR);
    return at < 0 ? 0 : static_cast<uint64_t>(at);
  }
  struct stat facts;
  return ::fstat(fd, &facts) == 0 ? static_cast<uint64_t>(facts.st_size) : 0;
}

void MarkDurable(int fd, uint64_t until) {
  Record record;
  record.kind = Kind::kSync;
  record.id = IdOf(fd);
  record.until = until;
  Recorder::Get().Append(record);
}

// Records what is there, then lets `call` change it. `offset` is asked for only when the file is below the root.
template <class Offset, class Call>
auto Changing(int fd, Offset&& offset, uint64_t bytes, Call&& call) {
  if (!Active()) return call();
  Recorder& recorder = Recorder::Get();
  const int saved = errno;
  const auto path = recorder.Tracked(fd);
  errno = saved;
  if (!path) return call();
  Recorder::Lock lock(recorder);
  const uint64_t position = recorder.RecordBytes(fd, offset(), bytes);
  errno = saved;
  const auto result = call();
  if (result < 0) recorder.Cancel(position);
  if (result >= 0 && (::fcntl(fd, F_GETFL) & O_DSYNC) != 0) MarkDurable(fd, recorder.End());
  return result;
}

// The disk is this library: the kernel's own sync would only cost time.
int Sync(int fd, long call) {
  if (!Active()) return static_cast<int>(::syscall(call, fd));
  Recorder& recorder = Recorder::Get();
  const auto path = recorder.Tracked(fd);
  if (!path) return static_cast<int>(::syscall(call, fd));
  Recorder::Lock lock(recorder);
  switch (recorder.JudgeSync(*path)) {
    case Recorder::Verdict::kIgnore:
      return 0;
    case Recorder::Verdict::kFail:
      errno = EIO;
      return -1;
    case Recorder::Verdict::kSync:
      break;
  }
  MarkDurable(fd, recorder.End());
  return 0;
}

}  // namespace
}  // namespace forgetful

using forgetful::Active;
using forgetful::Changing;
using forgetful::Recorder;

extern "C" ssize_t Write(int fd, const void* bytes, size_t size) FORGETFUL_AS(write);
extern "C" ssize_t Write(int fd, const void* bytes, size_t size) {
  return Changing(
      fd, [&] { return forgetful::WritePlace(fd); }, size, [&] { return ::syscall(SYS_write, fd, bytes, size); });
}

extern "C" ssize_t Writev(int fd, const iovec* pieces, int count) FORGETFUL_AS(writev);
extern "C" ssize_t Writev(int fd, const iovec* pieces, int count) {
  return Changing(
      fd, [&] { return forgetful::WritePlace(fd); }, forgetful::BytesOf(pieces, count),
      [&] { return ::syscall(SYS_writev, fd, pieces, count); });
}

extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) FORGETFUL_AS(pwrite);
extern "C" ssize_t Pwrite(int fd, const void* bytes, size_t size, off64_t offset) {
  return Changing(
      fd, [&] { return static_cast<uint64_t>(offset); }, size,
      [&] { return ::syscall(SYS_pwrite64, fd, bytes, size, offset); });
}
FORGETFUL_ALIAS(ssize_t, Pwrite64, (int, const void*, size_t, off64_t), pwrite64, pwrite);

extern "C" ssize_t Pwritev(int fd, const iovec* pieces, int count, off64_t offset) FORGETFUL_AS(pwritev);
extern "C" ssize_t Pwritev(int fd, const iovec* pieces, int count, off64_t offset) {
  return Changing(
      fd, [&] { return static_cast<uint64_t>(offset); }, forgetful::BytesOf(pieces, count),
      [&] { return ::syscall(SYS_pwritev, fd, pieces, count, offset, 0); });
}
FORGETFUL_ALIAS(ssize_t, Pwritev64, (int, const iovec*, int, off64_t), pwritev64, pwritev);

extern "C" ssize_t Pwritev2(int fd, const iovec* pieces, int count, off64_t offset, int flags) FORGETFUL_AS(pwritev2);
extern "C" ssize_t Pwritev2(int fd, const iovec* pieces, int count, off64_t offset, int flags) {
  const auto place = [&] { return offset < 0 ? forgetful::WritePlace(fd) : static_cast<uint64_t>(offset); };
  return Changing(fd, place, forgetful::BytesOf(pieces, count),
                  [&] { return ::syscall(SYS_pwritev2, fd, pieces, count, offset, 0, flags); });
}
FORGETFUL_ALIAS(ssize_t, Pwritev64v2, (int, const iovec*, int, off64_t, int), pwritev64v2, pwritev2);

extern "C" ssize_t CopyFileRange(int in, off64_t* in_at, int out, off64_t* out_at, size_t size, unsigned flags)
    FORGETFUL_AS(copy_file_range);
extern "C" ssize_t CopyFileRange(int in, off64_t* in_at, int out, off64_t* out_at, size_t size, unsigned flags) {
  const auto place = [&] { return out_at != nullptr ? static_cast<uint64_t>(*out_at) : forgetful::WritePlace(out); };
  return Changing(out, place, size,
                  [&] { return ::syscall(SYS_copy_file_range, in, in_at, out, out_at, size, flags); });
}

extern "C" ssize_t SendFile(int out, int in, off64_t* in_at, size_t size) FORGETFUL_AS(sendfile);
extern "C" ssize_t SendFile(int out, int in, off64_t* in_at, size_t size) {
  return Changing(
      out, [&] { return forgetful::WritePlace(out); }, size,
      [&] { return ::syscall(SYS_sendfile, out, in, in_at, size); });
}
FORGETFUL_ALIAS(ssize_t, SendFile64, (int, int, off64_t*, size_t), sendfile64, sendfile);

extern "C" int Ftruncate(int fd, off64_t size) FORGETFUL_AS(ftruncate);
extern "C" int Ftruncate(int fd, off64_t size) {
  return static_cast<int>(Changing(
      fd, [&] { return static_cast<uint64_t>(size); }, forgetful::kWholeFile,
      [&] { return ::syscall(SYS_ftruncate, fd, size); }));
}
FORGETFUL_ALIAS(int, Ftruncate64, (int, off64_t), ftruncate64, ftruncate);

extern "C" int Truncate(const char* path, off64_t size) FORGETFUL_AS(truncate);
extern "C" int Truncate(const char* path, off64_t size) {
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0));
  if (fd < 0) return -1;
  const int result = Ftruncate(fd, size);
  const int saved = errno;
  ::close(fd);
  errno = saved;
  return result;
}
FORGETFUL_ALIAS(int, Truncate64, (const char*, off64_t), truncate64, truncate);

extern "C" int Fallocate(int fd, int mode, off64_t offset, off64_t size) FORGETFUL_AS(fallocate);
extern "C" int Fallocate(int fd, int mode, off64_t offset, off64_t size) {
  // Without a mode no byte that was there changes; with one the rest of the file may move.
  const uint64_t bytes = mode == 0 ? 0 : forgetful::kWholeFile;
  return static_cast<int>(Changing(
      fd, [&] { return static_cast<uint64_t>(offset); }, bytes,
      [&] { return ::syscall(SYS_fallocate, fd, mode, offset, size); }));
}
FORGETFUL_ALIAS(int, Fallocate64, (int, int, off64_t, off64_t), fallocate64, fallocate);

// Answers with the error's number and leaves errno alone.
extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) FORGETFUL_AS(posix_fallocate);
extern "C" int PosixFallocate(int fd, off64_t offset, off64_t size) {
  const int saved = errno;
  const int failure = Fallocate(fd, 0, offset, size) == 0 ? 0 : errno;
  errno = saved;
  return failure;
}
FORGETFUL_ALIAS(int, PosixFallocate64, (int, off64_t, off64_t), posix_fallocate64, posix_fallocate);

extern "C" int Fsync(int fd) FORGETFUL_AS(fsync);
extern "C" int Fsync(int fd) { return forgetful::Sync(fd, SYS_fsync); }

extern "C" int Fdatasync(int fd) FORGETFUL_AS(fdatasync);
extern "C" int Fdatasync(int fd) { return forgetful::Sync(fd, SYS_fdatasync); }

extern "C" void SyncAll() FORGETFUL_AS(sync);
extern "C" void SyncAll() {
  if (!Active()) {
    ::syscall(SYS_sync);
    return;
  }
  Recorder::Lock lock(Recorder::Get());
  forgetful::Record record;
  record.kind = forgetful::Kind::kSyncAll;
  record.until = Recorder::Get().End();
  Recorder::Get().Append(record);
}

extern "C" int SyncFileSystem(int fd) FORGETFUL_AS(syncfs);
extern "C" int SyncFileSystem(int fd) {
  if (!Active()) return static_cast<int>(::syscall(SYS_syncfs, fd));
  SyncAll();
  return 0;
}

// Bytes that change without a call cannot be recorded.
extern "C" void* Mmap(void* at, size_t size, int protection, int flags, int fd, off64_t offset) FORGETFUL_AS(mmap);
extern "C" void* Mmap(void* at, size_t size, int protection, int flags, int fd, off64_t offset) {
  const bool writes = fd >= 0 && (flags & MAP_ANONYMOUS) == 0 && (protection & PROT_WRITE) != 0 &&
                      ((flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE);
  if (writes && Active()) {
    const auto path = Recorder::Get().Tracked(fd);
    if (path) forgetful::Refuse("a shared writable mapping of " + *path + " is not modelled");
  }
  return reinterpret_cast<void*>(::syscall(SYS_mmap, at, size, protection, flags, fd, offset));
}
FORGETFUL_ALIAS(void*, Mmap64, (void*, size_t, int, int, int, off64_t), mmap64, mmap);
