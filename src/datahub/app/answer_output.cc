#include "datahub/app/answer_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "datahub/app/exit_code.h"
#include "datahub/query/query_process.h"

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

Result<query::Answer> Ask(const Workspace& workspace, const std::string& sql, const query::OutputOptions& output,
                          const query::Sink& sink, const SomeFiles* only) {
  const Project& project = workspace.project;
  query::QueryProcessOptions options;
  options.lake = project.lake.location;
  if (workspace.ledger) options.spill_prefix = QuerySpillPrefix(project);
  // It comes up while the ledger is asked.
  query::QueryProcess process = DH_TRY(query::QueryProcess::Start(options));
  query::Snapshot snapshot =
      DH_TRY(query::TakeSnapshot(workspace.ledger.get(), *workspace.store, sql,
                                 {.database = project.lake.database, .lake = project.lake.location}));
  for (query::SnapshotTable& table : snapshot.tables) {
    if (only == nullptr || table.columns.table != only->table) continue;
    std::erase_if(table.files, [&](const query::SnapshotFile& file) { return !only->keys.contains(file.key); });
  }
  return std::move(process).Run({std::move(snapshot), sql, output}, sink, {});
}

int PrintAnswer(const Workspace& workspace, const std::string& sql, const AnswerOptions& options) {
  std::fflush(stdout);
  query::OutputOptions output;
  output.format = options.json ? query::Format::kJson : options.csv ? query::Format::kCsv : query::Format::kTable;
  output.width_max = TerminalWidth();
  bool is_left = false;  // by its reader
  const query::Sink sink = [&](std::string_view text) -> Result<void> {
    Result<void> written = WriteOut(text);
    is_left = !written && written.error().code == Code::kShuttingDown;
    return written;
  };
  const Result<query::Answer> answer = Ask(workspace, sql, output, sink);
  if (is_left) return kOk;
  if (!answer) return Fail(answer.error());
  if (options.timing) {
    fmt::print(stderr, "{} rows; open {:.6f} s, views {:.6f} s, run {:.6f} s\n", answer->rows, answer->open_seconds,
               answer->view_seconds, answer->run_seconds);
  }
  return kOk;
}

}  // namespace datahub::app
