#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/storage/folder_tree.h"
#include "datahub/storage/posix_file.h"
#include "datahub/storage/store.h"

namespace datahub::storage {

// Where objects of a local store grow: <root>/.unseen/<incarnation>/<n>-<last part of the key>. Hive and Athena pass over
// names that begin with a dot. Beside them notes, each an empty file: note-<subject>=<word>.
//
// Threads  any
// Owns     nothing by reference: `folders` and `health` must outlive it and its writers
class UnseenFolder {
 public:
  UnseenFolder(std::string root, FolderTree& folders, SyncHealth& health)
      : root_(std::move(root)), folders_(folders), health_(health) {}

  // Fenced when the folder was made here and somebody removed it: only a successor does that.
  Result<std::unique_ptr<UnseenWriter>> Create(std::string_view incarnation, const ObjectKey& key);
  Result<void> Sync(std::string_view incarnation);
  Result<std::vector<std::string>> Incarnations();
  Result<void> RemoveAll(std::string_view incarnation);
  Result<void> Note(std::string_view incarnation, std::string_view subject, std::string_view word);
  Result<std::vector<std::pair<std::string, std::string>>> Notes();

  // Objects that this process wrote and synced itself need no second look before they are revealed.
  bool IsSealedHere(const std::string& unseen);
  void ForgetSealed(const std::string& unseen);

 private:
  class Writer;
  Result<void> MakeFor(std::string_view incarnation);
  void AddSealed(const std::string& unseen);
  Result<bool> RemoveFilesOf(const std::string& folder);

  const std::string root_;
  FolderTree& folders_;
  SyncHealth& health_;
  std::atomic<uint64_t> next_{1};
  std::mutex mutex_;
  std::set<std::string, std::less<>> made_;  // incarnations whose folder was made here
  std::set<std::string> sealed_;
  std::map<std::string, std::string> notes_;  // of this process: the last path by folder and subject
};

}  // namespace datahub::storage
