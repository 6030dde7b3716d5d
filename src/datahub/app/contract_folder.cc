#include "datahub/app/contract_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "datahub/app/contract_canonical.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/text_file.h"
#include "datahub/app/yaml_reader.h"
#include "datahub/base/hash.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr std::string_view kSettingsFile = "contract.yaml";
constexpr std::string_view kJson = ".json";
constexpr std::string_view kFixturesFolder = "tests";

struct Name {
  std::string text;
  bool folder = false;
};

// Names in the folder, sorted, without hidden ones.
std::optional<std::vector<Name>> List(const std::string& folder) {
  std::vector<Name> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    std::string name = at->path().filename().string();
    if (!name.starts_with('.')) names.push_back({std::move(name), at->is_directory(ignored)});
    if (names.size() > kContractFilesMax) return std::nullopt;
  }
  if (error) return std::nullopt;
  std::ranges::sort(names, {}, &Name::text);
  return names;
}

// "12" -> 12; nothing for "012", "0", "x".
std::optional<int> VersionNumber(std::string_view text) {
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.starts_with('0') || version < 1 || version > kContractVersionMax) return std::nullopt;
  return version;
}

// One of kEvolutions.
Evolution EvolutionNamed(std::string_view word) {
  const bool full = word.starts_with("full");
  return {.backward = full || word.starts_with("backward"),
          .forward = full || word.starts_with("forward"),
          .transitive = word.ends_with("_transitive")};
}

}  // namespace

ContractFolder::ContractFolder(std::string folder, std::string shown, const std::vector<RegistryFolder>& registry,
                               Diagnostics& diagnostics)
    : folder_(std::move(folder)), shown_(std::move(shown)), diagnostics_(diagnostics) {
  documents_.Map("", folder_, shown_);
  for (const RegistryFolder& one : registry) documents_.Map(one.prefix, one.folder, one.shown);
}

void ContractFolder::Say(std::string_view code, const std::string& shown, std::string message, std::string hint) {
  diagnostics_.Add(code, {diagnostics_.AddFile(shown, "")}, std::move(message), std::move(hint));
}

bool ContractFolder::CheckName(const std::string& name, const std::string& shown) {
  return Values(diagnostics_).Name(name, {diagnostics_.AddFile(shown, "")}, "a contract");
}

bool ContractFolder::Discover() {
  const auto names = List(folder_);
  if (!names) return false;
  for (const Name& name : *names) {
    if (name.folder) {
      DiscoverVersions(name.text);
    } else if (name.text.ends_with(kJson)) {
      DiscoverFile(name.text.substr(0, name.text.size() - kJson.size()));
    } else if (name.text.ends_with(".yaml") || name.text.ends_with(".yml")) {
      Say(code::kContractFile, shown_ + "/" + name.text, "a contract's settings do not stand here",
          "put them into <contract>/contract.yaml, beside <contract>/1.json");
    }
  }
  return true;
}

void ContractFolder::DiscoverFile(const std::string& name) {
  const std::string shown = fmt::format("{}/{}{}", shown_, name, kJson);
  if (!CheckName(name, shown)) return;
  if (contracts_.contains(name)) {
    Say(code::kContractFile, shown, fmt::format("contract '{}' is both a file and a folder", name), "keep one of them");
    return;
  }
  Version version;
  version.config = {name, 1, fmt::format("{}/{}{}", folder_, name, kJson), "", nullptr, "", {}};
  version.shown = shown;
  contracts_[name].versions.emplace(1, std::move(version));
}

void ContractFolder::DiscoverVersions(const std::string& name) {
  const std::string shown = shown_ + "/" + name;
  if (!CheckName(name, shown)) return;
  const auto names = List(folder_ + "/" + name);
  if (!names) {
    Say(code::kContractFile, shown, "the folder cannot be read", "");
    return;
  }
  Entry entry;
  bool wrong = false;
  for (const Name& file : *names) {
    if (file.text == kSettingsFile) {
      entry.settings_path = fmt::format("{}/{}/{}", folder_, name, kSettingsFile);
      entry.settings_shown = shown + "/" + file.text;
    } else if (file.text.ends_with(kJson)) {
      const auto number = VersionNumber(std::string_view(file.text).substr(0, file.text.size() - kJson.size()));
      if (!number) {
        wrong = true;
        Say(code::kContractFile, shown + "/" + file.text, "a version's file is named by its number, from 1 on",
            "for example 1.json");
        continue;
      }
      Version version;
      version.config = {name, *number, fmt::format("{}/{}/{}", folder_, name, file.text), "", nullptr, "", {}};
      version.shown = shown + "/" + file.text;
      entry.versions.emplace(*number, std::move(version));
    }
  }
  if (entry.versions.empty()) {
    std::error_code ignored;
    const auto is_fixtures = [](const Name& file) { return file.folder && file.text == kFixturesFolder; };
    const bool beside_its_file = std::filesystem::exists(fmt::format("{}/{}{}", folder_, name, kJson), ignored);
    if (beside_its_file && names->size() == 1 && is_fixtures(names->front())) return;
    if (!wrong)
      Say(code::kContractFile, shown, "a contract's folder without a version", "put its JSON Schema into 1.json");
    return;
  }
  contracts_.emplace(name, std::move(entry));
}

std::vector<std::string_view> ContractFolder::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, entry] : contracts_) names.push_back(name);
  return names;
}

std::vector<int> ContractFolder::VersionsOf(std::string_view name) const {
  std::vector<int> versions;
  const auto found = contracts_.find(name);
  if (found == contracts_.end()) return versions;
  for (const auto& [number, version] : found->second.versions) versions.push_back(number);
  return versions;
}

const ContractConfig* ContractFolder::Load(std::string_view name, int version) {
  Entry& entry = contracts_.find(name)->second;
  Version& wanted = entry.versions.at(version);
  if (!wanted.loaded) {
    wanted.loaded = true;
    const Settings settings = ReadSettings(entry);
    wanted.config.shown = wanted.shown;
    wanted.config.evolution = settings.evolution;
    Compile(wanted, settings);
  }
  return wanted.config.compiled != nullptr && !entry.settings_wrong ? &wanted.config : nullptr;
}

void ContractFolder::LoadAll() {
  for (const auto& [name, entry] : contracts_) {
    for (const auto& [number, version] : entry.versions) Load(name, number);
  }
}

ContractFolder::Settings ContractFolder::ReadSettings(Entry& entry) {
  if (entry.settings) return *entry.settings;
  Settings settings;
  entry.settings = settings;
  if (entry.settings_path.empty()) return settings;
  const size_t before = diagnostics_.count();
  Result<std::string> text = ReadTextFile(entry.settings_path, kYamlBytesMax);
  const uint32_t file = diagnostics_.AddFile(entry.settings_shown, text ? *text : "");
  if (!text) {
    diagnostics_.Add(code::kContractFile, {file}, text.error().message);
  } else if (const auto root = ReadYaml(*text, file, diagnostics_)) {
    Fields fields(*root, "contract.yaml", kContractFields, diagnostics_);
    Values values(diagnostics_);
    if (const YamlNode* node = fields.Take("strict")) settings.strict = values.Flag(*node, "strict").value_or(true);
    if (const YamlNode* node = fields.Take("excess_digits")) {
      settings.reject_excess_digits = values.Choice(*node, "excess_digits", kExcessDigits).value_or("") == "reject";
    }
    if (const YamlNode* node = fields.Take("evolution")) {
      settings.evolution = EvolutionNamed(values.Choice(*node, "evolution", kEvolutions).value_or("backward"));
    }
    fields.Finish();
  }
  entry.settings_wrong = diagnostics_.count() != before;
  entry.settings = settings;
  return settings;
}

// A file of the folder or of the registry, or the contract that has this $id.
std::optional<std::string> ContractFolder::Document(const std::string& address) {
  if (std::optional<std::string> text = documents_.Find(address)) return text;
  if (!ids_) {
    ids_.emplace();
    for (const auto& [name, entry] : contracts_) {
      for (const auto& [number, version] : entry.versions) AddId(version.config.path);
    }
  }
  const auto found = ids_->find(address);
  if (found == ids_->end()) return std::nullopt;
  Result<std::string> text = ReadTextFile(found->second, kContractBytesMax);
  return text ? std::optional<std::string>(*std::move(text)) : std::nullopt;
}

std::string ContractFolder::LookedFor(const std::string& address) const {
  const std::string path = documents_.PathOf(address);
  const std::string by_id = fmt::format("no contract in {} has that $id", shown_);
  if (path.empty()) return fmt::format("it lies in no folder that datahub.yaml names, and {}", by_id);
  return fmt::format("{} is not there or cannot be read, and {}", path, by_id);
}

void ContractFolder::AddId(const std::string& path) {
  const Result<std::string> text = ReadTextFile(path, kContractBytesMax);
  json::Document document;
  if (!text) return;
  const Result<const json::Value*> value = document.Parse(*text);
  if (!value) return;  // said when it is compiled
  for (const char* keyword : {"$id", "id"}) {
    const json::Value* const id = (*value)->Find(keyword);
    if (id != nullptr && id->is_string()) ids_->emplace(id->text.substr(0, id->text.find('#')), path);
  }
}

void ContractFolder::Compile(Version& version, const Settings& settings) {
  Result<std::string> text = ReadTextFile(version.config.path, kContractBytesMax);
  if (!text) {
    Say(code::kContractFile, version.shown, text.error().message, "");
    return;
  }
  contract::ContractOptions options{.name = version.config.name,
                                    .version = version.config.version,
                                    .strict = settings.strict,
                                    .reject_excess_digits = settings.reject_excess_digits};
  std::string judges = fmt::format("{}\nstrict={} reject_excess_digits={}", CanonicalContract(*text), settings.strict,
                                   settings.reject_excess_digits);
  options.schema.address = version.config.path.substr(folder_.size() + 1);
  options.schema.documents = [&](const std::string& address) {
    std::optional<std::string> document = Document(address);
    if (document) judges += "\n" + address + "\n" + CanonicalContract(*document);
    return document;
  };
  options.schema.looked_for = [&](const std::string& address) { return LookedFor(address); };
  std::vector<contract::CompileError> errors;
  version.config.compiled = contract::Contract::Compile(*text, options, &errors);
  version.config.checksum = HashBytes(judges).ToHex();
  if (version.config.compiled != nullptr) return;
  const uint32_t file = diagnostics_.AddFile(version.shown, *text);
  for (contract::CompileError& error : errors) {
    const json::Place place = json::PlaceOf(*text, error.offset);
    const bool pointed =
        error.pointer.empty() || error.pointer == "#" || error.message.find(error.pointer) != std::string::npos;
    diagnostics_.Add(code::kContractText,
                     {file, static_cast<uint32_t>(place.line), static_cast<uint32_t>(place.column)},
                     pointed ? std::move(error.message) : fmt::format("{}: {}", error.pointer, error.message),
                     std::move(error.hint));
  }
  if (errors.empty()) diagnostics_.Add(code::kContractText, {file}, "the contract cannot be compiled");
}

std::vector<ContractConfig> ContractFolder::Take() && {
  std::vector<ContractConfig> all;
  for (auto& [name, entry] : contracts_) {
    for (auto& [number, version] : entry.versions) all.push_back(std::move(version.config));
  }
  return all;
}

}  // namespace datahub::app
