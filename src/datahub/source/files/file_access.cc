#include "datahub/source/files/file_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace datahub::source::files {
namespace {

// An open descriptor of ours.
class OpenedName {
 public:
  explicit OpenedName(int fd) : fd_(fd) {}
  ~OpenedName() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenedName(const OpenedName&) = delete;
  OpenedName& operator=(const OpenedName&) = delete;
  void Replace(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Error CannotOpen(int error_number, const std::string& path) {
  Error error = ErrnoError(error_number, fmt::format("cannot open {}", path));
  // A link that took the place of a file or folder since the look, or a folder that is a file now.
  if (error_number == ENOTDIR || error_number == ELOOP) error.code = Code::kNotFound;
  return error;
}

std::string RealPath(const std::string& path, int* error_number) {
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  *error_number = real ? 0 : errno;
  return real ? std::string(real.get()) : std::string();
}

// Name by name from `folder`, which is opened as it is, through no link. What is no regular file is not opened for reading:
// a device may do something when it is.
Result<int> OpenWithoutLinks(const std::string& folder, std::string_view rest, const std::string& path) {
  OpenedName at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (at.get() < 0) return CannotOpen(errno, path);
  for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    const std::string name(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
    if (name.empty()) continue;
    at.Replace(::openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (at.get() < 0) return CannotOpen(errno, path);
  }
  const std::string name(rest);
  struct stat before, after;
  if (::fstatat(at.get(), name.c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) return CannotOpen(errno, path);
  const Error not_regular{Code::kNotFound, fmt::format("{} is not a regular file any more", path)};
  if (!S_ISREG(before.st_mode)) return not_regular;
  OpenedName file(::openat(at.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0) return CannotOpen(errno, path);
  if (::fstat(file.get(), &after) != 0) return CannotOpen(errno, path);
  if (!S_ISREG(after.st_mode)) return not_regular;
  return file.Release();
}

}  // namespace

// The innermost that the project names.
std::string FileAccess::FolderOf(const std::string& path) const {
  std::string folder;
  for (const std::string& one : folders_) {
    if (path.starts_with(one) && one.size() > folder.size()) folder = one;
  }
  return folder;
}

Result<int> FileAccess::Open(const std::string& path) const {
  std::string folder = FolderOf(path);
  if (!folder.empty() && follow_links_) {
    const Place place = DH_TRY(Resolve(path, folder));
    return OpenWithoutLinks(place.folder, place.rest, path);
  }
  if (folder.empty()) folder = path.substr(0, path.rfind('/') + 1);
  return OpenWithoutLinks(folder, std::string_view(path).substr(folder.size()), path);
}

Result<void> FileAccess::StaysInside(const std::string& path) const {
  DH_TRY(Resolve(path, FolderOf(path)));
  return {};
}

Result<FileAccess::Place> FileAccess::Resolve(const std::string& path, const std::string& folder) const {
  int error_number = 0;
  std::string real_folder = RealPath(folder, &error_number);
  if (error_number != 0) return CannotOpen(error_number, folder);
  const std::string real = RealPath(path, &error_number);
  if (error_number != 0) return ErrnoError(error_number, fmt::format("cannot open {}", path));
  if (!real_folder.ends_with('/')) real_folder += '/';
  if (!real.starts_with(real_folder)) {
    return Error{Code::kNotFound, fmt::format("{} leads out of {}: passed over", path, folder)};
  }
  return Place{.folder = real_folder, .rest = real.substr(real_folder.size())};
}

}  // namespace datahub::source::files
