#include "datahub/storage/local_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "datahub/base/crash_point.h"
#include "datahub/storage/object_key.h"

namespace datahub::storage {
namespace {

// 0 or errno.
int RenameWithoutReplacing(const std::string& from, const std::string& to) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

std::string Describe(const ObjectFacts& facts) {
  return std::to_string(facts.bytes) + " bytes with checksum " + facts.checksum.ToHex();
}

}  // namespace

Result<std::unique_ptr<Store>> OpenLocalStore(std::string root, OpenMode mode) {
  if (root.empty()) return Error{Code::kInvalidInput, "the lake's location is empty; give it a folder"};
  std::error_code failure;
  std::filesystem::path absolute = std::filesystem::absolute(root, failure);
  if (failure) return FileError(failure.value(), "find the folder", root);
  std::string path = absolute.lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (mode == OpenMode::kReadWrite) DH_TRY(FolderTree::MakeRoot(path));
  return std::unique_ptr<Store>(new LocalStore(std::move(path)));
}

LocalStore::LocalStore(std::string root)
    : root_(std::move(root)), folders_(root_, health_), unseen_(root_, folders_, health_) {}

Result<std::unique_ptr<UnseenWriter>> LocalStore::CreateUnseen(std::string_view incarnation, const ObjectKey& key) {
  DH_TRY(CheckIncarnationName(incarnation));
  DH_TRY(CheckKey(key));
  return unseen_.Create(incarnation, key);
}

Result<void> LocalStore::SyncUnseen(std::string_view incarnation) {
  DH_TRY(CheckIncarnationName(incarnation));
  return unseen_.Sync(incarnation);
}

// All names first, then the syncs: a crash in between leaves names that recovery finds and syncs.
Result<void> LocalStore::Reveal(std::span<const UnseenObject> objects) {
  DH_TRY(health_.Check());
  std::set<std::string> touched;
  for (const UnseenObject& object : objects) {
    DH_TRY(CheckKey(object.key));
    DH_TRY(CheckUnseenName(object.unseen));
    touched.emplace(FolderOf(object.key.text));
  }
  for (const UnseenObject& object : objects) DH_TRY(RevealOne(object));
  CrashPoint("reveal.before_folder_sync");
  DH_TRY(folders_.Sync(touched));
  CrashPoint("reveal.folder_synced");
  return {};
}

Result<void> LocalStore::RevealOne(const UnseenObject& object) {
  const std::string from = Path(object.unseen);
  const std::string to = Path(object.key.text);
  if (!unseen_.IsSealedHere(object.unseen)) DH_TRY(CheckUnseenBytes(object));
  CrashPoint("reveal.before_rename");
  int failure = RenameWithoutReplacing(from, to);
  if (failure == ENOENT) {
    const bool there = DH_TRY(FileExists(from));
    if (!there) return CheckRevealed(object);
    DH_TRY(folders_.Make(FolderOf(object.key.text)));
    failure = RenameWithoutReplacing(from, to);
  }
  // ENOENT again: a fenced worker and its successor may reveal the same object at the same time.
  if (failure == ENOENT || failure == EEXIST) return CheckRevealed(object);
  if (failure == EINVAL || failure == ENOSYS) {
    return Error{Code::kInvalidInput,
                 "the file system of " + root_ +
                     " cannot rename without replacing (RENAME_NOREPLACE); put the lake on ext4, XFS, "
                     "Btrfs or tmpfs"};
  }
  if (failure != 0) return FileError(failure, "rename " + from + " to", to);
  unseen_.ForgetSealed(object.unseen);
  CrashPoint("reveal.renamed");
  return {};
}

// An earlier process says that it wrote these bytes. Absent is for the caller to see.
Result<void> LocalStore::CheckUnseenBytes(const UnseenObject& object) {
  const std::string path = Path(object.unseen);
  const auto facts = DH_TRY(FactsOf(path));
  const ObjectFacts expected{object.bytes, object.checksum};
  if (!facts || *facts == expected) return {};
  return Error{Code::kCorruption,
               "cannot reveal " + object.key.text + ": " + path + " holds " + Describe(*facts) + ", its intent says " +
                   Describe(expected) +
                   ". The disk or somebody changed it. Move that file to another place (keep it to look into "
                   "it) and start again: the commit is given up and its records are read anew"};
}

// "Already there" is success only if size and checksum are the intent's.
Result<void> LocalStore::CheckRevealed(const UnseenObject& object) {
  const std::string path = Path(object.key.text);
  const auto facts = DH_TRY(FactsOf(path));
  const ObjectFacts expected{object.bytes, object.checksum};
  // A second, unseen copy stays: it is removed with its incarnation, when this name is durable.
  if (facts && *facts == expected) return {};
  if (facts) {
    return Error{Code::kCorruption, "cannot reveal " + object.key.text + ": " + path + " is there already with " +
                                        Describe(*facts) + ", its intent says " + Describe(expected) +
                                        ". Somebody else wrote it; move it away, then start again"};
  }
  return Error{Code::kNotFound,
               "cannot reveal " + object.key.text + ": neither " + path + " nor " + Path(object.unseen) + " exists"};
}

Result<std::optional<ObjectFacts>> LocalStore::Look(const ObjectKey& key) {
  DH_TRY(CheckKey(key));
  return FactsOf(Path(key.text));
}

Result<bool> LocalStore::UnseenExists(const UnseenObject& object) {
  DH_TRY(CheckUnseenName(object.unseen));
  return FileExists(Path(object.unseen));
}

// Syncs also when there is nothing to remove: an earlier process may have died between the two.
Result<void> LocalStore::Remove(const ObjectKey& key) {
  DH_TRY(CheckKey(key));
  DH_TRY(health_.Check());
  CrashPoint("remove.before_unlink");
  DH_TRY(UnlinkIfThere(Path(key.text)));
  CrashPoint("remove.unlinked");
  const std::string folder(FolderOf(key.text));
  const bool there = DH_TRY(FileExists(Path(folder)));
  if (there) DH_TRY(folders_.Sync({folder}));
  CrashPoint("remove.synced");
  return {};
}

// Not synced: what comes back after a power loss is unseen and removed with its fenced incarnation.
Result<void> LocalStore::Discard(const UnseenObject& object) {
  DH_TRY(CheckUnseenName(object.unseen));
  DH_TRY(UnlinkIfThere(Path(object.unseen)));
  unseen_.ForgetSealed(object.unseen);
  CrashPoint("discard.unlinked");
  return {};
}

Result<std::vector<std::string>> LocalStore::UnseenIncarnations() { return unseen_.Incarnations(); }

Result<void> LocalStore::RemoveUnseen(std::string_view incarnation) {
  DH_TRY(CheckIncarnationName(incarnation));
  return unseen_.RemoveAll(incarnation);
}

Result<void> LocalStore::Note(std::string_view incarnation, std::string_view subject, std::string_view word) {
  DH_TRY(CheckIncarnationName(incarnation));
  return unseen_.Note(incarnation, subject, word);
}

Result<std::vector<std::pair<std::string, std::string>>> LocalStore::Notes() { return unseen_.Notes(); }

Result<std::string> LocalStore::Read(const ObjectKey& key) {
  DH_TRY(CheckKey(key));
  PosixFile file = DH_TRY(PosixFile::OpenForReading(Path(key.text)));
  return file.ReadAll();
}

Result<std::vector<ObjectKey>> LocalStore::List(std::string_view prefix) {
  namespace fs = std::filesystem;
  const std::string_view folder = FolderOf(prefix);
  if (!folder.empty()) DH_TRY(CheckKey(ObjectKey{std::string(folder)}));
  std::vector<ObjectKey> keys;
  std::error_code failure;
  const fs::path start = folder.empty() ? fs::path(root_) : fs::path(Path(folder));
  fs::recursive_directory_iterator walk(start, failure);
  if (failure == std::errc::no_such_file_or_directory) return keys;
  while (!failure && walk != fs::recursive_directory_iterator()) {
    const std::string path = walk->path().string();
    std::string below = path.substr(root_.size() + 1);
    const bool is_folder = walk->is_directory(failure);
    if (failure) break;
    if (is_folder && below == kUnseenFolder) walk.disable_recursion_pending();
    if (!is_folder && below.starts_with(prefix)) keys.push_back(ObjectKey{std::move(below)});
    walk.increment(failure);
  }
  if (failure) return FileError(failure.value(), "list the folder", start.string());
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::string LocalStore::LocationOf(const ObjectKey& key) const { return Path(key.text); }

}  // namespace datahub::storage
