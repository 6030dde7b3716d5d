#pragma once

#include <set>
#include <string>

#include "datahub/base/result.h"
#include "datahub/storage/folder_tree.h"
#include "datahub/storage/store.h"
#include "datahub/storage/unseen_folder.h"

namespace datahub::storage {

// Objects as files below a folder on local disk.
//
// Reveal   RENAME_NOREPLACE for each object, then one fsync for each folder that got a name, and for the parents of those
//          whose own names this process did not see synced yet
// Recovery what an earlier process wrote is read and compared with its checksum before it gets its name
// Errors   a failed sync is Corruption, and every later call is refused (see SyncHealth)
class LocalStore final : public Store {
 public:
  // `root` is absolute and exists.
  explicit LocalStore(std::string root);

  Result<std::unique_ptr<UnseenWriter>> CreateUnseen(std::string_view incarnation, const ObjectKey& key) override;
  Result<void> SyncUnseen(std::string_view incarnation) override;
  Result<void> Reveal(std::span<const UnseenObject> objects) override;
  Result<std::optional<ObjectFacts>> Look(const ObjectKey& key) override;
  Result<bool> UnseenExists(const UnseenObject& object) override;
  Result<void> Remove(const ObjectKey& key) override;
  Result<void> Discard(const UnseenObject& object) override;
  Result<std::vector<std::string>> UnseenIncarnations() override;
  Result<void> RemoveUnseen(std::string_view incarnation) override;
  Result<void> Note(std::string_view incarnation, std::string_view subject, std::string_view word) override;
  Result<std::vector<std::pair<std::string, std::string>>> Notes() override;
  Result<std::string> Read(const ObjectKey& key) override;
  Result<std::vector<ObjectKey>> List(std::string_view prefix) override;
  std::string LocationOf(const ObjectKey& key) const override;

 private:
  Result<void> RevealOne(const UnseenObject& object);
  Result<void> CheckUnseenBytes(const UnseenObject& object);
  Result<void> CheckRevealed(const UnseenObject& object);
  std::string Path(std::string_view below) const { return root_ + "/" + std::string(below); }

  const std::string root_;
  SyncHealth health_;
  FolderTree folders_;
  UnseenFolder unseen_;
};

}  // namespace datahub::storage
