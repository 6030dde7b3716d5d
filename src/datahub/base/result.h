#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace datahub {

// What the caller does next decides the code.
enum class Code {
  kInvalidInput,   // the user's text or data is wrong: say so, do not retry
  kNotFound,       //
  kAlreadyExists,  //
  kConflict,       // somebody else changed it: reload, retry
  kFenced,         // a newer incarnation owns the project: stop at once
  kUnavailable,    // retry later
  kTimeout,        // retry later; the call may have worked
  kLimit,          // a written limit was reached
  kDiskFull,       // retry when there is space
  kCorruption,     // stop, tell a person
  kCommitUnknown,  // look, then decide
  kShuttingDown,   //
  kInternal,       // a bug of ours
};

std::string_view CodeName(Code code);

// Message: what failed, on what, why, what to do next. The library's own text comes last.
struct Error {
  Code code = Code::kInternal;
  std::string message;

  // "Conflict: …"
  std::string ToString() const;
};

// A value or an Error. Derived from std::expected because an alias would not warn when it is dropped.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpected(std::move(error))) {}  // NOLINT(runtime/explicit)
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using std::expected<void, Error>::expected;
  Result(Error error) : std::expected<void, Error>(std::unexpected(std::move(error))) {}  // NOLINT(runtime/explicit)
};

// errno as an Error: kDiskFull for ENOSPC and EDQUOT, kNotFound for ENOENT, kAlreadyExists for EEXIST, else kUnavailable.
Error ErrnoError(int error_number, std::string what);

// Ends the program with a message, in release builds too. For what only a programmer can cause.
[[noreturn]] void Panic(const char* file, int line, std::string_view what);

}  // namespace datahub

// auto x = DH_TRY(F());   returns F's error from the calling function. One a statement, never in a coroutine.
#define DH_TRY(expression)                                  \
  ({                                                        \
    auto dh_result = (expression);                          \
    if (!dh_result) [[unlikely]]                            \
      return std::unexpected(std::move(dh_result).error()); \
    *std::move(dh_result);                                  \
  })

#define DH_ASSERT(condition) (static_cast<bool>(condition) ? void(0) : ::datahub::Panic(__FILE__, __LINE__, #condition))
