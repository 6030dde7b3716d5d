#include "datahub/query/spill_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

namespace datahub::query {
namespace {

namespace fs = std::filesystem;

constexpr int kTriesMax = 8;

// The folder, locked; -1 when it is not there or somebody else's.
int OpenLocked(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct stat there {};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::stat(path.c_str(), &there) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

// What belongs to nobody any more.
void RemoveLeft(const fs::path& prefix) {
  std::error_code failure;
  const std::string name = prefix.filename().string() + "-";
  for (fs::directory_iterator at(prefix.parent_path(), failure), end; !failure && at != end; at.increment(failure)) {
    if (!at->path().filename().string().starts_with(name)) continue;
    const int descriptor = OpenLocked(at->path().string());
    if (descriptor < 0) continue;
    std::error_code ignored;
    fs::remove_all(at->path(), ignored);
    ::close(descriptor);
  }
}

}  // namespace

SpillFolder SpillFolder::Make(const std::string& prefix) {
  static std::atomic<uint64_t> number = 0;
  SpillFolder made;
  if (prefix.empty()) return made;
  RemoveLeft(prefix);
  // Somebody else's RemoveLeft may come between making and locking.
  for (int tries = 0; tries < kTriesMax && made.descriptor_ < 0; ++tries) {
    const std::string path = fmt::format("{}-{}-{}", prefix, ::getpid(), ++number);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) break;
    made.descriptor_ = OpenLocked(path);
    made.path_ = path;
  }
  if (made.descriptor_ < 0) made.path_.clear();
  return made;
}

SpillFolder::~SpillFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  if (descriptor_ >= 0) ::close(descriptor_);
}

uint64_t SpillFolder::used_bytes() const {
  uint64_t bytes = 0;
  std::error_code failure;
  if (path_.empty()) return 0;
  for (fs::directory_iterator at(path_, failure), end; !failure && at != end; at.increment(failure)) {
    struct stat file {};
    if (::lstat(at->path().c_str(), &file) == 0) bytes += static_cast<uint64_t>(file.st_blocks) * 512;
  }
  return bytes;
}

uint64_t SpillFolder::free_bytes() const {
  struct statvfs facts {};
  if (descriptor_ < 0 || ::fstatvfs(descriptor_, &facts) != 0) return 0;
  return uint64_t(facts.f_bavail) * facts.f_frsize;
}

}  // namespace datahub::query
