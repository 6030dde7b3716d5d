#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forgetful {

// A file or folder for its whole life: inode numbers are used again, the time of birth tells lives apart.
struct FileId {
  uint64_t inode = 0;
  int64_t born_ns = 0;
  auto operator<=>(const FileId&) const = default;
};

// Of an open file, folder or path descriptor.
FileId IdOf(int fd);

enum class Kind : uint32_t {
  kData = 1,      // file: bytes at offset were these, its size was old_size
  kCreate,        // folder, name: a file, link or symlink came to be
  kMakeFolder,    // folder, name
  kUnlink,        // folder, name; the file is kept
  kRemoveFolder,  // folder, name; the folder is kept
  kRename,        // folder, name -> folder2, name2; what was replaced is kept (0 = nothing was)
  kSync,          // file or folder: its records before `until` are durable
  kSyncAll,       // all records before `until` are durable
  kCancel,        // the record at `until` failed and changed nothing
};

struct Record {
  Kind kind = Kind::kData;
  FileId id;  // file or folder
  std::string name;
  FileId id2;
  std::string name2;
  uint64_t offset = 0;
  uint64_t old_size = 0;
  std::string bytes;
  uint64_t kept = 0;
  uint64_t until = 0;
  uint64_t position = 0;  // where it begins in the journal; filled when read
};

// One record as it lies in the journal: magic, length, checksum, fields.
std::string Encode(const Record& record);
// All whole records. A process that was killed while it wrote leaves a torn one: it is passed over, its operation had not
// begun.
std::vector<Record> Decode(std::string_view journal);

// <journal>.kept/<number>: hard links to files that were unlinked or replaced, and removed folders.
std::string KeptFolder(const std::string& journal);
std::string KeptPath(const std::string& journal, uint64_t number);

}  // namespace forgetful
