#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/app/project.h"

namespace datahub::app {

// A project's folder for a test, gone with it.
class ProjectFolder {
 public:
  ProjectFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "datahub-project-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ProjectFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ProjectFolder(const ProjectFolder&) = delete;
  ProjectFolder& operator=(const ProjectFolder&) = delete;

  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + "/" + name).parent_path());
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr const char* kUserSchema = R"({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
 "required": ["eid"], "properties": {"eid": {"type": "string"}, "age": {"type": "integer"},
 "created_at": {"type": "string", "format": "date-time"}}}
)";

// The project that the examples of codes change, by section.
inline const std::vector<std::pair<std::string, std::string>> kSections = {
    {"project", "project: sales\n"},
    {"lake", "lake: {location: ./lake}\n"},
    {"include", "include: teams/*.yaml\n"},
    {"sources", "sources:\n  users_inbox: {kind: files, path: ./inbox/*.ndjson}\n"},
    {"tables", "tables:\n  users: {partition_by: [day(created_at)]}\n"},
    {"pipelines", "pipelines:\n  users: {from: [users_inbox], contract: user, to: [users]}\n"},
};

// The sections that the example does not give, then the example.
inline std::string Completed(std::string_view example) {
  std::string text;
  for (const auto& [name, section] : kSections) {
    if (("\n" + std::string(example)).find("\n" + name + ":") == std::string::npos) text += section;
  }
  return text.append(example);
}

// Reads a project of these files (name -> text) with these variables.
struct ProjectReading {
  ProjectFolder folder;
  Diagnostics diagnostics;
  std::optional<Project> project;
  std::map<std::string, std::string> variables;
  bool all_contracts = false;
  bool evolution = false;

  void Read() {
    ReadOptions options;
    options.evolution = evolution;
    if (all_contracts) options.contracts = ContractUse::kAll;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    project = ReadProject(folder.path(), options, diagnostics);
  }
  // What was said, with the folder's own path taken out.
  std::string errors() const {
    std::string text = diagnostics.Render(false);
    for (size_t at = 0; (at = text.find(folder.path() + "/")) != text.npos;) text.erase(at, folder.path().size() + 1);
    return text;
  }
  bool Says(std::string_view text) const { return errors().find(text) != std::string::npos; }
};

}  // namespace datahub::app
