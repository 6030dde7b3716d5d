#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::app {

// The documents that schemas may refer to: files in folders that stand for a beginning of addresses. Nothing comes from a
// network, and nothing from outside of the folders: not by "..", not through a link.
class SchemaDocuments {
 public:
  // `prefix`: "" for relative addresses. `shown`: the folder as messages name it; "" for its own path.
  void Map(std::string prefix, std::string folder, std::string shown = "");

  // The text at an address, from the folder of the longest prefix. Nothing when there is none.
  std::optional<std::string> Find(const std::string& address) const;
  // Where it is looked for, as messages name it; "" when no folder stands for it.
  std::string PathOf(const std::string& address) const;

 private:
  struct Folder {
    std::string prefix;
    std::string path;
    std::string shown;
  };

  // Null: none. `rest`: the address below it.
  const Folder* FolderOf(std::string_view address, std::string_view* rest) const;

  std::vector<Folder> folders_;
};

}  // namespace datahub::app
