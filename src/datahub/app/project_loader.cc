#include <glob.h>

#include <algorithm>
#include <deque>
#include <filesystem>

#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/project.h"
#include "datahub/app/text_file.h"
#include "datahub/app/yaml_reader.h"

namespace datahub::app {
namespace {

struct Globbed : glob_t {
  Globbed() : glob_t{} {}
  ~Globbed() { ::globfree(this); }
  Globbed(const Globbed&) = delete;
  Globbed& operator=(const Globbed&) = delete;
};

std::string GlobEscaped(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// Inside the project's folder, and no way out of it.
bool StaysInside(std::string_view pattern) {
  if (pattern.starts_with('/') || pattern.starts_with('~')) return false;
  for (const auto& part : std::filesystem::path(pattern)) {
    if (part == "..") return false;
  }
  return true;
}

class ProjectLoader {
 public:
  ProjectLoader(const std::string& folder, const ReadOptions& options, Diagnostics& diagnostics)
      : options_(options), diagnostics_(diagnostics) {
    std::error_code error;
    std::filesystem::path path = std::filesystem::absolute(folder.empty() ? "." : folder, error);
    to_.project.folder = WithoutSlash(path.lexically_normal().string());
    const std::string given = WithoutSlash(folder);
    shown_prefix_ = given.empty() || given == "." ? "" : given == "/" ? "/" : given + "/";
  }

  std::optional<Project> Load(std::string text) {
    if (!ReadFile(std::string(kProjectFile), std::move(text))) return std::nullopt;
    FollowIncludes(*roots_.front());
    for (size_t i = 0; i < roots_.size(); ++i) ReadSections(*roots_[i], i > 0, to_, diagnostics_);
    ResolveReferences(to_, diagnostics_);
    if (options_.contracts != ContractUse::kNone) {
      const bool all = options_.contracts == ContractUse::kAll;
      ResolveContracts(to_, all, options_.evolution, Shown(to_.project.contracts_folder), diagnostics_);
    }
    if (!diagnostics_.empty()) return std::nullopt;
    for (PipelineReferences& pipeline : to_.references) to_.project.pipelines.push_back(std::move(pipeline.config));
    return std::move(to_.project);
  }

  std::string project_file() const { return to_.project.folder + "/" + std::string(kProjectFile); }
  std::string shown_file() const { return shown_prefix_ + std::string(kProjectFile); }

 private:
  // `name` is below the project's folder.
  bool ReadFile(const std::string& name, std::string text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // yaml-cpp's columns do not count it
    const uint32_t file = diagnostics_.AddFile(shown_prefix_ + name, text);
    std::optional<YamlNode> root = ReadYaml(text, file, diagnostics_);
    if (!root) {
      to_.complete = false;
      return false;
    }
    Substitute(*root, options_.environment, diagnostics_);
    roots_.push_back(std::make_unique<YamlNode>(*std::move(root)));
    return true;
  }

  void FollowIncludes(const YamlNode& root) {
    const YamlNode* include = root.Find("include");
    if (include == nullptr || include->is_null()) return;
    std::vector<std::string> seen = {std::string(kProjectFile)};
    for (const YamlNode* pattern : Values(diagnostics_).Texts(*include, "include")) Include(*pattern, seen);
  }

  void Include(const YamlNode& pattern, std::vector<std::string>& seen) {
    const auto refuse = [&](std::string message, std::string hint) {
      diagnostics_.Add(code::kInclude, pattern.place, std::move(message), std::move(hint));
      to_.complete = false;
    };
    if (!StaysInside(pattern.text)) {
      return refuse(fmt::format("include '{}' leaves the project's folder", pattern.written),
                    "include files below datahub.yaml");
    }
    const std::string base = to_.project.folder == "/" ? "/" : to_.project.folder + "/";
    Globbed found;
    const int status = ::glob((GlobEscaped(base) + pattern.text).c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> names;
    for (size_t i = 0; status == 0 && i < found.gl_pathc; ++i) {
      const std::string path = found.gl_pathv[i];
      const std::string name = std::filesystem::path(path.substr(base.size())).lexically_normal().string();
      if (!std::filesystem::is_directory(path)) names.push_back(name);
    }
    std::ranges::sort(names);
    if (names.empty())
      return refuse(fmt::format("include '{}' matches no file", pattern.written), "correct it, or remove it");
    for (const std::string& name : names) {
      if (std::ranges::find(seen, name) != seen.end()) continue;
      if (seen.size() >= kProjectFilesMax)
        return refuse(fmt::format("more than {} files", kProjectFilesMax), "join some of them");
      seen.push_back(name);
      Result<std::string> text = ReadTextFile(base + name, kYamlBytesMax);
      if (text) {
        ReadFile(name, *std::move(text));
      } else {
        refuse(text.error().message, "");
      }
    }
  }

  // As the user would open it: relative when it is below the project's folder.
  std::string Shown(const std::string& path) const {
    const std::string base = to_.project.folder + "/";
    return path.starts_with(base) ? shown_prefix_ + path.substr(base.size()) : path;
  }

  const ReadOptions& options_;
  Diagnostics& diagnostics_;
  std::string shown_prefix_;
  std::vector<std::unique_ptr<YamlNode>> roots_;  // nodes stay where they are: declarations point to them
  Declarations to_;
};

template <class List>
auto* FindNamed(List& list, std::string_view name) {
  const auto found = std::ranges::find(list, name, [](const auto& item) { return std::string_view(item.name); });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

const SourceConfig* Project::FindSource(std::string_view name_of) const { return FindNamed(sources, name_of); }
const TableConfig* Project::FindTable(std::string_view name_of) const { return FindNamed(tables, name_of); }
const PipelineConfig* Project::FindPipeline(std::string_view name_of) const { return FindNamed(pipelines, name_of); }

std::optional<Project> ReadProjectText(std::string text, const std::string& folder, const ReadOptions& options,
                                       Diagnostics& diagnostics) {
  return ProjectLoader(folder, options, diagnostics).Load(std::move(text));
}

std::optional<Project> ReadProject(const std::string& folder, const ReadOptions& options, Diagnostics& diagnostics) {
  ProjectLoader loader(folder, options, diagnostics);
  Result<std::string> text = ReadTextFile(loader.project_file(), kYamlBytesMax);
  if (!text) {
    const bool absent = text.error().code == Code::kNotFound;
    diagnostics.Add(code::kUnreadable, {diagnostics.AddFile(loader.shown_file(), "")},
                    absent ? "there is no project here" : text.error().message,
                    absent ? "go to a project's folder, name it with -C DIR, or make one: datahub init DIR" : "");
    return std::nullopt;
  }
  return loader.Load(*std::move(text));
}

}  // namespace datahub::app
