#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datahub/app/project.h"
#include "datahub/base/result.h"

namespace datahub::app {

// Asks the server that runs this project over .datahub/control.sock. Nothing when none does; an error when it answers with
// a problem (its detail) or not at all.
Result<std::optional<std::string>> AskServer(const Project& project, std::string_view method, std::string_view target);

}  // namespace datahub::app
