#include "datahub/storage/folder_trial.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/storage/posix_file.h"

namespace datahub::storage {
namespace {

constexpr long kXfs = 0x58465342;  // not in linux/magic.h
constexpr long kZfs = 0x2fc12fc1;
constexpr long kCifs = 0xFF534D42;
constexpr long kFuse = 0x65735546;

struct FileSystemRow {
  long number;
  std::string_view name;
  bool in_memory;
  bool networked;
};

constexpr FileSystemRow kFileSystems[] = {
    {EXT4_SUPER_MAGIC, "ext4", false, false},
    {kXfs, "xfs", false, false},
    {BTRFS_SUPER_MAGIC, "btrfs", false, false},
    {kZfs, "zfs", false, false},
    {OVERLAYFS_SUPER_MAGIC, "overlay", false, false},
    {TMPFS_MAGIC, "tmpfs", true, false},
    {RAMFS_MAGIC, "ramfs", true, false},
    {NFS_SUPER_MAGIC, "nfs", false, true},
    {kCifs, "cifs", false, true},
    {SMB2_SUPER_MAGIC, "smb", false, true},
    {kFuse, "fuse", false, false},
};

Error CannotDo(int error_number, std::string_view what, const std::string& folder) {
  Error error = ErrnoError(error_number, fmt::format("cannot {} in {}", what, folder));
  error.message += "; give another folder, on a local disk that this user may write";
  return error;
}

int RenameNew(const std::string& from, const std::string& to) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

Result<void> Try(const std::string& scratch, FolderTrial& trial) {
  SyncHealth health;
  const std::string first = scratch + "/first";
  const std::string second = scratch + "/second";
  const int64_t begin_us = clock::MonotonicUs();
  for (const std::string& path : {first, second}) {
    PosixFile file = DH_TRY(PosixFile::CreateNew(path));
    DH_TRY(file.Write("datahub"));
    DH_TRY(file.SyncData(health));
  }
  PosixFile names = DH_TRY(PosixFile::OpenFolder(scratch));
  DH_TRY(names.SyncNames(health));
  trial.sync_us = (clock::MonotonicUs() - begin_us) / 2;
  if (const int failure = RenameNew(first, second); failure != EEXIST) {
    return CannotDo(failure == 0 ? EOPNOTSUPP : failure, "rename without replacing", scratch);
  }
  if (const int failure = RenameNew(first, scratch + "/third"); failure != 0) {
    return CannotDo(failure, "rename without replacing", scratch);
  }
  return {};
}

}  // namespace

Result<FolderTrial> TryFolder(const std::string& folder) {
  FolderTrial trial;
  struct statfs facts {};
  if (::statfs(folder.c_str(), &facts) != 0) return ErrnoError(errno, "cannot look at " + folder);
  trial.file_system = fmt::format("{:#x}", static_cast<unsigned long>(facts.f_type));
  for (const FileSystemRow& row : kFileSystems) {
    if (row.number != static_cast<long>(facts.f_type)) continue;
    trial.file_system = row.name;
    trial.in_memory = row.in_memory;
    trial.networked = row.networked;
  }
  std::string scratch = folder + "/.datahub-doctor-XXXXXX";
  if (::mkdtemp(scratch.data()) == nullptr) return CannotDo(errno, "make a folder", folder);
  const Result<void> tried = Try(scratch, trial);
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);
  if (!tried) return tried.error();
  return trial;
}

}  // namespace datahub::storage
