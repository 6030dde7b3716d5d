#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/query/query_task.h"
#include "datahub/query/spill_folder.h"

namespace datahub::query {

struct QueryProcessOptions {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments = {"datahub", "answer-query"};
  EngineOptions limits;      // but its folder
  std::string lake;          // a folder: locations of snapshots may be relative to it; "" or not there: they are not
  std::string spill_prefix;  // where it spills: a folder whose name begins so; "": it does not
};

// A process that answers one query. One value can take any memory, and a function that makes it any time, whatever DuckDB is told;
// a process has limits that hold, and takes nobody with it. It is given a snapshot and a folder to spill in: no path to ledger
// or project, no environment, no descriptor of ours but its own.
//
//   QueryTask -> [ datahub answer-query: Engine -> frames ] -> sink
//
// Limits   memory: its RLIMIT_DATA; spills: looked at while it runs, DuckDB's own limit lets some pass; time: it is killed a second after it should have
//          ended by itself
// Errors   the engine's · the sink's · Timeout · ShuttingDown (told to stop) · Internal (it ended without an answer, or gave
//          what is none)
// Threads  one at a time; Run blocks. The process ends with the thread that started it, and with this
class QueryProcess {
 public:
  // Its DuckDB opens while it waits for its task.
  static Result<QueryProcess> Start(const QueryProcessOptions& options);

  QueryProcess(QueryProcess&& other) noexcept { *this = std::move(other); }
  QueryProcess& operator=(QueryProcess&& other) noexcept;
  ~QueryProcess();

  bool is_alive();
  // All pieces of the answer come to the sink as they are made. The process is spent afterwards.
  Result<Answer> Run(const QueryTask& task, const Sink& sink, const std::stop_token& stop) &&;

 private:
  QueryProcess(pid_t process, int socket, SpillFolder spill, const EngineOptions& limits)
      : process_(process),
        socket_(socket),
        spill_(std::move(spill)),
        spill_bytes_max_(limits.temp_bytes_max),
        time_us_max_(limits.time_us_max) {}

  Result<void> Send(std::string_view bytes, int64_t until_us, const std::stop_token& stop);
  Result<Answer> Receive(const Sink& sink, int64_t until_us, const std::stop_token& stop);
  // Until there is something to read; why not, when time or spills are over or it is told to stop.
  std::optional<Error> WaitForAnswer(int64_t until_us, const std::stop_token& stop);
  int Wait();

  pid_t process_ = -1;
  int socket_ = -1;
  SpillFolder spill_;
  uint64_t spill_bytes_max_ = 0;
  int64_t time_us_max_ = 0;
};

// Processes for a server's queries, one of which waits for its task: a small query does not wait for a program to start.
//
// Threads  any; one of its own, by which the spare one is started
class QueryProcesses {
 public:
  explicit QueryProcesses(QueryProcessOptions options);

  Result<Answer> Run(const QueryTask& task, const Sink& sink, const std::stop_token& stop);

 private:
  void KeepSpare(const std::stop_token& done);

  const QueryProcessOptions options_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<QueryProcess> spare_;
  bool wanted_ = true;   // a spare one
  std::jthread keeper_;  // last: it uses all
};

}  // namespace datahub::query
