// The verb that compiles contracts, shows their columns, and says what a version breaks.

#include <algorithm>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/contract_changes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

void PrintChangeAsJson(const ContractChange& change) {
  json::Writer out;
  out.BeginObject();
  out.Key("contract").String(change.contract);
  out.Key("from").Number(int64_t{change.from});
  out.Key("to").Number(int64_t{change.to});
  out.Key("check").String(change.check);
  out.Key("proven").Bool(change.proven);
  out.Key("file").String(change.file);
  out.Key("place").String(change.place);
  out.Key("instance").String(change.instance);
  out.Key("message").String(change.message);
  out.Key("effect").String(change.effect);
  out.Key("event");
  change.event.empty() ? out.Null() : out.Raw(change.event);
  out.Key("hint").String(change.hint);
  out.EndObject();
  fmt::print("{}\n", out.text());
}

void PrintChange(const ContractChange& change) {
  fmt::print("\n{}{}{}: {}\n  version {} -> {}, {}: {}\n", change.file, change.place.empty() ? "" : " ", change.place,
             change.message, change.from, change.to, change.check, change.effect);
  if (!change.event.empty()) fmt::print("  for example {}\n", change.event);
  fmt::print("  hint: {}\n", change.hint);
}

// "name", or where it lies in a nested column: "name in contact.name".
std::string Within(std::string what, const contract::ColumnPath& path) {
  return path.size() == 1 ? what : fmt::format("{} in {}", what, contract::ToString(path));
}

std::string RoleOf(const record::Field& field, const contract::Annotations& annotations) {
  std::vector<std::string> roles;
  for (const contract::NamedMember& member : annotations.key) {
    if (member.column.front() == field.name) roles.push_back(Within("key", member.column));
  }
  const auto& time = annotations.event_time;
  if (time && time->column.front() == field.name) roles.push_back(Within("event-time", time->column));
  return fmt::format("{}", fmt::join(roles, ", "));
}

std::string PersonalDataOf(const record::Field& field, const contract::Annotations& annotations) {
  std::vector<std::string> classes;
  for (const contract::PersonalColumn& personal : annotations.personal) {
    if (personal.column.front() != field.name) continue;
    classes.push_back(Within(std::string(contract::NameOf(personal.pii_class)), personal.column));
  }
  return fmt::format("{}", fmt::join(classes, ", "));
}

std::vector<std::string> TablesUnder(const Project& project, const std::string& contract) {
  std::vector<std::string> tables;
  for (const PipelineConfig& pipeline : project.pipelines) {
    if (pipeline.contract->is_raw() || pipeline.contract->name() != contract) continue;
    if (std::ranges::find(tables, pipeline.table) == tables.end()) tables.push_back(pipeline.table);
  }
  return tables;
}

}  // namespace

int ContractCheckCommand(const Globals& globals, const std::string& contract) {
  int exit_code = kOk;
  const std::optional<Project> project =
      LoadProject(globals.folder, {.contracts = ContractUse::kAll}, &exit_code, globals.json);
  if (!project) return exit_code;
  WarnOfOneColumn(*project);
  Listing listing({"contract", "version", "column", "type", "role", "pii"});
  std::vector<ContractChange> changes;
  bool found = contract.empty();
  const std::vector<ContractConfig>& all = project->contracts;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    for (end = begin; end < all.size() && all[end].name == all[begin].name;) ++end;
    const std::string& name = all[begin].name;
    if (!contract.empty() && name != contract) continue;
    found = true;
    const std::span<const ContractConfig> versions(&all[begin], end - begin);
    for (const ContractConfig& config : versions) {
      for (const record::Field& field : config.compiled->columns().fields) {
        listing.Add({name, static_cast<int64_t>(config.version), field.name, record::ToString(field),
                     RoleOf(field, config.compiled->annotations()),
                     PersonalDataOf(field, config.compiled->annotations())});
      }
    }
    for (ContractChange& change : BreakingChanges(versions, TablesUnder(*project, name))) {
      changes.push_back(std::move(change));
    }
  }
  if (!found) {
    return Fail({Code::kNotFound, fmt::format("there is no contract '{}' in {}", contract, project->contracts_folder)});
  }
  listing.Print(globals.json, "no contracts");
  for (const ContractChange& change : changes) globals.json ? PrintChangeAsJson(change) : PrintChange(change);
  return changes.empty() ? kOk : kInvalidProject;
}

}  // namespace datahub::app
