#include "datahub/query/query_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace datahub::query {
namespace {

constexpr int64_t kGraceUs = 1'000'000;
constexpr int kLookEveryMs = 50;

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A child and our end of its standard input and output. It does not outlive this.
class Child {
 public:
  static Result<Child> Start(const QueryProcessOptions& options);
  Child(Child&& other) noexcept
      : process_(std::exchange(other.process_, -1)), socket_(std::exchange(other.socket_, -1)) {}
  ~Child() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      Wait();
    }
    if (socket_ >= 0) ::close(socket_);
  }

  int socket() const { return socket_; }
  // How it ended, as waitpid says.
  int Wait() {
    int how = 0;
    while (::waitpid(process_, &how, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return how;
  }

 private:
  Child(pid_t process, int socket) : process_(process), socket_(socket) {}
  pid_t process_;
  int socket_;
};

Result<Child> Child::Start(const QueryProcessOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoError(errno, "query: no socket for a process");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // connections, locks
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);  // ^C is for the server, which ends it in order
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int failure =
      ::posix_spawn(&process, options.program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failure == 0) return Child(process, ends[0]);
  ::close(ends[0]);
  return ErrnoError(failure, "query: cannot start a process");
}

// Its pieces put together; nothing until they are whole.
class Pieces {
 public:
  explicit Pieces(size_t bytes_max) : bytes_max_(bytes_max) {}

  void Add(std::string_view bytes) {
    rest_ += bytes;
    size_t at = 0;
    while (!done_ && rest_.size() - at >= kPieceHeadBytes) {
      uint32_t length = 0;
      std::memcpy(&length, rest_.data() + at + 1, sizeof(length));
      const std::string_view body = std::string_view(rest_).substr(at + kPieceHeadBytes);
      const auto piece = static_cast<Piece>(rest_[at]);
      // A value may be longer than an answer may be: it is not waited for.
      if (piece == Piece::kText && answer_.size() + length > bytes_max_) {
        failure_ =
            Error{Code::kLimit,
                  fmt::format("the answer is longer than {} bytes: add a LIMIT, or select fewer columns", bytes_max_)};
        done_ = true;
      }
      if (done_ || body.size() < length) break;
      Take(piece, body.substr(0, length));
      at += kPieceHeadBytes + length;
    }
    rest_.erase(0, at);
  }
  bool done() const { return done_; }
  Result<std::string> Taken() && {
    if (failure_) return *std::move(failure_);
    return std::move(answer_);
  }

 private:
  void Take(Piece piece, std::string_view body) {
    if (piece == Piece::kText) {
      answer_ += body;
      return;
    }
    done_ = true;
    if (piece == Piece::kEnd) return;
    failure_ = piece == Piece::kFailure && !body.empty()
                   ? Error{static_cast<Code>(body[0]), std::string(body.substr(1))}
                   : Error{Code::kInternal, "query: its process answered with what is no answer"};
  }

  const size_t bytes_max_;
  std::string rest_;
  std::string answer_;
  std::optional<Error> failure_;
  bool done_ = false;
};

// Waits until the socket is ready for `events`; why not, when its time is over or it is told to stop.
std::optional<Error> WaitFor(int socket, short events, int64_t until_us, const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return Error{Code::kShuttingDown, "query: the server is stopping"};
    if (NowUs() > until_us) return Error{Code::kTimeout, "query: it takes longer than it may; select less"};
    pollfd one{socket, events, 0};
    if (::poll(&one, 1, kLookEveryMs) > 0) return std::nullopt;
  }
}

Result<std::string> Exchange(Child& child, std::string_view task, size_t bytes_max, int64_t until_us,
                             const std::stop_token& stop) {
  while (!task.empty()) {
    if (std::optional<Error> why = WaitFor(child.socket(), POLLOUT, until_us, stop)) return *std::move(why);
    const ssize_t sent = ::send(child.socket(), task.data(), task.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) break;  // it is gone: said below
    task.remove_prefix(static_cast<size_t>(sent));
  }
  ::shutdown(child.socket(), SHUT_WR);
  Pieces pieces(bytes_max);
  std::vector<char> buffer(256 << 10);
  while (!pieces.done()) {
    if (std::optional<Error> why = WaitFor(child.socket(), POLLIN, until_us, stop)) return *std::move(why);
    const ssize_t read = ::recv(child.socket(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (read < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (read <= 0) {
      const int how = child.Wait();
      return Error{Code::kInternal,
                   WIFSIGNALED(how)
                       ? fmt::format("query: its process ended by signal {}; the server is well", WTERMSIG(how))
                       : fmt::format("query: its process ended with {}", WEXITSTATUS(how))};
    }
    pieces.Add({buffer.data(), static_cast<size_t>(read)});
  }
  return std::move(pieces).Taken();
}

}  // namespace

Result<std::string> RunQueryProcess(const QueryTask& task, const QueryProcessOptions& options,
                                    const std::stop_token& stop) {
  const int64_t until_us = NowUs() + task.engine.time_us_max + kGraceUs;
  Result<std::string> answer = [&]() -> Result<std::string> {
    Child child = DH_TRY(Child::Start(options));
    return Exchange(child, ToJson(task), options.answer_bytes_max, until_us, stop);
  }();
  // One that was killed leaves what it spilled.
  std::error_code ignored;
  if (!task.engine.temp_folder.empty()) std::filesystem::remove_all(task.engine.temp_folder, ignored);
  return answer;
}

}  // namespace datahub::query
