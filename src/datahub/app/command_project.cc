// The verb about the project's texts: validate.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/project_schema.h"
#include "datahub/app/workspace.h"

namespace datahub::app {
namespace {

Result<void> CheckAgainstItsLedger(const Project& project) {
  auto ledger = ledger::OpenSqliteLedger(LedgerPath(project), ledger::OpenMode::kReadOnly);
  if (!ledger && ledger.error().code == Code::kNotFound) return {};  // it never ran
  if (!ledger) return ledger.error();
  return CheckAgainstLedger(project, **ledger);
}

}  // namespace

int ValidateCommand(const Globals& globals, bool print_schema) {
  if (print_schema) {
    fmt::print("{}\n", ProjectSchema());
    return kOk;
  }
  int exit_code = kOk;
  const std::optional<Project> project =
      LoadProject(globals.folder, {.contracts = ContractUse::kAll, .evolution = true}, &exit_code, globals.json);
  if (!project) return exit_code;
  if (const Result<void> fits = CheckAgainstItsLedger(*project); !fits) {
    if (fits.error().code != Code::kInvalidInput) return Fail(fits.error());
    if (!globals.json) {
      Fail(fits.error());
      SayHowToExplain({code::kLedger});
    } else {
      Diagnostics diagnostics;
      diagnostics.Add(code::kLedger, {diagnostics.AddFile(std::string(kProjectFile), ""), 0, 0, 1},
                      fits.error().message);
      fmt::print("{}", diagnostics.RenderJson());
    }
    return kInvalidProject;
  }
  WarnOfOneColumn(*project);
  Listing listing({"pipeline", "from", "contract", "version", "table", "partition_keys"});
  for (const PipelineConfig& pipeline : project->pipelines) {
    std::string from;
    for (const std::string& source : pipeline.from) from += (from.empty() ? "" : ", ") + source;
    std::string keys;
    for (const lake::PartitionField& field : project->FindTable(pipeline.table)->partition_by) {
      keys += (keys.empty() ? "" : ", ") + field.key;
    }
    const bool raw = pipeline.contract->is_raw();
    listing.Add({pipeline.name, from, raw ? Cell(std::string("none")) : Cell(pipeline.contract->name()),
                 raw ? Cell() : Cell(static_cast<int64_t>(pipeline.contract->version())), pipeline.table, keys});
  }
  listing.Print(globals.json);
  if (!globals.json && !globals.quiet) fmt::print(stderr, "the project is valid\n");
  return kOk;
}

}  // namespace datahub::app
