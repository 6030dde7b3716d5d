#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "journal_format.h"

namespace forgetful {

// Ends the process with a message: what is not modelled must not look as if it were.
[[noreturn]] void Refuse(const std::string& what);

// A name below the root: its folder, open, and what it is called there.
class Place {
 public:
  Place() = default;
  Place(int folder, FileId folder_id, std::string name);
  ~Place();
  Place(Place&& other) noexcept;
  Place& operator=(Place&&) = delete;

  int folder() const { return folder_; }
  FileId folder_id() const { return folder_id_; }
  const std::string& name() const { return name_; }
  bool exists() const;
  bool is_folder() const;

 private:
  int folder_ = -1;
  FileId folder_id_;
  std::string name_;
};

// This process's end of the journal, from FORGETFUL_ROOT and FORGETFUL_JOURNAL. Inactive without them.
//
// Threads  every operation that is recorded runs under Lock: one at a time over all threads and processes of the journal
class Recorder {
 public:
  static Recorder& Get();
  bool active() const { return active_; }

  // The name behind a path when its folder is below the root (or is the root).
  std::optional<Place> Find(int at, const char* path);
  // Whether there is a folder, anywhere, for the path's last part to be in.
  bool FolderExists(int at, const char* path) const;
  // Path of an open file below the root, "" = the root; nothing for all others.
  std::optional<std::string> Tracked(int fd);

  class Lock {
   public:
    explicit Lock(Recorder& recorder);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    Recorder& recorder_;
    bool outer_;
  };

  // All below need the lock. Returns the record's position.
  uint64_t Append(const Record& record);
  void Cancel(uint64_t position);
  uint64_t End();
  // Keeps a file (by a hard link) or an empty folder (by moving it); returns its number.
  uint64_t KeepFile(const Place& place);
  uint64_t NextKept();
  const std::string& journal() const { return journal_; }

  // Before `bytes` at `offset` of this file are overwritten, or the file is cut or grown to that end.
  uint64_t RecordBytes(int fd, uint64_t offset, uint64_t bytes);

  // What FORGETFUL_IGNORE_SYNC and FORGETFUL_FAIL_SYNC say about a sync of this path.
  enum class Verdict { kSync, kIgnore, kFail };
  Verdict JudgeSync(const std::string& path);

 private:
  Recorder();
  void OpenJournal();
  void ClearLeftovers();

  bool active_ = false;
  std::string root_;
  std::string journal_;
  std::string ignore_sync_;
  std::string fail_sync_;
  long fail_at_ = 0;
  long fail_seen_ = 0;
  uint64_t device_ = 0;
  int fd_ = -1;
  pid_t process_ = 0;
};

}  // namespace forgetful
