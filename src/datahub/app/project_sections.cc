#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/serve_config.h"
#include "datahub/app/suggestion.h"

namespace datahub::app {
namespace {

constexpr std::string_view kDefaultContracts = "./contracts";

class Sections {
 public:
  Sections(Declarations& declarations, Diagnostics& diagnostics)
      : to_(declarations), diagnostics_(diagnostics), values_(diagnostics) {}

  void Read(const YamlNode& root, bool included) {
    const std::span<const FieldRow> rows(kProjectFields);
    Fields fields(root, included ? "an included file" : "the project file",
                  included ? rows.last(kIncludableFields) : rows, diagnostics_);
    if (!included) ReadProjectFields(fields);
    ReadNamed(fields, "sources", "a source", to_.sources,
              [&](const YamlEntry& entry) { ReadSource(entry, to_, diagnostics_); });
    ReadNamed(fields, "tables", "a table", to_.tables,
              [&](const YamlEntry& entry) { ReadTable(entry, to_, diagnostics_); });
    ReadNamed(fields, "sinks", "a sink", to_.sinks, [&](const YamlEntry& entry) {
      diagnostics_.Add(code::kNotSupported, entry.place,
                       fmt::format("sink {}: sinks are not supported by this version", entry.key),
                       "land the records in a table");
    });
    ReadNamed(fields, "pipelines", "a pipeline", to_.pipelines, [&](const YamlEntry& entry) { ReadPipeline(entry); });
    fields.Finish(included
                      ? "an included file has sources, tables, sinks and pipelines; the rest belongs into datahub.yaml"
                      : "");
  }

 private:
  void ReadProjectFields(Fields& fields) {
    if (const YamlNode* node = fields.Require("project", "project: sales")) {
      if (auto name = values_.Name(*node, "project", "a project")) to_.project.name = *name;
    }
    if (const YamlNode* node = fields.Require("lake", "lake: {location: ./lake, database: sales}")) ReadLake(*node);
    if (const YamlNode* node = fields.Take("ledger")) ReadLedger(*node);
    if (const YamlNode* node = fields.Take("catalogs")) ReadCatalogs(*node);
    if (const YamlNode* node = fields.Take("serve")) ReadServe(*node, to_.project.serve, diagnostics_);
    if (const YamlNode* node = fields.Take("intake")) ReadIntake(*node, to_.project.intake, diagnostics_);
    (void)fields.Take("include");  // the loader's
    to_.project.contracts_folder = Folder(kDefaultContracts);
    if (const YamlNode* node = fields.Take("contracts")) ReadContracts(*node);
    if (to_.project.lake.database.empty()) to_.project.lake.database = to_.project.name;
  }

  void ReadLake(const YamlNode& node) {
    Fields fields(node, "lake", kLakeFields, diagnostics_);
    if (const YamlNode* location = fields.Require("location", "location: ./lake")) {
      if (const auto path = LocalFolder(*location, "location")) {
        to_.project.lake.location = *path;
        to_.lake = location->place;
      }
    }
    if (const YamlNode* database = fields.Take("database")) {
      if (auto name = values_.Name(*database, "database", "a database")) to_.project.lake.database = *name;
    }
    if (const YamlNode* mode = fields.Take("mode")) ReadMode(*mode);
    fields.Finish();
  }

  void ReadMode(const YamlNode& node) {
    const auto text = values_.Text(node, "mode");
    if (!text) return;
    uint32_t mode = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
    const bool whole = error == std::errc() && end == text->data() + text->size() && (mode & ~0666u) == 0;
    if (whole && (mode & 0600u) == 0600u) {
      to_.project.lake.file_mode = mode;
      return;
    }
    diagnostics_.Add(
        code::kWrongValue, node.place,
        fmt::format("mode '{}' is not the permissions of files that their owner reads and writes", node.written),
        "give them as octal digits without execution, for example 0640 or 0644");
  }

  // The folder alone, or with a registry.
  void ReadContracts(const YamlNode& node) {
    if (!node.is_map()) {
      to_.contracts = &node;
    } else {
      Fields fields(node, "contracts", kContractsFields, diagnostics_);
      to_.contracts = fields.Take("folder");
      if (const YamlNode* registry = fields.Take("registry")) ReadRegistry(*registry);
      fields.Finish();
    }
    if (to_.contracts == nullptr) return;
    if (const auto path = LocalFolder(*to_.contracts, "contracts")) to_.project.contracts_folder = *path;
  }

  void ReadRegistry(const YamlNode& node) {
    if (!node.is_map()) {
      diagnostics_.Add(
          code::kWrongType, node.place,
          fmt::format("registry is a mapping from addresses to folders, here it is {}", KindName(node.kind)),
          "registry: {\"https://schemas.example/\": ./vendor/schemas}");
      return;
    }
    for (const YamlEntry& entry : node.entries) {
      if (!IsAddressPrefix(entry.key)) {
        diagnostics_.Add(code::kWrongValue, entry.place,
                         fmt::format("registry: '{}' is not the beginning of addresses", entry.key),
                         "write it with its scheme, up to a slash: https://schemas.example/");
        continue;
      }
      const auto path = LocalFolder(entry.value, "registry");
      if (!path) continue;
      std::error_code ignored;
      if (!std::filesystem::is_directory(*path, ignored)) {
        diagnostics_.Add(code::kContractFile, entry.value.place,
                         fmt::format("the registry's folder {} cannot be read", entry.value.written),
                         "create it, and put the documents there; nothing is fetched");
        continue;
      }
      to_.project.registry.push_back({entry.key, *path, entry.value.written});
    }
  }

  // Of absolute ones; up to a slash, so that https://a.example is not the beginning of https://a.example.org/.
  static bool IsAddressPrefix(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_of_scheme = [&](char c) {
      return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-';
    };
    const std::string_view scheme = text.substr(0, text.find(':'));
    if (scheme.size() == text.size() || scheme.empty() || !is_letter(scheme.front())) return false;
    return std::ranges::all_of(scheme, is_of_scheme) && text.ends_with('/') &&
           text.find_first_of("#? \t\r\n") == text.npos;
  }

  void ReadLedger(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kKinds = {kLedgerKinds[0], "dynamodb"};
    Fields fields(node, "ledger", kLedgerFields, diagnostics_);
    if (const YamlNode* kind = fields.Require("kind", "kind: sqlite")) {
      const auto word = values_.Choice(*kind, "kind", kKinds);
      if (word && *word != "sqlite") {
        diagnostics_.Add(code::kNotSupported, kind->place,
                         fmt::format("ledger kind {} is not supported by this version", *word), "use {kind: sqlite}");
        return;
      }
    }
    fields.Finish();
  }

  void ReadCatalogs(const YamlNode& node) {
    if (!node.is_list()) {
      diagnostics_.Add(code::kWrongType, node.place,
                       fmt::format("catalogs is a list, here it is {}", KindName(node.kind)),
                       "leave it out: this version has no catalogs");
    } else if (!node.items.empty()) {
      diagnostics_.Add(code::kNotSupported, node.items.front().place, "catalogs are not supported by this version",
                       "leave catalogs out; the tables can be read by folder");
    }
  }

  template <class ReadOne>
  void ReadNamed(Fields& fields, std::string_view section, std::string_view what, Declarations::Places& places,
                 ReadOne read_one) {
    const YamlNode* node = fields.Take(section);
    if (node == nullptr) return;
    if (!node->is_map()) {
      diagnostics_.Add(code::kWrongType, node->place,
                       fmt::format("{} is a mapping from names, here it is {}", section, KindName(node->kind)));
      return;
    }
    for (const YamlEntry& entry : node->entries) {
      const auto [first, added] = places.emplace(entry.key, entry.place);
      if (!added) {
        diagnostics_.Add(
            code::kNameTwice, entry.place,
            fmt::format("{} '{}' is declared at {} already", what, entry.key, diagnostics_.ToString(first->second)),
            "give one of them another name");
        continue;
      }
      values_.Name(entry.key, entry.place, what);
      read_one(entry);
    }
  }

  void ReadPipeline(const YamlEntry& entry) {
    Fields fields(entry.value, fmt::format("pipeline {}", entry.key), kPipelineFields, diagnostics_);
    PipelineReferences pipeline;
    pipeline.config.name = entry.key;
    pipeline.place = entry.place;
    if (const YamlNode* from = fields.Require("from", "from: [users_inbox]"))
      pipeline.from = values_.Texts(*from, "from");
    if (const YamlNode* node = fields.Take("renamed_from")) {
      if (const auto name = values_.Text(*node, "renamed_from")) {
        pipeline.config.renamed_from = *name;
        to_.renamed_pipelines.emplace(entry.key, node);
      }
    }
    if (const YamlNode* to = fields.Require("to", "to: [users]")) pipeline.to = values_.Texts(*to, "to");
    if (const YamlNode* contract = fields.Take("contract")) {
      if (values_.Text(*contract, "contract")) pipeline.contract = contract;
    }
    if (const YamlNode* on_reject = fields.Take("on_reject")) {
      if (const auto word = values_.Choice(*on_reject, "on_reject", kOnReject)) {
        pipeline.config.on_reject = *word == "quarantine" ? pipeline::OnReject::kQuarantine
                                    : *word == "discard"  ? pipeline::OnReject::kDiscard
                                                          : pipeline::OnReject::kStop;
      }
    }
    fields.Finish();
    to_.references.push_back(std::move(pipeline));
  }

  // An absolute path without a slash at its end.
  std::string Folder(std::string_view path) const {
    std::string folder = (std::filesystem::path(to_.project.folder) / path).lexically_normal().string();
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    return folder;
  }

  std::optional<std::string> LocalFolder(const YamlNode& node, std::string_view field) {
    const auto text = values_.Text(node, field);
    if (!text) return std::nullopt;
    if (const size_t scheme = text->find("://"); scheme != text->npos) {
      diagnostics_.Add(code::kNotSupported, node.place,
                       fmt::format("{} '{}': only local folders are supported by this version", field, node.written),
                       "give a folder, for example ./lake");
      return std::nullopt;
    }
    if (text->find('\0') != text->npos || text->starts_with('~')) {
      diagnostics_.Add(code::kWrongValue, node.place,
                       fmt::format("{} '{}' is not a folder's path; ~ is not expanded", field, node.written),
                       "write ${env:HOME} for your home");
      return std::nullopt;
    }
    return Folder(*text);
  }

  Declarations& to_;
  Diagnostics& diagnostics_;
  Values values_;
};

}  // namespace

void ReadSections(const YamlNode& root, bool included, Declarations& declarations, Diagnostics& diagnostics) {
  Sections(declarations, diagnostics).Read(root, included);
}

}  // namespace datahub::app
