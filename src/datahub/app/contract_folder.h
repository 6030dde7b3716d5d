#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/app/diagnostic.h"
#include "datahub/app/project_types.h"
#include "datahub/app/schema_documents.h"

namespace datahub::app {

inline constexpr size_t kContractBytesMax = 4u << 20;
inline constexpr size_t kContractFilesMax = 10'000;  // names in one folder of contracts
inline constexpr int kContractVersionMax = 1'000'000;

// The contracts of a project as they lie in a folder:
//
//   <folder>/user.json                      version 1, default settings
//   <folder>/user/1.json, 2.json …          versions, highest by default
//   <folder>/user/tests/*.json              fixtures, for `contract test`
//   <folder>/user/contract.yaml             strict: true|false, excess_digits: truncate|reject, evolution: backward|…
//
// A contract may refer to other files of the folder, by their path relative to its own or by their $id, and to documents of the
// registry's folders by their address; to nothing else, and nothing is fetched.
// What is wrong goes to the diagnostics, with the places in the contracts' own files.
class ContractFolder {
 public:
  // `folder` to open, `shown` to name it in messages.
  ContractFolder(std::string folder, std::string shown, const std::vector<RegistryFolder>& registry,
                 Diagnostics& diagnostics);

  // Lists what is there. False: the folder cannot be read; nothing was said.
  bool Discover();

  bool Has(std::string_view name) const { return contracts_.contains(name); }
  std::vector<std::string_view> names() const;
  std::vector<int> VersionsOf(std::string_view name) const;
  // Compiles it, once. Null: something is wrong with it, and that was said. `version` is one of VersionsOf().
  const ContractConfig* Load(std::string_view name, int version);
  void LoadAll();
  // What was discovered, by name and version.
  std::vector<ContractConfig> Take() &&;

 private:
  struct Settings {
    bool strict = true;
    bool reject_excess_digits = false;
    Evolution evolution;
  };
  struct Version {
    ContractConfig config;
    std::string shown;
    bool loaded = false;
  };
  struct Entry {
    std::map<int, Version> versions;
    std::string settings_path;  // empty: none
    std::string settings_shown;
    std::optional<Settings> settings;  // once read
    bool settings_wrong = false;
  };

  void DiscoverFile(const std::string& name);
  void DiscoverVersions(const std::string& name);
  bool CheckName(const std::string& name, const std::string& shown);
  Settings ReadSettings(Entry& entry);
  void Compile(Version& version, const Settings& settings);
  std::optional<std::string> Document(const std::string& address);
  // Where Document() looked for what it did not find.
  std::string LookedFor(const std::string& address) const;
  void AddId(const std::string& path);
  void Say(std::string_view code, const std::string& shown, std::string message, std::string hint);

  const std::string folder_;
  const std::string shown_;
  SchemaDocuments documents_;
  Diagnostics& diagnostics_;
  std::map<std::string, Entry, std::less<>> contracts_;
  std::optional<std::map<std::string, std::string, std::less<>>> ids_;  // $id -> path, once asked for
};

}  // namespace datahub::app
