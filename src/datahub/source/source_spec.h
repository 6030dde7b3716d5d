#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::source {

// One source as the project file declares it: `options` are its fields (but name and kind) as text, a list for those that
// may be one. Each kind says in its registry row which there are and checks their values itself.
struct SourceSpec {
  std::string name;
  std::string kind;
  std::string base_folder;  // absolute: the project file's folder, what relative paths stand on
  std::map<std::string, std::vector<std::string>, std::less<>> options;

  // The option's only (first) value; empty when it is not given.
  std::string_view Option(std::string_view option) const {
    auto at = options.find(option);
    return at == options.end() || at->second.empty() ? std::string_view() : std::string_view(at->second.front());
  }
};

}  // namespace datahub::source
