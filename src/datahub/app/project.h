#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "datahub/app/diagnostic.h"
#include "datahub/app/project_types.h"
#include "datahub/app/substitution.h"

namespace datahub::app {

inline constexpr std::string_view kProjectFile = "datahub.yaml";
inline constexpr size_t kProjectFilesMax = 1000;  // with what it includes

// Verbs that only read tables work while a contract is being mended: the ledger knows the columns.
enum class ContractUse { kNone, kOfPipelines, kAll };

struct ReadOptions {
  ContractUse contracts = ContractUse::kOfPipelines;  // which are compiled; with kNone pipelines have none
  bool evolution = false;  // compile all versions of what pipelines name, and refuse those that break what they promise
  Environment environment = ProcessEnvironment();
};

// Reads <folder>/datahub.yaml with what it includes and the contracts it uses, and checks all of it.
//
//   YAML -> ${env:…} -> fields -> references -> contracts -> partitions
//
// Every mistake that can be found goes to `diagnostics` (a later step is left out only where it would repeat an earlier
// one's). Nothing when there is any. Only reads; creates no folder.
std::optional<Project> ReadProject(const std::string& folder, const ReadOptions& options, Diagnostics& diagnostics);

// The same with the text of datahub.yaml given: for tests and fuzzing.
std::optional<Project> ReadProjectText(std::string text, const std::string& folder, const ReadOptions& options,
                                       Diagnostics& diagnostics);

}  // namespace datahub::app
