#pragma once

#include <string>
#include <vector>

#include "datahub/app/project.h"
#include "datahub/base/result.h"
#include "datahub/pipeline/pipeline.h"

namespace datahub::app {

// The pipelines of these names, or all; NotFound names what there is.
Result<std::vector<const PipelineConfig*>> ChoosePipelines(const Project& project,
                                                           const std::vector<std::string>& names);

// What the pipeline runs by: the project's words as specs of sources, table and quarantine.
pipeline::PipelineSpec MakePipelineSpec(const Project& project, const PipelineConfig& config);

std::string QuarantineOf(const std::string& pipeline);

}  // namespace datahub::app
