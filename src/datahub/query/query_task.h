#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/query/engine.h"

namespace datahub::query {

// One query as a process of its own is told it: see query_process.h.
struct QueryTask {
  std::string ledger_path;
  std::string lake;  // the store's location
  std::string sql;
  Format format = Format::kJsonArray;
  EngineOptions engine;  // all but `stop`
};

std::string ToJson(const QueryTask& task);
Result<QueryTask> TaskFromJson(std::string_view json);

// What it answers: pieces of text, then kEnd, or kFailure with the error's code as one byte and its message. Each is a byte
// that says which, four bytes of length (of this machine's order) and so many bytes.
enum class Piece : char { kText = 'T', kFailure = 'F', kEnd = 'E' };
inline constexpr size_t kPieceHeadBytes = 5;
std::string PieceHead(Piece piece, size_t bytes);

// That process: reads a task from standard input, takes the limits upon itself and answers on standard output. The exit code.
int AnswerQueryTask();

}  // namespace datahub::query
