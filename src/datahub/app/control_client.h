#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datahub/app/project.h"
#include "datahub/base/result.h"

namespace datahub::app {

// Asks the server that runs this project over .datahub/control.sock. Nothing when none does; an error when it answers with
// a problem (its detail) or not at all.
// `wait_seconds`: how long it may take; 0: as long as it takes.
Result<std::optional<std::string>> AskServer(const Project& project, std::string_view method, std::string_view target,
                                             int wait_seconds = 0);

// The longest path that a Unix socket can have.
size_t SocketPathBytesMax();

}  // namespace datahub::app
