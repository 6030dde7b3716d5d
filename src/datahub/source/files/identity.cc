#include "datahub/source/files/identity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace datahub::source::files {

Stat StatFrom(const struct statx& stat) {
  const auto nanos = [](const statx_timestamp& time) { return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec; };
  return Stat{.device = uint64_t(stat.stx_dev_major) << 32 | stat.stx_dev_minor,
              .inode = stat.stx_ino,
              .birth_ns = (stat.stx_mask & STATX_BTIME) != 0 ? nanos(stat.stx_btime) : 0,
              .size = stat.stx_size,
              .modified_us = nanos(stat.stx_mtime) / 1000,
              .changed_us = nanos(stat.stx_ctime) / 1000};
}

int LookAt(int at, const char* path, int flags, struct statx* stat) {
  return ::statx(at, path, flags, STATX_BASIC_STATS | STATX_BTIME, stat) == 0 ? 0 : errno;
}

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

OpenFile::OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

Result<OpenFile> OpenFile::Open(const std::string& path) {
  // Without O_NONBLOCK a pipe would hold us up.
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), path);
  if (file.fd_ < 0) {
    const int error_number = errno;
    Error error = ErrnoError(error_number, fmt::format("cannot open {}", path));
    if (error_number == ENOTDIR) error.code = Code::kNotFound;
    return error;
  }
  struct statx stat;
  if (const int error = LookAt(file.fd_, "", AT_EMPTY_PATH, &stat); error != 0) {
    return ErrnoError(error, fmt::format("cannot stat {}", path));
  }
  if (!S_ISREG(stat.stx_mode)) return Error{Code::kNotFound, fmt::format("{} is not a regular file any more", path)};
  return file;
}

Result<Stat> OpenFile::Look() const {
  struct statx stat;
  if (const int error = LookAt(fd_, "", AT_EMPTY_PATH, &stat); error != 0) {
    return ErrnoError(error, fmt::format("cannot stat {}", path_));
  }
  return StatFrom(stat);
}

Result<FileId> OpenFile::Id() const {
  FileId id = DH_TRY(Look()).id();
  int generation = 0;
  if (::ioctl(fd_, FS_IOC_GETVERSION, &generation) == 0) id.generation = static_cast<uint32_t>(generation);
  return id;
}

Result<size_t> OpenFile::ReadAt(char* to, size_t size, uint64_t offset) const {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, fmt::format("cannot read {} at byte {}", path_, offset + done));
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void OpenFile::ReadAheadFrom(uint64_t offset) const {
  ::posix_fadvise(fd_, static_cast<off_t>(offset), 0, POSIX_FADV_SEQUENTIAL);
}

uint64_t OpenFile::DataFrom(uint64_t offset, uint64_t size) const {
  const off_t data = ::lseek(fd_, static_cast<off_t>(offset), SEEK_DATA);
  if (data >= 0) return std::clamp<uint64_t>(static_cast<uint64_t>(data), offset, std::max(offset, size));
  return errno == ENXIO ? std::max(offset, size) : offset;
}

Result<Hash128> HashBefore(const OpenFile& file, uint64_t end) {
  std::string bytes(std::min<uint64_t>(end, kIdentityBytes), '\0');
  bytes.resize(DH_TRY(file.ReadAt(bytes.data(), bytes.size(), end - bytes.size())));
  return HashBytes(bytes);
}

Result<Beginning> Beginning::Of(const OpenFile& file) {
  Beginning beginning;
  beginning.bytes_.resize(kIdentityBytes);
  beginning.bytes_.resize(DH_TRY(file.ReadAt(beginning.bytes_.data(), kIdentityBytes, 0)));
  return beginning;
}

}  // namespace datahub::source::files
