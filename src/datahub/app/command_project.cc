// Verbs about the project's texts: validate, contract check.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/project_schema.h"
#include "datahub/app/workspace.h"
#include "datahub/base/log.h"

namespace datahub::app {
namespace {

Result<void> CheckAgainstItsLedger(const Project& project) {
  auto ledger = ledger::OpenSqliteLedger(LedgerPath(project), ledger::OpenMode::kReadOnly);
  if (!ledger && ledger.error().code == Code::kNotFound) return {};  // it never ran
  if (!ledger) return ledger.error();
  return CheckAgainstLedger(project, **ledger);
}

// A contract may be about any JSON value; most that say nothing of objects were meant to.
void WarnOfOneColumn(const Project& project) {
  for (const ContractConfig& config : project.contracts) {
    const std::vector<record::Field>& fields = config.compiled->columns().fields;
    if (fields.size() != 1 || fields[0].kind != record::Kind::kJson || fields[0].name != "event") continue;
    log::Warn(
        "contract '{}' does not say `\"type\": \"object\"` at its root: a record is one column `event`, JSON text",
        config.name);
  }
}

}  // namespace

int ValidateCommand(const Globals& globals, bool print_schema) {
  if (print_schema) {
    fmt::print("{}\n", ProjectSchema());
    return kOk;
  }
  int exit_code = kOk;
  const std::optional<Project> project = LoadProject(globals.folder, ContractUse::kAll, &exit_code, globals.json);
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

int ContractCheckCommand(const Globals& globals, const std::string& contract) {
  int exit_code = kOk;
  const std::optional<Project> project = LoadProject(globals.folder, ContractUse::kAll, &exit_code, globals.json);
  if (!project) return exit_code;
  WarnOfOneColumn(*project);
  Listing listing({"contract", "version", "column", "type"});
  bool found = contract.empty();
  for (const ContractConfig& config : project->contracts) {
    if (!contract.empty() && config.name != contract) continue;
    found = true;
    for (const record::Field& field : config.compiled->columns().fields) {
      listing.Add({config.name, static_cast<int64_t>(config.version), field.name, record::ToString(field)});
    }
  }
  if (!found)
    return Fail({Code::kNotFound, fmt::format("there is no contract '{}' in {}", contract, project->contracts_folder)});
  listing.Print(globals.json, "no contracts");
  return kOk;
}

}  // namespace datahub::app
