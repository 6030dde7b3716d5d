#pragma once

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

// Runs the SQL over the workspace's tables, in a process of its own; its rows come to the sink.
Result<query::Answer> Ask(const Workspace& workspace, const std::string& sql, const query::OutputOptions& output,
                          const query::Sink& sink);

// Runs the SQL over the workspace's tables and prints its rows on stdout; gives the exit code.
int PrintAnswer(const Workspace& workspace, const std::string& sql, const AnswerOptions& options);

}  // namespace datahub::app
