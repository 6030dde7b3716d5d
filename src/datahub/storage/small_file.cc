#include "datahub/storage/small_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>

#include "datahub/base/crash_point.h"
#include "datahub/storage/object_key.h"
#include "datahub/storage/posix_file.h"

namespace datahub::storage {
namespace {

constexpr uint64_t kSmallFileBytesMax = 1u << 20;

}  // namespace

Result<void> ReplaceFile(const std::string& path, std::string_view text, Access access) {
  const std::string folder(FolderOf(path));
  const std::string aside_prefix = path + ".new-";
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored)) {
    if (at->path().native().starts_with(aside_prefix)) DH_TRY(UnlinkIfThere(at->path()));  // was cut off
  }
  SyncHealth health;
  const std::string aside = fmt::format("{}{}", aside_prefix, ::getpid());
  const auto write = [&]() -> Result<void> {
    PosixFile file = DH_TRY(PosixFile::CreateNew(aside, access));
    DH_TRY(file.Write(text));
    DH_TRY(file.SyncData(health));
    CrashPoint("small_file.written");
    if (std::rename(aside.c_str(), path.c_str()) == 0) return {};
    return FileError(errno, "name", path);
  };
  if (const Result<void> written = write(); !written) {
    (void)UnlinkIfThere(aside);
    return written;
  }
  CrashPoint("small_file.named");
  PosixFile names = DH_TRY(PosixFile::OpenFolder(folder));
  return names.SyncNames(health);
}

Result<std::optional<std::string>> ReadSmallFile(const std::string& path) {
  auto file = PosixFile::OpenForReading(path);
  if (!file && file.error().code == Code::kNotFound) return std::optional<std::string>();
  if (!file) return std::move(file).error();
  if (DH_TRY(file->Size()) > kSmallFileBytesMax) {
    return Error{Code::kLimit,
                 fmt::format("{} is larger than {} bytes: it is not what should be there", path, kSmallFileBytesMax)};
  }
  return std::optional<std::string>(DH_TRY(file->ReadAll()));
}

}  // namespace datahub::storage
