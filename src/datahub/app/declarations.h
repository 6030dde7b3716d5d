#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "datahub/app/diagnostic.h"
#include "datahub/app/project_types.h"
#include "datahub/app/yaml_node.h"

namespace datahub::app {

// What a pipeline says of others, not yet looked up.
struct PipelineReferences {
  PipelineConfig config;  // name and on_reject
  Place place;
  std::vector<const YamlNode*> from;
  std::vector<const YamlNode*> to;
  const YamlNode* contract = nullptr;  // null: not given
};

// What the files declare, with the places that messages about references need. Nodes belong to the loader.
struct Declarations {
  using Places = std::map<std::string, Place, std::less<>>;

  Project project;  // without pipelines and contracts
  // Every name, also of what is wrong inside: a reference to it is not another mistake.
  Places sources;
  Places tables;
  Places sinks;
  Places pipelines;
  // What has a renamed_from, by its new name.
  using Renames = std::map<std::string, const YamlNode*, std::less<>>;
  Renames renamed_sources;
  Renames renamed_tables;
  Renames renamed_pipelines;
  std::map<std::string, const YamlNode*, std::less<>> partition_by;  // table -> its partition_by
  std::vector<PipelineReferences> references;
  std::vector<std::string> notifiers;   // sources that a table names in notified_by: they are used
  const YamlNode* contracts = nullptr;  // their folder, when given
  Place lake;                           // its location
  bool complete = true;                 // false: a file is missing, so a name may stand in it
};

// Reads the top-level fields of datahub.yaml, or (`included`) of a file that it includes, into `declarations`.
void ReadSections(const YamlNode& root, bool included, Declarations& declarations, Diagnostics& diagnostics);

// One source. Adds it to the project when nothing is wrong with it.
void ReadSource(const YamlEntry& entry, Declarations& declarations, Diagnostics& diagnostics);

// One table.
void ReadTable(const YamlEntry& entry, Declarations& declarations, Diagnostics& diagnostics);

// Looks up what pipelines name, but contracts; fills in pipelines' sources and tables.
void ResolveReferences(Declarations& declarations, Diagnostics& diagnostics);

// Loads the contracts that pipelines name, fills them in, and checks what depends on their columns: shared tables and
// partitioning; `evolution`: also what each version promises to earlier ones.
void ResolveContracts(Declarations& declarations, bool all_contracts, bool evolution, const std::string& shown_folder,
                      Diagnostics& diagnostics);

}  // namespace datahub::app
