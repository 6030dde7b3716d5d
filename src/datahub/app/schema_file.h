#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datahub/contract/schema.h"

namespace datahub::app {

// A schema that needs no project: what it refers to lies beside it, or in the folders that addresses are mapped to.
struct SchemaFile {
  std::string path;
  bool format_asserts = true;
  std::vector<std::string> remotes;  // "URL=DIR"
};

// Null: it cannot be read or compiled; that was said, and `exit_code` is set.
std::shared_ptr<const contract::SchemaSet> CompileSchemaFile(const SchemaFile& file, bool as_json, int* exit_code);

}  // namespace datahub::app
