#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/query/query_task.h"

namespace datahub::query {

// Runs the task in a process of its own and gives all of its answer. One value can take any memory, and a function that makes
// it any time, whatever DuckDB is told; a process has limits that hold, and takes nobody with it.
//
//   QueryTask -> [ datahub answer-query: Engine -> pieces ] -> text
//
// Limits   memory: its RLIMIT_DATA; time: it is killed a second after it should have ended by itself; the answer's bytes
// Errors   the engine's · Limit (answer) · Timeout · ShuttingDown (told to stop) · Internal (it ended without an answer)
// Threads  any; blocks
struct QueryProcessOptions {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments = {"datahub", "answer-query"};
  size_t answer_bytes_max = 64u << 20;
};
Result<std::string> RunQueryProcess(const QueryTask& task, const QueryProcessOptions& options,
                                    const std::stop_token& stop);

}  // namespace datahub::query
