#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace datahub::app {

// The documents that schemas may refer to: files in folders that stand for a beginning of addresses. Nothing comes from a
// network, and nothing from outside of the folders.
class SchemaDocuments {
 public:
  // `prefix`: "" for relative addresses.
  void Map(std::string prefix, std::string folder) { folders_.emplace_back(std::move(prefix), std::move(folder)); }

  // The text at an address, from the folder of the longest prefix. Nothing when there is none.
  std::optional<std::string> Find(const std::string& address) const;

 private:
  std::vector<std::pair<std::string, std::string>> folders_;
};

}  // namespace datahub::app
