#include "datahub/query/query_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "datahub/query/wire.h"

namespace datahub::query {
namespace {

constexpr int64_t kGraceUs = 1'000'000;
constexpr int kLookEveryMs = 50;
constexpr int64_t kLookAtSpillsUs = 100'000;
constexpr int kDescriptorMin = 16;  // ours while one is started: none that it will have

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Closed at the end of its scope.
class Owned {
 public:
  explicit Owned(int descriptor) : descriptor_(descriptor) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

int Lifted(int descriptor) { return descriptor < 0 ? -1 : ::fcntl(descriptor, F_DUPFD_CLOEXEC, kDescriptorMin); }

// What the child is to be before it is a program: no descriptors but its own, in the lake, nobody's signals.
class SpawnPlan {
 public:
  SpawnPlan(int socket, int spill, int lake) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (lake >= 0) {
      posix_spawn_file_actions_addfchdir_np(&actions_, lake);
    } else {
      posix_spawn_file_actions_addchdir_np(&actions_, "/");
    }
    posix_spawn_file_actions_adddup2(&actions_, socket, kTaskDescriptor);
    if (spill >= 0) posix_spawn_file_actions_adddup2(&actions_, spill, kSpillDescriptor);
    posix_spawn_file_actions_addclosefrom_np(&actions_, (spill >= 0 ? kSpillDescriptor : kTaskDescriptor) + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);  // ^C is for us, who end it in order
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  // 0, or why not.
  int Spawn(const QueryProcessOptions& options, pid_t* process) const {
    std::vector<char*> arguments;
    for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    char* no_environment[] = {nullptr};
    return ::posix_spawn(process, options.program.c_str(), &actions_, &attributes_, arguments.data(), no_environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// Waits until the socket is ready for `events`; why not, when its time is over or it is told to stop.
std::optional<Error> WaitFor(int socket, short events, int64_t until_us, const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return Error{Code::kShuttingDown, "query: it was cancelled"};
    if (NowUs() > until_us) return Error{Code::kTimeout, "query: it takes longer than it may; select less"};
    pollfd one{socket, events, 0};
    if (::poll(&one, 1, kLookEveryMs) > 0) return std::nullopt;
  }
}

Error NoAnswer() { return Error{Code::kInternal, "query: its process gave what is no answer; please report this SQL"}; }

// What comes from the process, frame by frame. Never holds more than one, and no frame is longer than its kind may be.
class AnswerFrames {
 public:
  explicit AnswerFrames(const Sink& sink) : sink_(sink) {}

  // Nothing: there is more to come.
  Result<std::optional<Answer>> Add(std::string_view bytes) {
    rest_ += bytes;
    std::string_view left = rest_;
    std::optional<Answer> answer;
    while (left.size() >= kFrameHeadBytes) {
      const auto kind = static_cast<FrameKind>(left[0]);
      uint32_t length = 0;
      std::memcpy(&length, left.data() + 1, sizeof(length));
      if (length > BytesMax(kind) || answer) return NoAnswer();
      if (left.size() - kFrameHeadBytes < length) break;
      answer = DH_TRY(Take(kind, left.substr(kFrameHeadBytes, length)));
      left.remove_prefix(kFrameHeadBytes + length);
    }
    rest_.erase(0, rest_.size() - left.size());
    return answer;
  }

 private:
  static size_t BytesMax(FrameKind kind) {
    if (kind == FrameKind::kText) return kTextBytesMax;
    if (kind == FrameKind::kFailure) return kFailureBytesMax;
    return kind == FrameKind::kEnd ? kTextBytesMax : 0;
  }

  Result<std::optional<Answer>> Take(FrameKind kind, std::string_view body) {
    if (kind == FrameKind::kText) {
      DH_TRY(sink_(body));
      return std::optional<Answer>();
    }
    if (kind == FrameKind::kEnd) return std::optional(DH_TRY(DecodeAnswer(body)));
    const bool known = kind == FrameKind::kFailure && !body.empty() &&
                       static_cast<unsigned char>(body[0]) <= static_cast<unsigned char>(Code::kInternal);
    if (!known) return NoAnswer();
    return Error{static_cast<Code>(body[0]), std::string(body.substr(1))};
  }

  const Sink& sink_;
  std::string rest_;
};

}  // namespace

Result<QueryProcess> QueryProcess::Start(const QueryProcessOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoError(errno, "query: no socket for a process");
  }
  Owned ours(ends[0]);
  const Owned low(ends[1]);
  SpillFolder spill = SpillFolder::Make(options.spill_prefix);
  const Owned lake(options.lake.empty() ? -1 : ::open(options.lake.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Owned socket(Lifted(ends[1]));
  const Owned folder(Lifted(spill.descriptor()));
  if (socket.get() < 0) return ErrnoError(errno, "query: no descriptor for a process");
  pid_t process = -1;
  const int failure = SpawnPlan(socket.get(), folder.get(), lake.get()).Spawn(options, &process);
  if (failure != 0) return ErrnoError(failure, "query: cannot start a process");
  EngineOptions limits = options.limits;
  if (limits.temp_bytes_max == 0) limits.temp_bytes_max = spill.free_bytes() / 2;  // others need room too
  QueryProcess started(process, ours.Release(), std::move(spill), limits);
  const std::string text = EncodeLimits(limits, folder.get() >= 0);
  DH_TRY(started.Send(FrameHead(FrameKind::kLimits, text.size()) + text, NowUs() + kGraceUs, {}));
  return started;
}

QueryProcess& QueryProcess::operator=(QueryProcess&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(socket_, other.socket_);
  std::swap(spill_, other.spill_);
  std::swap(spill_bytes_max_, other.spill_bytes_max_);
  std::swap(time_us_max_, other.time_us_max_);
  return *this;
}

QueryProcess::~QueryProcess() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    Wait();
  }
  if (socket_ >= 0) ::close(socket_);
}

// How it ended, as waitpid says.
int QueryProcess::Wait() {
  int how = 0;
  while (::waitpid(process_, &how, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return how;
}

// One that waits says nothing: what comes is its end.
bool QueryProcess::is_alive() {
  pollfd one{socket_, POLLIN, 0};
  return process_ > 0 && ::poll(&one, 1, 0) == 0;
}

// One that is gone is no error here: it may have said why.
Result<void> QueryProcess::Send(std::string_view bytes, int64_t until_us, const std::stop_token& stop) {
  while (!bytes.empty()) {
    if (std::optional<Error> why = WaitFor(socket_, POLLOUT, until_us, stop)) return *std::move(why);
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) break;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

std::optional<Error> QueryProcess::WaitForAnswer(int64_t until_us, const std::stop_token& stop) {
  for (;;) {
    const int64_t look_us = std::min(until_us, NowUs() + kLookAtSpillsUs);
    std::optional<Error> why = WaitFor(socket_, POLLIN, look_us, stop);
    if (!why || why->code != Code::kTimeout || NowUs() > until_us) return why;
    if (spill_.used_bytes() > spill_bytes_max_) {
      return Error{Code::kLimit,
                   fmt::format("query: it spills more than the {} bytes it may: select less, or raise the "
                               "limit",
                               spill_bytes_max_)};
    }
  }
}

Result<Answer> QueryProcess::Receive(const Sink& sink, int64_t until_us, const std::stop_token& stop) {
  AnswerFrames frames(sink);
  std::vector<char> buffer(kTextBytesMax);
  for (;;) {
    if (std::optional<Error> why = WaitForAnswer(until_us, stop)) return *std::move(why);
    const ssize_t read = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (read < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (read <= 0) {
      const int how = Wait();
      return Error{Code::kInternal,
                   WIFSIGNALED(how) ? fmt::format("query: its process ended by signal {}; no other is harmed by it. {}",
                                                  WTERMSIG(how), "Select less, or please report this SQL")
                                    : fmt::format("query: its process ended with {}", WEXITSTATUS(how))};
    }
    std::optional<Answer> answer = DH_TRY(frames.Add({buffer.data(), static_cast<size_t>(read)}));
    if (answer) return *std::move(answer);
  }
}

Result<Answer> QueryProcess::Run(const QueryTask& task, const Sink& sink, const std::stop_token& stop) && {
  DH_TRY(CheckText(task.sql));
  const int64_t until_us = time_us_max_ == 0 ? std::numeric_limits<int64_t>::max() : NowUs() + time_us_max_ + kGraceUs;
  const std::string text = Encode(task);
  if (text.size() > kTaskBytesMax) {
    return Error{Code::kLimit, "query: the tables that it names have too many files to be told; name fewer"};
  }
  DH_TRY(Send(FrameHead(FrameKind::kTask, text.size()), until_us, stop));
  DH_TRY(Send(text, until_us, stop));
  return Receive(sink, until_us, stop);
}

QueryProcesses::QueryProcesses(QueryProcessOptions options)
    : options_(std::move(options)), keeper_([this](const std::stop_token& done) { KeepSpare(done); }) {}

void QueryProcesses::KeepSpare(const std::stop_token& done) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, done, [this] { return wanted_ && !spare_; })) {
    wanted_ = false;  // one that cannot be started is tried again behind the next query
    lock.unlock();
    QueryProcessOptions options = options_;
    options.limits.warms_up = true;
    Result<QueryProcess> started = QueryProcess::Start(options);
    lock.lock();
    if (started) spare_ = *std::move(started);
  }
}

Result<Answer> QueryProcesses::Run(const QueryTask& task, const Sink& sink, const std::stop_token& stop) {
  std::optional<QueryProcess> process;
  {
    const std::lock_guard lock(mutex_);
    process.swap(spare_);
    wanted_ = true;
  }
  wake_.notify_one();
  if (!process || !process->is_alive()) process = DH_TRY(QueryProcess::Start(options_));
  return std::move(*process).Run(task, sink, stop);
}

}  // namespace datahub::query
