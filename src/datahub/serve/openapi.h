#pragma once

#include <span>
#include <string>
#include <string_view>

#include "datahub/serve/route.h"

namespace datahub::serve {

// The routes as an OpenAPI 3.1 document. Besides what a row says, each has the problems that the server itself answers with
// for a route like it.
std::string OpenApiJson(std::string_view project, std::span<const Route> routes);

}  // namespace datahub::serve
