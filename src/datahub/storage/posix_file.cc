#include "datahub/storage/posix_file.h"

#include <cerrno>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datahub/base/hash.h"

namespace datahub::storage {
namespace {

constexpr size_t kReadBytes = 1u << 20;

bool MeansNoRoom(int error_number) { return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG; }

std::string_view NextStep(int error_number) {
  if (MeansNoRoom(error_number)) return "; free space on that disk (or raise the quota), then go on: nothing is lost";
  switch (error_number) {
    case EACCES:
    case EPERM:
      return "; give the user who runs this the right to read and write there";
    case EROFS:
      return "; the disk is mounted read-only";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    default:
      return "";
  }
}

}  // namespace

Error FileError(int error_number, std::string_view what, const std::string& path) {
  Error error = ErrnoError(error_number, "cannot " + std::string(what) + " " + path);
  if (MeansNoRoom(error_number)) error.code = Code::kDiskFull;
  error.message += NextStep(error_number);
  return error;
}

Result<void> SyncHealth::Check() const {
  std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  return {};
}

Error SyncHealth::Fail(int error_number, const std::string& path) {
  std::lock_guard lock(mutex_);
  Error error = FileError(error_number, "sync", path);
  error.code = Code::kCorruption;
  error.message +=
      "; what was written may be lost, so this process stops. Check the disk, then start again: recovery "
      "looks at what is there";
  if (!failure_) failure_ = error;
  return error;
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) ::close(fd_);
}

PosixFile::PosixFile(PosixFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

Result<PosixFile> PosixFile::Open(std::string path, int flags, std::string_view what, unsigned mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return FileError(errno, what, path);
  return PosixFile(fd, std::move(path));
}

Result<PosixFile> PosixFile::OpenForReading(std::string path) { return Open(std::move(path), O_RDONLY, "read"); }

Result<PosixFile> PosixFile::CreateNew(std::string path, Access access) {
  return Open(std::move(path), O_WRONLY | O_CREAT | O_EXCL, "create", access == Access::kPrivate ? 0600 : 0666);
}

Result<PosixFile> PosixFile::OpenFolder(std::string path) {
  return Open(std::move(path), O_RDONLY | O_DIRECTORY, "open the folder");
}

Result<PosixFile> PosixFile::OpenForUpdate(std::string path) { return Open(std::move(path), O_RDWR, "open"); }

Result<void> PosixFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return FileError(errno, "write", path_);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> PosixFile::WriteAt(uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return FileError(errno, "write", path_);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return {};
}

Result<void> PosixFile::Reserve(uint64_t bytes) {
  int failure;
  do failure = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
  while (failure == EINTR);
  if (failure != 0) return FileError(failure, "reserve room for", path_);
  return {};
}

Result<size_t> PosixFile::ReadAt(uint64_t offset, char* buffer, size_t size) const {
  size_t done = 0;
  while (done < size) {
    const ssize_t read = ::pread(fd_, buffer + done, size - done, static_cast<off_t>(offset + done));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return FileError(errno, "read", path_);
    if (read == 0) break;
    done += static_cast<size_t>(read);
  }
  return done;
}

Result<uint64_t> PosixFile::Size() const {
  struct stat facts;
  if (::fstat(fd_, &facts) != 0) return FileError(errno, "look at", path_);
  return static_cast<uint64_t>(facts.st_size);
}

bool PosixFile::IsStillThere() const {
  struct stat mine;
  struct stat there;
  return ::fstat(fd_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
         mine.st_dev == there.st_dev;
}

// Only starts: this form of the call does not report (and so does not swallow) errors of writing back.
void PosixFile::StartWriteBack(uint64_t offset, uint64_t bytes) {
  (void)::sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes), SYNC_FILE_RANGE_WRITE);
}

Result<void> PosixFile::SyncData(SyncHealth& health) {
  if (::fdatasync(fd_) == 0) return {};
  if (MeansNoRoom(errno)) return FileError(errno, "write", path_);
  return health.Fail(errno, path_);
}

Result<void> PosixFile::SyncNames(SyncHealth& health) {
  if (::fsync(fd_) == 0) return {};
  return health.Fail(errno, path_);
}

Result<size_t> PosixFile::ReadSome(char* buffer, size_t size) {
  while (true) {
    const ssize_t read = ::read(fd_, buffer, size);
    if (read >= 0) return static_cast<size_t>(read);
    if (errno != EINTR) return FileError(errno, "read", path_);
  }
}

Result<ObjectFacts> PosixFile::Facts() {
  const std::unique_ptr<char[]> buffer(new char[kReadBytes]);
  Hasher hasher;
  ObjectFacts facts;
  while (true) {
    const size_t read = DH_TRY(ReadSome(buffer.get(), kReadBytes));
    if (read == 0) break;
    hasher.Add(buffer.get(), read);
    facts.bytes += read;
  }
  facts.checksum = hasher.Digest();
  return facts;
}

Result<std::string> PosixFile::ReadAll() {
  std::string text;
  size_t end = 0;
  while (true) {
    text.resize(end + kReadBytes);
    const size_t read = DH_TRY(ReadSome(text.data() + end, kReadBytes));
    end += read;
    if (read == 0) break;
  }
  text.resize(end);
  return text;
}

Result<std::optional<ObjectFacts>> FactsOf(const std::string& path) {
  auto file = PosixFile::OpenForReading(path);
  if (!file && file.error().code == Code::kNotFound) return std::optional<ObjectFacts>();
  if (!file) return std::move(file).error();
  const ObjectFacts facts = DH_TRY(file->Facts());
  return std::optional<ObjectFacts>(facts);
}

Result<bool> FileExists(const std::string& path) {
  struct stat facts;
  if (::lstat(path.c_str(), &facts) == 0) return true;
  if (errno == ENOENT) return false;
  return FileError(errno, "look at", path);
}

Result<bool> UnlinkIfThere(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return FileError(errno, "remove", path);
}

}  // namespace datahub::storage
