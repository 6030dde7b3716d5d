#pragma once

#include <string>
#include <string_view>
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

inline constexpr std::string_view kQuarantineSuffix = "_quarantine";
std::string QuarantineOf(const std::string& pipeline);

}  // namespace datahub::app
