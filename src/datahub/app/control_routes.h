#pragma once

#include <vector>

#include "datahub/app/workspace.h"
#include "datahub/pipeline/service.h"
#include "datahub/serve/route.h"

namespace datahub::app {

// What verbs that write ask of the server that holds the project.
std::vector<serve::Route> ControlRoutes(const Workspace& workspace, pipeline::Service& service);

}  // namespace datahub::app
