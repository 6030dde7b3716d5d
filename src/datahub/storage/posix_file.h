#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/storage/store.h"

namespace datahub::storage {

// Remembers the first failed sync. After one the kernel may drop what it could not write and call the next sync a success,
// so nothing that this process still does can be trusted to be durable: every later call is refused with the same error
// (Corruption: stop, tell a person). A new process looks at what is there.
class SyncHealth {
 public:
  Result<void> Check() const;
  Error Fail(int error_number, const std::string& path);

 private:
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
};

// Who else on this machine may read what is made. Private: nobody. Shared: whom the process's umask lets; other programs read
// the lake as other users.
enum class Access : uint8_t { kPrivate, kShared };

// An open file. Closing never makes anything durable or visible.
class PosixFile {
 public:
  PosixFile() = default;
  ~PosixFile();
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  // NotFound when there is none.
  static Result<PosixFile> OpenForReading(std::string path);
  // AlreadyExists when there is one.
  static Result<PosixFile> CreateNew(std::string path, Access access = Access::kPrivate);
  static Result<PosixFile> OpenFolder(std::string path);
  // An existing one, to be read and overwritten in place.
  static Result<PosixFile> OpenForUpdate(std::string path);

  Result<void> Write(std::string_view bytes);
  Result<void> WriteAt(uint64_t offset, std::string_view bytes);
  // Makes it so long, of zeros, and takes the room on the disk. DiskFull changes nothing.
  Result<void> Reserve(uint64_t bytes);
  // As many bytes as there are, up to `size`.
  Result<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) const;
  Result<uint64_t> Size() const;
  // Whether its path still leads to it: false when it, or a folder above, was moved or replaced.
  bool IsStillThere() const;
  // Asks the disk to begin with these bytes, so that the sync at the end is short. Promises nothing.
  void StartWriteBack(uint64_t offset, uint64_t bytes);
  // File contents and size. A full disk is DiskFull and the file is to be dropped: what it holds is not known.
  Result<void> SyncData(SyncHealth& health);
  // Names in a folder.
  Result<void> SyncNames(SyncHealth& health);
  // From the beginning to the end.
  Result<ObjectFacts> Facts();
  Result<std::string> ReadAll();

  const std::string& path() const { return path_; }

 private:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  static Result<PosixFile> Open(std::string path, int flags, std::string_view what, unsigned mode = 0);
  Result<size_t> ReadSome(char* buffer, size_t size);

  int fd_ = -1;
  std::string path_;
};

// errno with what a person does next.
Error FileError(int error_number, std::string_view what, const std::string& path);

// What `path` holds, or nothing when there is no such file.
Result<std::optional<ObjectFacts>> FactsOf(const std::string& path);
Result<bool> FileExists(const std::string& path);
// Returns whether there was one.
Result<bool> UnlinkIfThere(const std::string& path);

}  // namespace datahub::storage
