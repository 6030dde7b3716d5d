#include "datahub/storage/folder_tree.h"

#include <cerrno>

#include <sys/stat.h>

#include "datahub/base/crash_point.h"
#include "datahub/storage/object_key.h"

namespace datahub::storage {
namespace {

constexpr mode_t kPrivateMode = 0700;
constexpr mode_t kSharedMode = 0777;  // less what the umask takes

Result<void> SyncPath(const std::string& path, SyncHealth& health) {
  PosixFile folder = DH_TRY(PosixFile::OpenFolder(path));
  return folder.SyncNames(health);
}

std::string ParentOf(const std::string& path) {
  const std::string parent(FolderOf(path));
  if (!parent.empty()) return parent;
  return path.starts_with('/') ? "/" : ".";
}

}  // namespace

// A folder is made only when its parents are durable, so a root that exists can lack only its own name.
Result<void> FolderTree::MakeRoot(const std::string& root, Access access) {
  const mode_t mode = access == Access::kPrivate ? kPrivateMode : kSharedMode;
  const std::string parent = ParentOf(root);
  if (::mkdir(root.c_str(), mode) != 0) {
    if (errno == ENOENT && parent != root) {
      DH_TRY(MakeRoot(parent, access));
      if (::mkdir(root.c_str(), mode) != 0 && errno != EEXIST) return FileError(errno, "make the folder", root);
    } else if (errno != EEXIST) {
      return FileError(errno, "make the folder", root);
    }
  }
  CrashPoint("folder.made");
  SyncHealth health;
  auto synced = SyncPath(parent, health);
  // A parent that we may not read is not one that we could have made `root` in.
  if (!synced && synced.error().code == Code::kCorruption) return synced;
  return {};
}

std::string FolderTree::Path(std::string_view folder) const {
  return folder.empty() ? root_ : root_ + "/" + std::string(folder);
}

Result<void> FolderTree::Make(std::string_view folder) {
  if (folder.empty()) return {};
  const std::string path = Path(folder);
  if (::mkdir(path.c_str(), kSharedMode) != 0) {
    if (errno == EEXIST) return {};
    if (errno != ENOENT) return FileError(errno, "make the folder", path);
    if (FolderOf(folder).empty()) {
      return Error{Code::kUnavailable, "the folder " + root_ + " is gone; put it back, then start again"};
    }
    DH_TRY(Make(FolderOf(folder)));
    if (::mkdir(path.c_str(), kSharedMode) != 0) {
      if (errno == EEXIST) return {};
      return FileError(errno, "make the folder", path);
    }
  }
  Forget(folder);
  CrashPoint("folder.made");
  return {};
}

Result<void> FolderTree::Sync(const std::set<std::string>& folders) {
  std::set<std::string> todo = folders;
  std::set<std::string> reached;
  {
    std::lock_guard lock(mutex_);
    for (const std::string& folder : folders) {
      for (std::string_view child = folder; !child.empty() && !durable_.contains(child); child = FolderOf(child)) {
        reached.emplace(child);
        todo.emplace(FolderOf(child));
      }
    }
  }
  for (const std::string& folder : todo) {
    DH_TRY(SyncPath(Path(folder), health_));
    CrashPoint("folder.synced");
  }
  std::lock_guard lock(mutex_);
  durable_.insert(reached.begin(), reached.end());
  return {};
}

void FolderTree::Forget(std::string_view folder) {
  const std::string below = std::string(folder) + "/";
  std::lock_guard lock(mutex_);
  durable_.erase(std::string(folder));
  auto first = durable_.lower_bound(below);
  auto last = first;
  while (last != durable_.end() && last->starts_with(below)) ++last;
  durable_.erase(first, last);
}

}  // namespace datahub::storage
