// What changes the names in folders.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wrap.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

namespace forgetful {
namespace {

Record NameRecord(Kind kind, const Place& place) {
  Record record;
  record.kind = kind;
  record.id = place.folder_id();
  record.name = place.name();
  return record;
}

// Records that a name comes to be where none is, then lets `call` make it.
template <class Call>
int Making(Kind kind, int at, const char* path, Call&& call) {
  if (!Active()) return static_cast<int>(call());
  Recorder& recorder = Recorder::Get();
  const auto place = recorder.Find(at, path);
  if (!place) return static_cast<int>(call());
  Recorder::Lock lock(recorder);
  if (place->exists()) return static_cast<int>(call());
  const uint64_t position = recorder.Append(NameRecord(kind, *place));
  const int result = static_cast<int>(call());
  if (result < 0) recorder.Cancel(position);
  return result;
}

// A file that is opened with O_TRUNC loses its bytes.
void RecordCut(const Place& place) {
  const int fd = static_cast<int>(::syscall(SYS_openat, place.folder(), place.name().c_str(), O_RDWR | O_CLOEXEC, 0));
  if (fd < 0) return;  // the opening itself will fail
  struct stat facts;
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
    Recorder::Get().RecordBytes(fd, 0, UINT64_MAX);
  }
  ::close(fd);
}

template <class Call>
int Opening(int at, const char* path, int flags, Call&& call) {
  if (!Active() || (flags & (O_CREAT | O_TRUNC)) == 0) return static_cast<int>(call());
  Recorder& recorder = Recorder::Get();
  {
    const auto place = recorder.Find(at, path);
    Recorder::Lock lock(recorder);
    if (place && (flags & O_TRUNC) != 0 && place->exists()) RecordCut(*place);
    if ((flags & O_CREAT) != 0) return Making(Kind::kCreate, at, path, call);
  }
  return static_cast<int>(call());
}

int Open(int at, const char* path, int flags, int mode) {
  return Opening(at, path, flags, [&] { return ::syscall(SYS_openat, at, path, flags, mode); });
}

int Unlink(int at, const char* path) {
  const auto call = [&] { return static_cast<int>(::syscall(SYS_unlinkat, at, path, 0)); };
  if (!Active()) return call();
  Recorder& recorder = Recorder::Get();
  const auto place = recorder.Find(at, path);
  if (!place) return call();
  Recorder::Lock lock(recorder);
  if (!place->exists() || place->is_folder()) return call();
  Record record = NameRecord(Kind::kUnlink, *place);
  record.kept = recorder.KeepFile(*place);
  const uint64_t position = recorder.Append(record);
  const int result = call();
  if (result < 0) recorder.Cancel(position);
  return result;
}

bool IsEmpty(const Place& place) {
  const int fd = static_cast<int>(
      ::syscall(SYS_openat, place.folder(), place.name().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
  if (fd < 0) return false;
  DIR* directory = ::fdopendir(fd);
  int names = 0;
  while (const dirent* entry = ::readdir(directory)) {
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) ++names;
  }
  ::closedir(directory);
  return names == 0;
}

// The folder is moved away, not removed: names in it that were removed and not synced can come back into it.
int RemoveFolder(int at, const char* path) {
  const auto call = [&] { return static_cast<int>(::syscall(SYS_unlinkat, at, path, AT_REMOVEDIR)); };
  if (!Active()) return call();
  Recorder& recorder = Recorder::Get();
  const auto place = recorder.Find(at, path);
  if (!place) return call();
  Recorder::Lock lock(recorder);
  if (!place->is_folder() || !IsEmpty(*place)) return call();
  Record record = NameRecord(Kind::kRemoveFolder, *place);
  record.kept = recorder.NextKept();
  const uint64_t position = recorder.Append(record);
  const std::string kept = KeptPath(recorder.journal(), record.kept);
  const int result = static_cast<int>(
      ::syscall(SYS_renameat2, place->folder(), place->name().c_str(), AT_FDCWD, kept.c_str(), RENAME_NOREPLACE));
  if (result < 0) recorder.Cancel(position);
  return result;
}

int Rename(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  const auto call = [&] { return static_cast<int>(::syscall(SYS_renameat2, from_at, from, to_at, to, flags)); };
  if (!Active()) return call();
  Recorder& recorder = Recorder::Get();
  const auto source = recorder.Find(from_at, from);
  const auto target = recorder.Find(to_at, to);
  if (!source && !target) return call();
  Recorder::Lock lock(recorder);
  if (source && !source->exists()) return call();
  if (!recorder.FolderExists(from_at, from) || !recorder.FolderExists(to_at, to)) return call();  // fails
  if (!source || !target)
    Refuse(std::string("a rename into or out of the root is not modelled: ") + from + " to " + to);
  if ((flags & ~unsigned{RENAME_NOREPLACE}) != 0)
    Refuse("renameat2 with RENAME_EXCHANGE or RENAME_WHITEOUT is not modelled");
  const bool replaces = target->exists();
  if (replaces && (flags & RENAME_NOREPLACE) != 0) return call();
  if (replaces && target->is_folder()) Refuse("a rename onto a folder is not modelled: " + target->name());
  Record record = NameRecord(Kind::kRename, *source);
  record.id2 = target->folder_id();
  record.name2 = target->name();
  if (replaces) record.kept = recorder.KeepFile(*target);
  const uint64_t position = recorder.Append(record);
  const int result = call();
  if (result < 0) recorder.Cancel(position);
  return result;
}

FILE* OpenStream(const char* name, const char* path, const char* mode) {
  using Function = FILE* (*)(const char*, const char*);
  const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
  int flags = 0;
  if (mode[0] == 'w') flags = O_CREAT | O_TRUNC;
  if (mode[0] == 'a') flags = O_CREAT;
  FILE* stream = nullptr;
  Opening(AT_FDCWD, path, flags, [&] {
    stream = real(path, mode);
    return stream == nullptr ? -1 : 0;
  });
  return stream;
}

int ModeOf(int flags, va_list arguments) {
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? va_arg(arguments, int) : 0;
}

}  // namespace
}  // namespace forgetful

using forgetful::Kind;
using forgetful::Making;

extern "C" int OpenPath(const char* path, int flags, ...) FORGETFUL_AS(open);
extern "C" int OpenPath(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = forgetful::ModeOf(flags, arguments);
  va_end(arguments);
  return forgetful::Open(AT_FDCWD, path, flags, mode);
}
FORGETFUL_ALIAS(int, OpenPath64, (const char*, int, ...), open64, open);
FORGETFUL_ALIAS(int, OpenPathChecked, (const char*, int, ...), __open_2, open);
FORGETFUL_ALIAS(int, OpenPath64Checked, (const char*, int, ...), __open64_2, open);

extern "C" int OpenAt(int at, const char* path, int flags, ...) FORGETFUL_AS(openat);
extern "C" int OpenAt(int at, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = forgetful::ModeOf(flags, arguments);
  va_end(arguments);
  return forgetful::Open(at, path, flags, mode);
}
FORGETFUL_ALIAS(int, OpenAt64, (int, const char*, int, ...), openat64, openat);
FORGETFUL_ALIAS(int, OpenAtChecked, (int, const char*, int, ...), __openat_2, openat);
FORGETFUL_ALIAS(int, OpenAt64Checked, (int, const char*, int, ...), __openat64_2, openat);

extern "C" int Create(const char* path, mode_t mode) FORGETFUL_AS(creat);
extern "C" int Create(const char* path, mode_t mode) {
  return forgetful::Open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, static_cast<int>(mode));
}
FORGETFUL_ALIAS(int, Create64, (const char*, mode_t), creat64, creat);

extern "C" FILE* StreamOpen(const char* path, const char* mode) FORGETFUL_AS(fopen);
extern "C" FILE* StreamOpen(const char* path, const char* mode) { return forgetful::OpenStream("fopen", path, mode); }
extern "C" FILE* StreamOpen64(const char* path, const char* mode) FORGETFUL_AS(fopen64);
extern "C" FILE* StreamOpen64(const char* path, const char* mode) {
  return forgetful::OpenStream("fopen64", path, mode);
}

extern "C" int MakeFolder(const char* path, mode_t mode) FORGETFUL_AS(mkdir);
extern "C" int MakeFolder(const char* path, mode_t mode) {
  return Making(Kind::kMakeFolder, AT_FDCWD, path, [&] { return ::syscall(SYS_mkdir, path, mode); });
}

extern "C" int MakeFolderAt(int at, const char* path, mode_t mode) FORGETFUL_AS(mkdirat);
extern "C" int MakeFolderAt(int at, const char* path, mode_t mode) {
  return Making(Kind::kMakeFolder, at, path, [&] { return ::syscall(SYS_mkdirat, at, path, mode); });
}

extern "C" int Link(const char* from, const char* to) FORGETFUL_AS(link);
extern "C" int Link(const char* from, const char* to) {
  return Making(Kind::kCreate, AT_FDCWD, to, [&] { return ::syscall(SYS_link, from, to); });
}

extern "C" int LinkAt(int from_at, const char* from, int to_at, const char* to, int flags) FORGETFUL_AS(linkat);
extern "C" int LinkAt(int from_at, const char* from, int to_at, const char* to, int flags) {
  return Making(Kind::kCreate, to_at, to, [&] { return ::syscall(SYS_linkat, from_at, from, to_at, to, flags); });
}

extern "C" int SymbolicLink(const char* text, const char* path) FORGETFUL_AS(symlink);
extern "C" int SymbolicLink(const char* text, const char* path) {
  return Making(Kind::kCreate, AT_FDCWD, path, [&] { return ::syscall(SYS_symlink, text, path); });
}

extern "C" int SymbolicLinkAt(const char* text, int at, const char* path) FORGETFUL_AS(symlinkat);
extern "C" int SymbolicLinkAt(const char* text, int at, const char* path) {
  return Making(Kind::kCreate, at, path, [&] { return ::syscall(SYS_symlinkat, text, at, path); });
}

extern "C" int UnlinkPath(const char* path) FORGETFUL_AS(unlink);
extern "C" int UnlinkPath(const char* path) { return forgetful::Unlink(AT_FDCWD, path); }

extern "C" int RemoveFolderPath(const char* path) FORGETFUL_AS(rmdir);
extern "C" int RemoveFolderPath(const char* path) { return forgetful::RemoveFolder(AT_FDCWD, path); }

extern "C" int UnlinkAt(int at, const char* path, int flags) FORGETFUL_AS(unlinkat);
extern "C" int UnlinkAt(int at, const char* path, int flags) {
  return (flags & AT_REMOVEDIR) != 0 ? forgetful::RemoveFolder(at, path) : forgetful::Unlink(at, path);
}

extern "C" int Remove(const char* path) FORGETFUL_AS(remove);
extern "C" int Remove(const char* path) {
  if (forgetful::Unlink(AT_FDCWD, path) == 0) return 0;
  return errno == EISDIR || errno == EPERM ? forgetful::RemoveFolder(AT_FDCWD, path) : -1;
}

extern "C" int RenamePath(const char* from, const char* to) FORGETFUL_AS(rename);
extern "C" int RenamePath(const char* from, const char* to) {
  return forgetful::Rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

extern "C" int RenameAt(int from_at, const char* from, int to_at, const char* to) FORGETFUL_AS(renameat);
extern "C" int RenameAt(int from_at, const char* from, int to_at, const char* to) {
  return forgetful::Rename(from_at, from, to_at, to, 0);
}

extern "C" int RenameAt2(int from_at, const char* from, int to_at, const char* to, unsigned flags)
    FORGETFUL_AS(renameat2);
extern "C" int RenameAt2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  return forgetful::Rename(from_at, from, to_at, to, flags);
}
