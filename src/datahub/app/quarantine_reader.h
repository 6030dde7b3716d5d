#pragma once

#include <cstdint>
#include <string>

#include "datahub/app/answer_output.h"
#include "datahub/app/workspace.h"
#include "datahub/base/result.h"
#include "datahub/pipeline/pipeline.h"

namespace datahub::app {

// Hands every record of these files of a quarantine to `sink` again, with the bytes and the origin it came with, in the order
// of (source, shard, offset).
// Memory   one chunk of about 4 MiB
Result<void> ReadQuarantine(const Workspace& workspace, const SomeFiles& files,
                            const pipeline::Pipeline::ChunkSink& sink);

}  // namespace datahub::app
