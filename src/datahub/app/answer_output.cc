#include "datahub/app/answer_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "datahub/app/exit_code.h"
#include "datahub/query/engine.h"

namespace datahub::app {
namespace {

// A closed pipe (`| head`) ends the query without a complaint.
Result<void> WriteOut(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return Error{Code::kShuttingDown, "the reader went away"};
    if (written < 0) return ErrnoError(errno, "cannot write the answer");
    text.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

size_t TerminalWidth() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int PrintAnswer(const Workspace& workspace, const std::string& sql, const AnswerOptions& options) {
  std::fflush(stdout);
  query::EngineOptions engine_options;
  engine_options.database = workspace.project.lake.database;
  if (workspace.ledger) engine_options.temp_folder = QueryTempFolder(workspace.project);
  query::OutputOptions output;
  output.format = options.json ? query::Format::kJson : options.csv ? query::Format::kCsv : query::Format::kTable;
  output.width_max = TerminalWidth();
  const query::Engine engine(workspace.ledger.get(), *workspace.store, engine_options);
  const Result<query::Answer> answer = engine.Run(sql, output, WriteOut);
  if (!answer && answer.error().code == Code::kShuttingDown) return kOk;
  if (!answer) return Fail(answer.error());
  if (options.timing) {
    fmt::print(stderr, "{} rows; open {:.6f} s, views {:.6f} s, run {:.6f} s\n", answer->rows, answer->open_seconds,
               answer->view_seconds, answer->run_seconds);
  }
  return kOk;
}

}  // namespace datahub::app
