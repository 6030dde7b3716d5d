#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/query/answer.h"
#include "datahub/query/snapshot.h"

namespace datahub::query {

// One query as a process of its own is told it: see query_process.h.
struct QueryTask {
  Snapshot snapshot;
  std::string sql;
  OutputOptions output;
};

std::string Encode(const QueryTask& task);
Result<QueryTask> DecodeTask(std::string_view bytes);

// What a process may take, without a folder: it has a descriptor instead, when there is one.
std::string EncodeLimits(const EngineOptions& limits, bool may_spill);
Result<EngineOptions> DecodeLimits(std::string_view bytes);

std::string Encode(const Answer& answer);
Result<Answer> DecodeAnswer(std::string_view bytes);

inline constexpr int kTaskDescriptor = 3;   // a socket: limits and a task come in, the answer goes out
inline constexpr int kSpillDescriptor = 4;  // a folder, when it may spill

// That process: reads limits, takes them upon itself, opens a DuckDB, reads a task and answers. Standard input, output and errors
// are nobody's: whatever a library writes there is no answer. The exit code.
int AnswerQueryTask();

}  // namespace datahub::query
