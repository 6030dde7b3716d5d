#pragma once

#include <cstdint>

#include "datahub/app/declarations.h"
#include "datahub/intake/log.h"
#include "datahub/serve/server.h"

namespace datahub::app {

// "HOST:PORT", an IPv6 host in brackets; InvalidInput says what is wrong.
Result<void> ParseListen(std::string_view text, serve::ServerOptions& options);

// The sections `serve` and `intake` of the project file.
void ReadServe(const YamlNode& node, ServeConfig& config, Diagnostics& diagnostics);
void ReadIntake(const YamlNode& node, intake::LogOptions& options, Diagnostics& diagnostics);

}  // namespace datahub::app
