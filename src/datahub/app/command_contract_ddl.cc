// The verb that says what a contract's tables are elsewhere.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/workspace.h"
#include "datahub/base/log.h"
#include "datahub/catalog/ddl.h"
#include "datahub/pipeline/table_columns.h"

namespace datahub::app {
namespace {

// Of a table as the project wants it.
Result<std::string> DdlOf(const Project& project, const PipelineConfig& pipeline,
                          const ContractDdlArguments& arguments) {
  const ledger::TableColumns columns = pipeline::WantedColumns(MakePipelineSpec(project, pipeline).table);
  catalog::DdlOptions options;
  options.dialect = *catalog::SqlDialectNamed(arguments.dialect);
  options.database = project.lake.database;
  options.location = "file://" + project.lake.location + "/" + columns.folder;
  options.projection = arguments.projection;
  return catalog::CreateTableText(columns, options);
}

}  // namespace

int ContractDdlCommand(const Globals& globals, const ContractDdlArguments& arguments) {
  int exit_code = kOk;
  const std::optional<Project> project =
      LoadProject(globals.folder, {.contracts = ContractUse::kOfPipelines}, &exit_code);
  if (!project) return exit_code;
  if (arguments.projection && arguments.dialect != "athena") {
    log::Error("--projection is Athena's");
    return kUsage;
  }
  bool found = false;
  for (const PipelineConfig& pipeline : project->pipelines) {
    if (pipeline.contract->is_raw() || pipeline.contract->name() != arguments.contract) continue;
    const Result<std::string> text = DdlOf(*project, pipeline, arguments);
    if (!text) return Fail(text.error());
    fmt::print("{}{}", found ? "\n" : "", *text);
    found = true;
  }
  if (found) return kOk;
  return Fail({Code::kNotFound,
               fmt::format("no pipeline has the contract '{}'; `datahub validate` lists them", arguments.contract)});
}

}  // namespace datahub::app
