#pragma once

#include <set>
#include <string>

#include "datahub/app/workspace.h"
#include "datahub/base/result.h"
#include "datahub/query/answer.h"

namespace datahub::app {

struct AnswerOptions {
  bool json = false;
  bool csv = false;
  bool timing = false;
};

// Some of a table's files.
struct SomeFiles {
  std::string table;
  std::set<std::string> keys;
};

// Runs the SQL over the workspace's tables, in a process of its own; its rows come to the sink. `only`: of this table no other
// files than these.
Result<query::Answer> Ask(const Workspace& workspace, const std::string& sql, const query::OutputOptions& output,
                          const query::Sink& sink, const SomeFiles* only = nullptr);

// Runs the SQL over the workspace's tables and prints its rows on stdout; gives the exit code.
int PrintAnswer(const Workspace& workspace, const std::string& sql, const AnswerOptions& options);

}  // namespace datahub::app
