#pragma once

#include <functional>
#include <optional>
#include <string>

#include "datahub/app/diagnostic.h"
#include "datahub/app/yaml_node.h"

namespace datahub::app {

// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
Environment ProcessEnvironment();

// Resolves ${env:NAME} (must be set) and ${env:NAME:-default} (for a variable that is not set or empty) in every text below
// `node`. A value is put in as it is: whatever is in it, it can neither end the YAML value nor be resolved again. What is not
// set or misspelt becomes a diagnostic, which names the variable and never a value.
void Substitute(YamlNode& node, const Environment& environment, Diagnostics& diagnostics);

}  // namespace datahub::app
