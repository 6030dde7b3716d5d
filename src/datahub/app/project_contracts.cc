#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "datahub/app/contract_changes.h"
#include "datahub/app/contract_folder.h"
#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/suggestion.h"

namespace datahub::app {
namespace {

constexpr std::string_view kNoContract = "none";
constexpr std::string_view kRawChecksum = "raw";

class Contracts {
 public:
  Contracts(Declarations& declarations, const std::string& shown_folder, Diagnostics& diagnostics)
      : to_(declarations),
        shown_(shown_folder),
        diagnostics_(diagnostics),
        folder_(declarations.project.contracts_folder, shown_folder, declarations.project.registry, diagnostics) {}

  void Resolve(bool all, bool evolution) {
    const bool named = std::ranges::any_of(to_.references, [](const auto& pipeline) { return !IsRaw(pipeline); });
    found_ = folder_.Discover();
    if (!found_ && (named || to_.contracts != nullptr)) SayNoFolder();
    for (PipelineReferences& pipeline : to_.references) ResolveOne(pipeline);
    if (all) folder_.LoadAll();
    if (evolution && diagnostics_.empty()) CheckEvolution();
    CheckSharedTables();
    CheckPartitioning();
    to_.project.contracts = std::move(folder_).Take();
  }

 private:
  static bool IsRaw(const PipelineReferences& pipeline) {
    return pipeline.contract == nullptr || pipeline.contract->text == kNoContract;
  }

  void SayNoFolder() {
    const std::string hint = "create it, and put a contract's JSON Schema into <contract>.json";
    if (to_.contracts != nullptr) {
      diagnostics_.Add(code::kContractFile, to_.contracts->place,
                       fmt::format("the contracts' folder {} cannot be read", to_.contracts->written), hint);
      return;
    }
    const auto first = std::ranges::find_if(to_.references, [](const auto& pipeline) { return !IsRaw(pipeline); });
    diagnostics_.Add(code::kContractFile, first->contract->place,
                     fmt::format("the contracts' folder {} cannot be read", shown_), hint);
  }

  void ResolveOne(PipelineReferences& pipeline) {
    if (IsRaw(pipeline)) {
      pipeline.config.contract = contract::Contract::Raw();
      pipeline.config.contract_checksum = kRawChecksum;
      return;
    }
    if (!found_) return;
    const YamlNode& node = *pipeline.contract;
    const std::string_view text = node.text;
    const size_t at = text.find('@');
    const std::string_view name = text.substr(0, at);
    if (!folder_.Has(name)) {
      diagnostics_.Add(code::kUnknownReference, node.place,
                       fmt::format("there is no contract '{}' in {}", node.written, shown_),
                       Suggest(name, folder_.names(), "put its JSON Schema there, or say contract: none"));
      return;
    }
    const std::optional<int> version =
        ChooseVersion(node, name, at == text.npos ? "" : text.substr(at), at != text.npos);
    if (!version) return;
    if (const ContractConfig* config = folder_.Load(name, *version)) {
      pipeline.config.contract = config->compiled;
      pipeline.config.contract_checksum = config->checksum;
      RefuseMasks(node, *config->compiled);
    }
  }

  // Nothing masks yet: what a contract wants masked would land as it is.
  void RefuseMasks(const YamlNode& node, const contract::Contract& contract) {
    for (const contract::PersonalColumn& personal : contract.annotations().personal) {
      if (personal.mask == contract::Mask::kNone) continue;
      diagnostics_.Add(
          code::kNotSupported, node.place,
          fmt::format("{}: column {} is to be masked ({}), which is not supported by this version", Shown(contract),
                      contract::ToString(personal.column), NameOf(personal.mask)),
          "say mask none in its x-datahub-pii if it may land as it is; or leave the member out of the events");
    }
  }

  // `pin` is "@2".
  std::optional<int> ChooseVersion(const YamlNode& node, std::string_view name, std::string_view pin, bool pinned) {
    const std::vector<int> versions = folder_.VersionsOf(name);
    if (!pinned) return versions.back();
    pin.remove_prefix(1);
    int version = 0;
    const auto [end, error] = std::from_chars(pin.data(), pin.data() + pin.size(), version);
    const bool whole = error == std::errc() && end == pin.data() + pin.size();
    if (whole && std::ranges::find(versions, version) != versions.end()) return version;
    std::string listed;
    for (const int known : versions) listed += fmt::format("{}{}", listed.empty() ? "" : ", ", known);
    diagnostics_.Add(code::kUnknownReference, node.place,
                     fmt::format("'{}' names no version of the contract", node.written),
                     fmt::format("there {} {}", versions.size() == 1 ? "is version" : "are versions", listed));
    return std::nullopt;
  }

  // What `contract check` finds of the promises is refused wherever the contract would be used. Whether a table can follow
  // depends on what landed in it: the ledger is asked for that.
  void CheckEvolution() {
    std::map<std::string_view, std::vector<const PipelineReferences*>> users;
    for (const PipelineReferences& pipeline : to_.references) {
      if (!IsRaw(pipeline)) users[pipeline.config.contract->name()].push_back(&pipeline);
    }
    for (const auto& [name, pipelines] : users) {
      std::vector<ContractConfig> versions;
      for (const int version : folder_.VersionsOf(name)) {
        const ContractConfig* const config = folder_.Load(name, version);
        if (config == nullptr) return;  // said already
        versions.push_back(*config);
      }
      for (const ContractChange& change : BreakingChanges(versions, {})) {
        diagnostics_.Add(
            code::kEvolution, pipelines.front()->contract->place,
            fmt::format("contract {}, version {} after {}: {}{}{}: {}; {}", name, change.to, change.from, change.file,
                        change.place.empty() ? "" : " ", change.place, change.message, change.effect),
            change.hint);
      }
    }
  }

  void CheckSharedTables() {
    std::map<std::string_view, const PipelineReferences*> writers;
    for (const PipelineReferences& pipeline : to_.references) {
      if (pipeline.config.table.empty() || pipeline.config.contract == nullptr) continue;
      const auto [first, added] = writers.emplace(pipeline.config.table, &pipeline);
      if (added) continue;
      const contract::Contract& theirs = *first->second->config.contract;
      const contract::Contract& ours = *pipeline.config.contract;
      if (ours.name() == theirs.name() && ours.version() == theirs.version()) continue;
      diagnostics_.Add(code::kSharedTable, pipeline.contract != nullptr ? pipeline.contract->place : pipeline.place,
                       fmt::format("pipelines {} and {} write table {} under different contracts, {} and {}",
                                   first->second->config.name, pipeline.config.name, pipeline.config.table,
                                   Shown(theirs), Shown(ours)),
                       "give them one contract, or tables of their own");
    }
  }

  static std::string Shown(const contract::Contract& contract) {
    return contract.is_raw() ? "none" : fmt::format("{}@{}", contract.name(), contract.version());
  }

  void CheckPartitioning() {
    std::set<std::string_view> checked;
    for (const PipelineReferences& pipeline : to_.references) {
      const auto table = std::ranges::find(to_.project.tables, pipeline.config.table, &TableConfig::name);
      const auto node = to_.partition_by.find(pipeline.config.table);
      const bool ready =
          table != to_.project.tables.end() && node != to_.partition_by.end() && pipeline.config.contract != nullptr;
      if (!ready || !checked.insert(table->name).second) continue;
      const record::TableSchema& columns = pipeline.config.contract->columns();
      const Result<void> fits = lake::CheckPartitioning(table->partition_by, columns);
      if (fits) continue;
      // The field that is wrong alone, if one is.
      Place place = node->second->place;
      for (size_t i = 0; i < table->partition_by.size() && i < node->second->items.size(); ++i) {
        if (!lake::CheckPartitioning({table->partition_by[i]}, columns)) {
          place = node->second->items[i].place;
          break;
        }
      }
      diagnostics_.Add(code::kPartitioning, place,
                       WithoutVariables(fmt::format("table {}: {}", table->name, fits.error().message), *node->second));
    }
  }

  Declarations& to_;
  const std::string shown_;
  Diagnostics& diagnostics_;
  ContractFolder folder_;
  bool found_ = false;
};

}  // namespace

void ResolveContracts(Declarations& declarations, bool all_contracts, bool evolution, const std::string& shown_folder,
                      Diagnostics& diagnostics) {
  Contracts(declarations, shown_folder, diagnostics).Resolve(all_contracts, evolution);
}

}  // namespace datahub::app
