#pragma once

#include <functional>
#include <vector>

#include "datahub/app/workspace.h"
#include "datahub/pipeline/service.h"
#include "datahub/serve/route.h"
#include "datahub/serve/server.h"

namespace datahub::app {

// What verbs that write ask of the server that holds the project. `reset`: ends this life of the server, forgets everything
// and begins a new one, behind the answer.
std::vector<serve::Route> ControlRoutes(const WritingWorkspace& workspace, pipeline::Service& service,
                                        const serve::Server& server, std::function<void()> reset);

}  // namespace datahub::app
