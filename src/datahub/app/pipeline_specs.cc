#include "datahub/app/pipeline_specs.h"

#include <fmt/format.h>

#include "datahub/app/suggestion.h"
#include "datahub/lake/quarantine_rows.h"

namespace datahub::app {

std::string QuarantineOf(const std::string& pipeline) { return pipeline + std::string(kQuarantineSuffix); }

Result<std::vector<const PipelineConfig*>> ChoosePipelines(const Project& project,
                                                           const std::vector<std::string>& names) {
  std::vector<const PipelineConfig*> chosen;
  std::vector<std::string_view> known;
  for (const PipelineConfig& config : project.pipelines) {
    known.push_back(config.name);
    if (names.empty()) chosen.push_back(&config);
  }
  for (const std::string& name : names) {
    const PipelineConfig* config = project.FindPipeline(name);
    if (config == nullptr) {
      return Error{Code::kNotFound, fmt::format("there is no pipeline '{}'; {}", name, Suggest(name, known))};
    }
    chosen.push_back(config);
  }
  return chosen;
}

pipeline::PipelineSpec MakePipelineSpec(const Project& project, const PipelineConfig& config) {
  pipeline::PipelineSpec spec;
  spec.name = config.name;
  for (const std::string& source : config.from) spec.sources.push_back(project.FindSource(source)->spec);
  spec.contract = config.contract;
  spec.contract_checksum = config.contract_checksum;
  spec.on_reject = config.on_reject;

  const TableConfig& table = *project.FindTable(config.table);
  spec.flush = table.flush;
  spec.table.table = table.name;
  spec.table.folder = project.lake.database + "/" + table.name;
  spec.table.schema = config.contract->columns();
  spec.table.partition_by = table.partition_by;
  spec.table.encodings = table.encodings;

  spec.quarantine.table = QuarantineOf(config.name);
  spec.quarantine.folder = project.lake.database + "/" + spec.quarantine.table;
  spec.quarantine.schema = lake::QuarantineRows::Schema();
  spec.quarantine.partition_by = lake::QuarantineRows::PartitionBy();
  return spec;
}

}  // namespace datahub::app
