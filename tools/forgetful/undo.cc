// forgetful-undo <root> <journal>: takes back what was not synced when the last process died.
#include <algorithm>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_format.h"

namespace forgetful {
namespace {

namespace fs = std::filesystem;

// Records whose effect is on the disk of our model only: neither synced nor failed.
std::vector<Record> NotDurable(std::vector<Record> records) {
  std::map<FileId, uint64_t> synced;
  std::set<uint64_t> failed;
  uint64_t all_synced = 0;
  for (const Record& record : records) {
    if (record.kind == Kind::kSync) synced[record.id] = std::max(synced[record.id], record.until);
    if (record.kind == Kind::kSyncAll) all_synced = std::max(all_synced, record.until);
    if (record.kind == Kind::kCancel) failed.insert(record.until);
  }
  std::erase_if(records, [&](const Record& record) {
    if (record.kind >= Kind::kSync) return true;
    // A rename becomes durable with the folder that it leads to.
    const FileId& keeper = record.kind == Kind::kRename ? record.id2 : record.id;
    const auto until = synced.find(keeper);
    if (until != synced.end() && record.position < until->second) return true;
    return record.position < all_synced || failed.contains(record.position);
  });
  return records;
}

// Files by path and folders by descriptor: folders move while names are taken back.
class Tree {
 public:
  void Scan(const std::string& top) {
    Add(top);
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (!entry.is_symlink()) Add(entry.path().string());
    }
  }
  const std::string* File(FileId id) const { return Look(files_, id); }
  const int* Folder(FileId id) const { return Look(folders_, id); }

 private:
  void Add(const std::string& path) {
    const int fd = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return;
    struct stat facts;
    ::fstat(fd, &facts);
    const FileId id = IdOf(fd);
    if (S_ISDIR(facts.st_mode)) {
      folders_[id] = fd;
      return;
    }
    files_[id] = path;
    ::close(fd);
  }
  template <class T>
  static const T* Look(const std::map<FileId, T>& known, FileId id) {
    const auto found = known.find(id);
    return found == known.end() ? nullptr : &found->second;
  }

  std::map<FileId, std::string> files_;
  std::map<FileId, int> folders_;
};

bool UndoBytes(const Record& record, const Tree& tree) {
  const std::string* path = tree.File(record.id);
  if (path == nullptr) return false;
  const int fd = ::open(path->c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t done = 0;
  while (done < record.bytes.size()) {
    const ssize_t written =
        ::pwrite(fd, record.bytes.data() + done, record.bytes.size() - done, static_cast<off_t>(record.offset + done));
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  const bool good = done == record.bytes.size() && ::ftruncate(fd, static_cast<off_t>(record.old_size)) == 0;
  ::close(fd);
  return good;
}

bool LinkBack(uint64_t kept, int folder, const std::string& name, const std::string& journal) {
  return ::linkat(AT_FDCWD, KeptPath(journal, kept).c_str(), folder, name.c_str(), 0) == 0;
}

void RemoveTree(int folder, const std::string& name) {
  char link[64];
  char path[PATH_MAX];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
  const ssize_t size = ::readlink(link, path, sizeof(path));
  std::error_code ignored;
  if (size > 0) fs::remove_all(std::string(path, static_cast<size_t>(size)) + "/" + name, ignored);
}

bool UndoRename(const Record& record, const Tree& tree, const std::string& journal) {
  const int* from = tree.Folder(record.id);
  const int* to = tree.Folder(record.id2);
  if (from == nullptr || to == nullptr) return false;
  // The old name may be taken by what is durable; then the new one stays: a disk may keep either.
  if (::renameat2(*to, record.name2.c_str(), *from, record.name.c_str(), RENAME_NOREPLACE) != 0) return false;
  if (record.kept != 0) LinkBack(record.kept, *to, record.name2, journal);
  return true;
}

bool UndoName(const Record& record, const Tree& tree, const std::string& journal) {
  if (record.kind == Kind::kRename) return UndoRename(record, tree, journal);
  const int* folder = tree.Folder(record.id);
  if (folder == nullptr) return false;
  switch (record.kind) {
    case Kind::kCreate:
      return ::unlinkat(*folder, record.name.c_str(), 0) == 0;
    case Kind::kMakeFolder:
      RemoveTree(*folder, record.name);
      return true;
    case Kind::kUnlink:
      return LinkBack(record.kept, *folder, record.name, journal);
    case Kind::kRemoveFolder:
      return ::renameat2(AT_FDCWD, KeptPath(journal, record.kept).c_str(), *folder, record.name.c_str(),
                         RENAME_NOREPLACE) == 0;
    default:
      return false;
  }
}

int Undo(const std::string& root, const std::string& journal) {
  std::ifstream in(journal, std::ios::binary);
  if (!in || !fs::is_directory(root)) {
    std::fprintf(stderr, "forgetful-undo: no journal at %s, or no folder at %s\n", journal.c_str(), root.c_str());
    return 1;
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::vector<Record> records = NotDurable(Decode(text));
  Tree tree;
  tree.Scan(root);
  if (fs::is_directory(KeptFolder(journal))) tree.Scan(KeptFolder(journal));

  size_t writes = 0;
  size_t names = 0;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (record->kind == Kind::kData) writes += UndoBytes(*record, tree) ? 1 : 0;
  }
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (record->kind != Kind::kData) names += UndoName(*record, tree, journal) ? 1 : 0;
  }
  fs::remove_all(KeptFolder(journal));
  fs::resize_file(journal, 0);
  std::printf("forgetful: %zu writes and %zu names were not synced and are gone\n", writes, names);
  return 0;
}

}  // namespace
}  // namespace forgetful

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: forgetful-undo ROOT JOURNAL\n");
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;  // one descriptor for each folder
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return forgetful::Undo(argv[1], argv[2]);
}
