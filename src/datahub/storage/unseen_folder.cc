#include "datahub/storage/unseen_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <dirent.h>
#include <unistd.h>

#include "datahub/base/crash_point.h"
#include "datahub/base/hash.h"
#include "datahub/storage/object_key.h"

namespace datahub::storage {
namespace {

// Write-back begins in pieces of this size while the object still grows.
constexpr uint64_t kWriteBackBytes = 8u << 20;
// The key's last part is kept readable in the unseen name up to here; <n> makes the name unique.
constexpr size_t kBaseBytesMax = 200;
// A fenced worker that is still running may put files into a folder while it is being removed.
constexpr int kRemovalsMax = 10;
constexpr std::string_view kNote = "note-";

std::string FolderName(std::string_view incarnation) {
  return std::string(kUnseenFolder) + "/" + std::string(incarnation);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Names in a folder but "." and ".."; none when the folder does not exist.
Result<std::vector<std::string>> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) {
    if (errno == ENOENT) return names;
    return FileError(errno, "list the folder", path);
  }
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return FileError(errno, "list the folder", path);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

class UnseenFolder::Writer final : public UnseenWriter {
 public:
  Writer(UnseenFolder& folder, PosixFile file, UnseenObject object)
      : folder_(folder), file_(std::move(file)), object_(std::move(object)) {}

  ~Writer() override {
    if (!finished_) ::unlink(file_.path().c_str());
  }

  Result<void> Append(std::string_view bytes) override {
    DH_TRY(folder_.health_.Check());
    DH_TRY(file_.Write(bytes));
    hasher_.Add(bytes.data(), bytes.size());
    object_.bytes += bytes.size();
    if (object_.bytes - written_back_ >= kWriteBackBytes) {
      file_.StartWriteBack(written_back_, object_.bytes - written_back_);
      written_back_ = object_.bytes;
    }
    CrashPoint("unseen.appended");
    return {};
  }

  Result<UnseenObject> Finish() && override {
    DH_TRY(folder_.health_.Check());
    CrashPoint("unseen.before_sync");
    DH_TRY(file_.SyncData(folder_.health_));
    CrashPoint("unseen.synced");
    finished_ = true;
    object_.checksum = hasher_.Digest();
    folder_.AddSealed(object_.unseen);
    return std::move(object_);
  }

 private:
  UnseenFolder& folder_;
  PosixFile file_;
  UnseenObject object_;
  Hasher hasher_;
  uint64_t written_back_ = 0;
  bool finished_ = false;
};

Result<std::unique_ptr<UnseenWriter>> UnseenFolder::Create(std::string_view incarnation, const ObjectKey& key) {
  DH_TRY(health_.Check());
  DH_TRY(MakeFor(incarnation));
  const std::string base(BaseOf(key.text).substr(0, kBaseBytesMax));
  while (true) {
    std::string unseen = FolderName(incarnation) + "/" + std::to_string(next_.fetch_add(1)) + "-" + base;
    auto file = PosixFile::CreateNew(root_ + "/" + unseen, Access::kShared);
    if (!file && file.error().code == Code::kAlreadyExists) continue;  // left by an earlier store of this incarnation
    if (!file && file.error().code == Code::kNotFound) {
      return Error{Code::kFenced, "the folder " + root_ + "/" + FolderName(incarnation) +
                                      " was removed while this worker wrote into it: a newer worker took over"};
    }
    if (!file) return std::move(file).error();
    CrashPoint("unseen.created");
    UnseenObject object{key, std::move(unseen), 0, {}};
    return std::unique_ptr<UnseenWriter>(new Writer(*this, *std::move(file), std::move(object)));
  }
}

// Once a life: a folder that is gone later was removed by a successor and is not made again.
Result<void> UnseenFolder::MakeFor(std::string_view incarnation) {
  std::lock_guard lock(mutex_);
  if (made_.contains(incarnation)) return {};
  DH_TRY(folders_.Make(FolderName(incarnation)));
  made_.emplace(incarnation);
  return {};
}

Result<void> UnseenFolder::Sync(std::string_view incarnation) {
  DH_TRY(health_.Check());
  const std::string folder = FolderName(incarnation);
  CrashPoint("unseen.before_folder_sync");
  auto synced = folders_.Sync({folder});
  if (!synced && synced.error().code == Code::kNotFound) {
    std::lock_guard lock(mutex_);
    if (!made_.contains(incarnation)) return {};  // nothing was written: a commit without new files
    return Error{Code::kFenced, "the folder " + root_ + "/" + folder + " is gone: a newer worker took over"};
  }
  DH_TRY(std::move(synced));
  CrashPoint("unseen.folder_synced");
  return {};
}

Result<std::vector<std::string>> UnseenFolder::Incarnations() {
  std::vector<std::string> names = DH_TRY(NamesIn(root_ + "/" + std::string(kUnseenFolder)));
  std::erase_if(names, [](const std::string& name) { return !CheckIncarnationName(name); });
  return names;
}

// Not synced: what comes back after a power loss carries a fenced incarnation and is removed again.
Result<void> UnseenFolder::RemoveAll(std::string_view incarnation) {
  const std::string folder = FolderName(incarnation);
  for (int attempt = 0; attempt < kRemovalsMax; ++attempt) {
    const bool gone = DH_TRY(RemoveFilesOf(folder));
    if (!gone) continue;
    folders_.Forget(folder);
    std::lock_guard lock(mutex_);
    if (const auto mine = made_.find(incarnation); mine != made_.end()) made_.erase(mine);
    std::erase_if(sealed_, [&](const std::string& unseen) { return FolderOf(unseen) == folder; });
    std::erase_if(notes_, [&](const auto& note) { return note.first.starts_with(folder + "/"); });
    return {};
  }
  return Error{Code::kUnavailable, "cannot remove " + root_ + "/" + folder +
                                       ": files keep appearing in it; stop the older worker, then start again"};
}

// One rename a note: there is never none, and names are synced with the folder.
Result<void> UnseenFolder::Note(std::string_view incarnation, std::string_view subject, std::string_view word) {
  DH_TRY(health_.Check());
  DH_TRY(MakeFor(incarnation));
  const std::string about = FolderName(incarnation) + "/" + std::string(kNote) + std::string(subject) + "=";
  const std::string path = root_ + "/" + about + std::string(word);
  std::lock_guard lock(mutex_);
  std::string& last = notes_[about];
  const bool moved = !last.empty() && std::rename(last.c_str(), path.c_str()) == 0;
  if (!moved) DH_TRY(PosixFile::CreateNew(path, Access::kShared));
  last = path;
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> UnseenFolder::Notes() {
  std::vector<std::pair<std::string, std::string>> notes;
  const std::vector<std::string> incarnations = DH_TRY(Incarnations());
  for (const std::string& incarnation : incarnations) {
    const std::vector<std::string> names = DH_TRY(NamesIn(root_ + "/" + FolderName(incarnation)));
    for (const std::string& name : names) {
      const size_t equals = name.find('=');
      if (!name.starts_with(kNote) || equals == name.npos) continue;
      notes.emplace_back(name.substr(kNote.size(), equals - kNote.size()), name.substr(equals + 1));
    }
  }
  return notes;
}

// Returns whether the folder is gone; false when somebody put a file there meanwhile.
Result<bool> UnseenFolder::RemoveFilesOf(const std::string& folder) {
  const std::string path = root_ + "/" + folder;
  const std::vector<std::string> names = DH_TRY(NamesIn(path));
  for (const std::string& name : names) DH_TRY(UnlinkIfThere(path + "/" + name));
  CrashPoint("discard.unlinked");
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  return FileError(errno, "remove the folder", path);
}

bool UnseenFolder::IsSealedHere(const std::string& unseen) {
  std::lock_guard lock(mutex_);
  return sealed_.contains(unseen);
}

void UnseenFolder::ForgetSealed(const std::string& unseen) {
  std::lock_guard lock(mutex_);
  sealed_.erase(unseen);
}

void UnseenFolder::AddSealed(const std::string& unseen) {
  std::lock_guard lock(mutex_);
  sealed_.insert(unseen);
}

}  // namespace datahub::storage
