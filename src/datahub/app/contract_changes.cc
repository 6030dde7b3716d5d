#include "datahub/app/contract_changes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/evolution/inclusion.h"
#include "datahub/pipeline/table_columns.h"

namespace datahub::app {
namespace {

// Events of `narrow` that `wide` refuses.
void Compare(const ContractConfig& older, const ContractConfig& newer, bool backward,
             std::vector<ContractChange>& changes) {
  const ContractConfig& narrow = backward ? older : newer;
  const ContractConfig& wide = backward ? newer : older;
  for (contract::evolution::Break& one :
       contract::evolution::Inclusion(narrow.compiled->schemas().root(), narrow.compiled->options().strict,
                                      wide.compiled->schemas().root(), wide.compiled->options().strict)) {
    ContractChange change;
    change.contract = newer.name;
    change.from = older.version;
    change.to = newer.version;
    change.check = backward ? "backward" : "forward";
    change.file = wide.shown;
    change.place = std::move(one.wide_pointer);
    change.instance = std::move(one.instance);
    change.message = std::move(one.message);
    change.proven = one.proven();
    change.event = std::move(one.witness);
    const std::string who = backward ? fmt::format("readers of old data with version {}", newer.version)
                                     : fmt::format("readers that still have version {}", older.version);
    change.effect =
        change.proven ? fmt::format("{} refuse events of version {}", who, narrow.version)
                      : fmt::format("it cannot be shown that {} accept all events of version {}", who, narrow.version);
    change.hint = backward
                      ? fmt::format("let version {} accept all that version {} accepts", newer.version, older.version)
                      : fmt::format("let version {} accept only what version {} accepts", newer.version, older.version);
    change.hint += ", or say another `evolution` in contract.yaml";
    changes.push_back(std::move(change));
  }
}

std::string PointersOrNothing(std::vector<std::string> pointers) {
  return pointers.empty() ? "nothing" : fmt::format("{}", fmt::join(pointers, ", "));
}

// What identifies a row, and when it happened: whoever reads rows of several versions takes it to be the same in all.
void CompareNamed(const ContractConfig& older, const ContractConfig& newer, std::vector<ContractChange>& changes) {
  const auto compare = [&](std::string_view what, std::vector<std::string> before, std::vector<std::string> after) {
    std::ranges::sort(before);
    std::ranges::sort(after);
    if (before.empty() || before == after) return;
    ContractChange change;
    change.contract = newer.name;
    change.from = older.version;
    change.to = newer.version;
    change.check = what;
    change.file = newer.shown;
    change.place = fmt::format("#/x-datahub-{}", what);
    const std::string_view shown = what == "event-time" ? "event time" : what;
    change.message =
        fmt::format("the {} was {}, now it is {}", shown, PointersOrNothing(before), PointersOrNothing(after));
    change.effect = fmt::format("rows of versions {} and {} do not share one {}", older.version, newer.version, shown);
    change.hint = fmt::format(
        "keep that of version {}, make it another contract with a table of its own, or say "
        "`evolution: none` in contract.yaml",
        older.version);
    changes.push_back(std::move(change));
  };
  const auto key_of = [](const ContractConfig& version) {
    std::vector<std::string> pointers;
    for (const contract::NamedMember& member : version.compiled->annotations().key) pointers.push_back(member.pointer);
    return pointers;
  };
  const auto time_of = [](const ContractConfig& version) {
    const auto& time = version.compiled->annotations().event_time;
    return time ? std::vector<std::string>{time->pointer} : std::vector<std::string>{};
  };
  compare("key", key_of(older), key_of(newer));
  compare("event-time", time_of(older), time_of(newer));
}

// What a table had become under each version, were all of them written to it, each with a file.
void FollowTable(std::span<const ContractConfig> versions, const std::string& table,
                 std::vector<ContractChange>& changes) {
  std::optional<ledger::TableColumns> known;
  int from = 0;
  for (const ContractConfig& version : versions) {
    auto agreed = pipeline::AgreeColumns(known, {table, "", 0, version.compiled->columns(), {}}, known.has_value());
    if (agreed) {
      known = std::move(agreed->table);
      from = version.version;
      continue;
    }
    ContractChange change;
    change.contract = version.name;
    change.from = from;
    change.to = version.version;
    change.check = "table";
    change.file = version.shown;
    change.message = agreed.error().message;
    change.effect =
        fmt::format("version {} cannot be written to table {}; what it holds stays readable", version.version, table);
    change.hint = fmt::format("keep version {} for this table", from);
    changes.push_back(std::move(change));
  }
}

}  // namespace

std::vector<ContractChange> BreakingChanges(std::span<const ContractConfig> versions,
                                            const std::vector<std::string>& tables) {
  std::vector<ContractChange> changes;
  for (size_t i = 1; i < versions.size(); ++i) {
    const Evolution& evolution = versions[i].evolution;
    if (evolution.backward || evolution.forward) CompareNamed(versions[i - 1], versions[i], changes);
    for (size_t j = evolution.transitive ? 0 : i - 1; j < i; ++j) {
      if (evolution.backward) Compare(versions[j], versions[i], true, changes);
      if (evolution.forward) Compare(versions[j], versions[i], false, changes);
    }
  }
  for (const std::string& table : tables) FollowTable(versions, table, changes);
  return changes;
}

}  // namespace datahub::app
