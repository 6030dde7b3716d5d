#include "datahub/app/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "datahub/app/descriptor.h"

namespace datahub::app {
Result<std::string> ReadTextFile(const std::string& path, size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not hang
  if (file.number() < 0) return ErrnoError(errno, fmt::format("cannot open {}", path));
  struct stat stat {};
  if (::fstat(file.number(), &stat) != 0) return ErrnoError(errno, fmt::format("cannot look at {}", path));
  if (!S_ISREG(stat.st_mode)) return Error{Code::kInvalidInput, fmt::format("{} is not a file", path)};
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(file.number(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, fmt::format("cannot read {}", path));
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > bytes_max) {
      return Error{Code::kLimit, fmt::format("{} is larger than {} KiB", path, bytes_max >> 10)};
    }
  }
}

Result<void> WriteNewTextFile(const std::string& path, std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.number() < 0) return ErrnoError(errno, fmt::format("cannot create {}", path));
  while (!text.empty()) {
    const ssize_t put = ::write(file.number(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoError(errno, fmt::format("cannot write {}", path));
    text.remove_prefix(static_cast<size_t>(put));
  }
  if (file.Close() != 0) return ErrnoError(errno, fmt::format("cannot write {}", path));
  return {};
}

}  // namespace datahub::app
