#pragma once

#include <string>
#include <string_view>

namespace datahub::app {

inline constexpr std::string_view kSchemaFile = "datahub.schema.json";  // beside datahub.yaml, written by init

// A JSON Schema (draft 2020-12) of datahub.yaml for editors, made from project_fields.h and the registry of sources. It
// accepts what the loader accepts and refuses what can be told from one field alone; references are the loader's.
std::string ProjectSchema();

}  // namespace datahub::app
