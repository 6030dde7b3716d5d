#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/storage/posix_file.h"

namespace datahub::storage {

// The folders below a root: makes them, and makes the names in them durable.
//
// A folder's own name lies in its parent. Which folders lived through an earlier process is not known, so the first time
// this process syncs a folder it syncs all parents up to the root too, and remembers that; from then on only the folder.
//
// Threads  any
class FolderTree {
 public:
  // Makes the root with missing parents, each synced into its parent before the next.
  static Result<void> MakeRoot(const std::string& root, Access access = Access::kShared);

  // `root` must exist.
  FolderTree(std::string root, SyncHealth& health) : root_(std::move(root)), health_(health) {}

  // `folder` is below the root ("" is the root). Existing is success. Not durable before Sync.
  Result<void> Make(std::string_view folder);
  // The names in these folders, and the names of these folders, are durable afterwards. Each folder is synced once.
  Result<void> Sync(const std::set<std::string>& folders);
  // The folder was removed.
  void Forget(std::string_view folder);

 private:
  std::string Path(std::string_view folder) const;

  const std::string root_;
  SyncHealth& health_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> durable_;  // folders whose own names are durable up to the root
};

}  // namespace datahub::storage
