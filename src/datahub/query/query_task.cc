#include "datahub/query/query_task.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "datahub/query/engine.h"
#include "datahub/query/wire.h"

namespace datahub::query {
namespace {

// Beside what DuckDB counts as its memory: the program, threads' stacks, an answer's text, values that it does not count.
constexpr uint64_t kUncountedBytes = 256u << 20;
constexpr int kNiceness = 5;

Result<void> SendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(kTaskDescriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return ErrnoError(errno, "query: cannot write the answer");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

Result<void> SendFrame(FrameKind kind, std::string_view body) {
  DH_TRY(SendAll(FrameHead(kind, body.size())));
  return SendAll(body);
}

// False at the end of what comes, before the first byte.
Result<bool> ReceiveAll(char* out, size_t bytes) {
  for (size_t had = 0; had < bytes;) {
    const ssize_t read = ::read(kTaskDescriptor, out + had, bytes - had);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return ErrnoError(errno, "query: cannot read the task");
    if (read == 0 && had == 0) return false;
    if (read == 0) return Error{Code::kInternal, "query: the task is not whole"};
    had += static_cast<size_t>(read);
  }
  return true;
}

// Nothing: nobody wants an answer any more.
Result<std::optional<std::string>> ReceiveFrame(FrameKind kind, size_t bytes_max) {
  char head[kFrameHeadBytes];
  if (!DH_TRY(ReceiveAll(head, sizeof(head)))) return std::optional<std::string>();
  uint32_t length = 0;
  std::memcpy(&length, head + 1, sizeof(length));
  if (static_cast<FrameKind>(head[0]) != kind || length > bytes_max) {
    return Error{Code::kInternal, "query: what came is no task"};
  }
  std::string body(length, '\0');
  if (length > 0 && !DH_TRY(ReceiveAll(body.data(), length))) {
    return Error{Code::kInternal, "query: the task is not whole"};
  }
  return std::optional(std::move(body));
}

void Limit(__rlimit_resource what, uint64_t most) {
  rlimit now{};
  ::getrlimit(what, &now);
  const rlimit limit{std::min<rlim_t>(most, now.rlim_max), std::min<rlim_t>(most, now.rlim_max)};
  ::setrlimit(what, &limit);
}

void TakeLimits(const EngineOptions& limits) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadows are larger than any limit
  const uint64_t memory = limits.memory_bytes_max;
  const auto machine =
      static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  Limit(RLIMIT_DATA, memory > 0 ? memory + memory / 4 + kUncountedBytes : machine);
#endif
  Limit(RLIMIT_CORE, 0);
  if (limits.yields_processor) ::setpriority(PRIO_PROCESS, 0, kNiceness);
  // Nothing but spills is ever written, and they are in files: none can grow larger than all together may.
  std::signal(SIGXFSZ, SIG_IGN);
  Limit(RLIMIT_FSIZE, limits.temp_folder.empty() ? 0 : limits.temp_bytes_max);
}

// Ends the process when nobody is left to take the answer, whatever it computes.
void EndWithReader() {
  std::thread([] {
    pollfd reader{kTaskDescriptor, POLLRDHUP, 0};
    while (::poll(&reader, 1, -1) < 0 && errno == EINTR) {
    }
    ::_exit(1);
  }).detach();
}

Result<void> ReadAndAnswer() {
  const std::optional<std::string> limits = DH_TRY(ReceiveFrame(FrameKind::kLimits, kLimitsBytesMax));
  if (!limits) return {};
  const EngineOptions options = DH_TRY(DecodeLimits(*limits));
  TakeLimits(options);
  Result<Engine> engine = Engine::Open(options);
  std::optional<std::string> asked = DH_TRY(ReceiveFrame(FrameKind::kTask, kTaskBytesMax));
  if (!asked) return {};
  EndWithReader();
  if (!engine) return std::move(engine).error();
  const QueryTask task = DH_TRY(DecodeTask(*asked));
  asked.reset();
  const Sink sink = [](std::string_view text) -> Result<void> {
    while (!text.empty()) {
      DH_TRY(SendFrame(FrameKind::kText, text.substr(0, kTextBytesMax)));
      text.remove_prefix(std::min(text.size(), kTextBytesMax));
    }
    return {};
  };
  const Answer answer = DH_TRY(std::move(*engine).Run(task.snapshot, task.sql, task.output, sink));
  return SendFrame(FrameKind::kEnd, Encode(answer));
}

// Exceptions of libraries end here.
Result<void> ReadAndAnswerOrSayWhy() {
  try {
    return ReadAndAnswer();
  } catch (const std::bad_alloc&) {
    return Error{Code::kLimit, "query: a value of the answer needs more memory than it may have: select less"};
  } catch (const std::exception& problem) {
    return Error{Code::kInternal, fmt::format("query: it ended with an exception: {}", problem.what())};
  } catch (...) {
    return Error{Code::kInternal, "query: it ended with an exception"};
  }
}

}  // namespace

std::string Encode(const QueryTask& task) {
  Encoder out;
  out.Text(Encode(task.snapshot)).Text(task.sql).Number(uint64_t(task.output.format));
  out.Number(task.output.rows_max).Number(task.output.width_max);
  return std::move(out.text);
}

Result<QueryTask> DecodeTask(std::string_view bytes) {
  Decoder in(bytes);
  QueryTask task;
  const std::string_view snapshot = in.Text();
  task.sql = in.Text();
  const uint64_t format = in.Number();
  task.output.format = static_cast<Format>(format);
  task.output.rows_max = in.Number();
  task.output.width_max = in.Number();
  if (!in.done() || format > uint64_t(Format::kArrow)) return Error{Code::kInternal, "query: the task is not whole"};
  task.snapshot = DH_TRY(DecodeSnapshot(snapshot));
  return task;
}

std::string EncodeLimits(const EngineOptions& limits, bool may_spill) {
  Encoder out;
  out.Number(uint64_t(limits.threads)).Number(limits.memory_bytes_max).Number(may_spill ? 1 : 0);
  out.Number(limits.temp_bytes_max).Number(limits.statements_max).Number(uint64_t(limits.time_us_max));
  out.Number(limits.yields_processor ? 1 : 0).Number(limits.warms_up ? 1 : 0);
  return std::move(out.text);
}

Result<EngineOptions> DecodeLimits(std::string_view bytes) {
  Decoder in(bytes);
  EngineOptions limits;
  limits.threads = static_cast<int>(in.Number());
  limits.memory_bytes_max = in.Number();
  if (in.Number() != 0) limits.temp_folder = fmt::format("/proc/self/fd/{}", kSpillDescriptor);
  limits.temp_bytes_max = in.Number();
  limits.statements_max = in.Number();
  limits.time_us_max = static_cast<int64_t>(in.Number());
  limits.yields_processor = in.Number() != 0;
  limits.warms_up = in.Number() != 0;
  if (in.done()) return limits;
  return Error{Code::kInternal, "query: the limits are not whole"};
}

std::string Encode(const Answer& answer) {
  Encoder out;
  out.Number(answer.rows).Number(answer.truncated ? 1 : 0);
  out.Real(answer.open_seconds).Real(answer.view_seconds).Real(answer.run_seconds);
  return std::move(out.text);
}

Result<Answer> DecodeAnswer(std::string_view bytes) {
  Decoder in(bytes);
  Answer answer;
  answer.rows = in.Number();
  answer.truncated = in.Number() != 0;
  answer.open_seconds = in.Real();
  answer.view_seconds = in.Real();
  answer.run_seconds = in.Real();
  if (in.done()) return answer;
  return Error{Code::kInternal, "query: its process gave an answer without an end"};
}

int AnswerQueryTask() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read the answer
  const Result<void> answered = ReadAndAnswerOrSayWhy();
  if (answered) return 0;
  const Error& error = answered.error();
  const auto code = static_cast<char>(error.code);
  (void)SendFrame(FrameKind::kFailure, code + error.message.substr(0, kFailureBytesMax - 1));
  return 1;
}

}  // namespace datahub::query
