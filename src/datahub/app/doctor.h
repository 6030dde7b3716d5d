#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/app/project_types.h"

namespace datahub::app {

enum class Health : uint8_t { kOk, kWarn, kFail };  // kWarn: it works, and may not for long

// One line of `doctor`.
struct Finding {
  std::string check;
  Health health = Health::kOk;
  std::string state;  // what is
  std::string next;   // what to do; empty: nothing, or `state` says it
};

std::string_view ToString(Health health);

// Whether program and machine are fit. Without a project what it needs is not known.
void CheckMachine(const Project* project, std::vector<Finding>& findings);

// Project file, contracts, folders, ledger, worker and address. Gives the project when its file is valid, with
// contracts when all compile. Changes nothing but for scratch folders in the lake and the state folder, which are gone afterwards; takes no claim.
std::optional<Project> CheckProjectFile(const std::string& folder, std::vector<Finding>& findings);
void CheckProject(const Project& project, std::vector<Finding>& findings);

}  // namespace datahub::app
