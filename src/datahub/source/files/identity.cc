#include "datahub/source/files/identity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace datahub::source::files {

Stat StatFrom(const struct stat& stat) {
  const auto micros = [](const timespec& time) { return int64_t(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000; };
  return Stat{.device = stat.st_dev,
              .inode = stat.st_ino,
              .size = static_cast<uint64_t>(stat.st_size),
              .modified_us = micros(stat.st_mtim),
              .changed_us = micros(stat.st_ctim)};
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
  OpenFile file;
  file.path_ = path;
  // Without O_NONBLOCK a pipe that took the file's name since the last look would hold us up.
  file.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.fd_ < 0) {
    const int error_number = errno;
    Error error = ErrnoError(error_number, fmt::format("cannot open {}", path));
    if (error_number == ENOTDIR) error.code = Code::kNotFound;
    return error;
  }
  struct stat stat;
  if (::fstat(file.fd_, &stat) != 0) return ErrnoError(errno, fmt::format("cannot stat {}", path));
  if (!S_ISREG(stat.st_mode)) return Error{Code::kNotFound, fmt::format("{} is not a regular file any more", path)};
  return file;
}

Result<Stat> OpenFile::Look() const {
  struct stat stat;
  if (::fstat(fd_, &stat) != 0) return ErrnoError(errno, fmt::format("cannot stat {}", path_));
  return StatFrom(stat);
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
