#include "datahub/base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace datahub {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kInvalidInput:
      return "invalid input";
    case Code::kNotFound:
      return "not found";
    case Code::kAlreadyExists:
      return "already exists";
    case Code::kConflict:
      return "conflict";
    case Code::kFenced:
      return "fenced";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kTimeout:
      return "timeout";
    case Code::kLimit:
      return "limit";
    case Code::kDiskFull:
      return "disk full";
    case Code::kCorruption:
      return "corruption";
    case Code::kCommitUnknown:
      return "commit unknown";
    case Code::kShuttingDown:
      return "shutting down";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

std::string Error::ToString() const { return std::string(CodeName(code)) + ": " + message; }

Error ErrnoError(int error_number, std::string what) {
  Code code = Code::kUnavailable;
  if (error_number == ENOSPC || error_number == EDQUOT) code = Code::kDiskFull;
  if (error_number == ENOENT) code = Code::kNotFound;
  if (error_number == EEXIST) code = Code::kAlreadyExists;
  return Error{code, std::move(what) + ": " + std::strerror(error_number)};
}

void Panic(const char* file, int line, std::string_view what) {
  std::fprintf(stderr, "datahub: internal error at %s:%d: %.*s\n", file, line, static_cast<int>(what.size()),
               what.data());
  std::abort();
}

}  // namespace datahub
