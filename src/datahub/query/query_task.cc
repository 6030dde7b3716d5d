#include "datahub/query/query_task.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::query {
namespace {

// Beside what DuckDB counts as its memory: the program, threads' stacks, an answer's text, values that it does not count.
constexpr uint64_t kUncountedBytes = 256u << 20;

struct Number {
  std::string_view name;
  uint64_t value;
};

Result<void> WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError(errno, "cannot write the answer");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<std::string> ReadAll() {
  std::string all;
  char buffer[64 << 10];
  for (;;) {
    const ssize_t read = ::read(STDIN_FILENO, buffer, sizeof(buffer));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return ErrnoError(errno, "cannot read the query");
    if (read == 0) return all;
    all.append(buffer, static_cast<size_t>(read));
  }
}

void LimitMemory([[maybe_unused]] uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadows are larger than any limit
  const rlim_t most = bytes + bytes / 4 + kUncountedBytes;
  const rlimit limit{most, most};
  ::setrlimit(RLIMIT_DATA, &limit);
#endif
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

Result<void> Answer(const QueryTask& task) {
  const std::unique_ptr<ledger::Ledger> ledger =
      DH_TRY(ledger::OpenSqliteLedger(task.ledger_path, ledger::OpenMode::kReadOnly));
  const std::unique_ptr<storage::Store> store = DH_TRY(storage::OpenLocalStore(task.lake));
  const auto sink = [](std::string_view text) -> Result<void> {
    DH_TRY(WriteAll(PieceHead(Piece::kText, text.size())));
    return WriteAll(text);
  };
  DH_TRY(Engine(ledger.get(), *store, task.engine).Run(task.sql, {.format = task.format}, sink));
  return WriteAll(PieceHead(Piece::kEnd, 0));
}

Result<void> ReadAndAnswer() {
  const std::string json = DH_TRY(ReadAll());
  const QueryTask task = DH_TRY(TaskFromJson(json));
  LimitMemory(task.engine.memory_bytes_max);
  try {
    return Answer(task);
  } catch (const std::bad_alloc&) {
    return Error{Code::kLimit, "query: a value of the answer needs more memory than it may have: select less"};
  }
}

}  // namespace

std::string ToJson(const QueryTask& task) {
  const EngineOptions& engine = task.engine;
  json::Writer out;
  out.BeginObject().Key("ledger").String(task.ledger_path).Key("lake").String(task.lake);
  out.Key("database").String(engine.database).Key("temp_folder").String(engine.temp_folder);
  for (const auto& [name, value] :
       {Number{"format", uint64_t(task.format)}, Number{"threads", uint64_t(engine.threads)},
        Number{"memory", engine.memory_bytes_max}, Number{"temp", engine.temp_bytes_max},
        Number{"commits", engine.commits_max}, Number{"statements", engine.statements_max},
        Number{"time_us", uint64_t(engine.time_us_max)}}) {
    out.Key(name).Number(value);
  }
  // Bytes that are no UTF-8 would be mended in a JSON text, so the SQL stands behind it.
  out.EndObject();
  return out.text() + '\n' + task.sql;
}

Result<QueryTask> TaskFromJson(std::string_view text) {
  const size_t line = text.find('\n');
  if (line == text.npos) return Error{Code::kInvalidInput, "the query's task is not whole"};
  json::Document document;
  const json::Value* value = DH_TRY(document.Parse(text.substr(0, line)));
  QueryTask task;
  task.sql = text.substr(line + 1);
  bool whole = true;
  const auto string_of = [&](std::string_view name) {
    const json::Value* found = value->Find(name);
    whole = whole && found != nullptr && found->is_string();
    return whole ? std::string(found->text) : std::string();
  };
  const auto number_of = [&](std::string_view name) {
    uint64_t number = 0;
    const json::Value* found = value->Find(name);
    whole = whole && found != nullptr && found->is_number() &&
            std::from_chars(found->text.data(), found->text.data() + found->text.size(), number).ec == std::errc();
    return number;
  };
  if (!value->is_object()) return Error{Code::kInvalidInput, "the query's task is not whole"};
  task.ledger_path = string_of("ledger");
  task.lake = string_of("lake");
  task.engine.database = string_of("database");
  task.engine.temp_folder = string_of("temp_folder");
  task.format = static_cast<Format>(number_of("format"));
  task.engine.threads = static_cast<int>(number_of("threads"));
  task.engine.memory_bytes_max = number_of("memory");
  task.engine.temp_bytes_max = number_of("temp");
  task.engine.commits_max = number_of("commits");
  task.engine.statements_max = number_of("statements");
  task.engine.time_us_max = static_cast<int64_t>(number_of("time_us"));
  if (!whole) return Error{Code::kInvalidInput, "the query's task is not whole"};
  return task;
}

std::string PieceHead(Piece piece, size_t bytes) {
  const auto length = static_cast<uint32_t>(bytes);
  std::string head(kPieceHeadBytes, static_cast<char>(piece));
  std::memcpy(head.data() + 1, &length, sizeof(length));
  return head;
}

int AnswerQueryTask() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read the answer
  const Result<void> answered = ReadAndAnswer();
  if (answered) return 0;
  const Error& error = answered.error();
  const auto code = static_cast<char>(error.code);
  (void)WriteAll(PieceHead(Piece::kFailure, error.message.size() + 1) + code + error.message);
  return 1;
}

}  // namespace datahub::query
