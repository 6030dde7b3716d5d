#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "datahub/app/declarations.h"
#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"
#include "datahub/app/suggestion.h"

namespace datahub::app {
namespace {

std::vector<std::string_view> NamesOf(const Declarations::Places& places) {
  std::vector<std::string_view> names;
  for (const auto& [name, place] : places) names.push_back(name);
  return names;
}

class References {
 public:
  References(Declarations& declarations, Diagnostics& diagnostics) : to_(declarations), diagnostics_(diagnostics) {}

  void Resolve() {
    CheckNamespace();
    for (PipelineReferences& pipeline : to_.references) {
      for (const YamlNode* node : pipeline.from) ResolveSource(pipeline, *node);
      ResolveTargets(pipeline);
    }
    CheckUnused();
    CheckRenames("source", to_.renamed_sources, to_.sources);
    CheckRenames("table", to_.renamed_tables, to_.tables);
    CheckRenames("pipeline", to_.renamed_pipelines, to_.pipelines);
    CheckLake();
  }

 private:
  // Tables and sinks are both named by `to`.
  void CheckNamespace() {
    for (const auto& [name, place] : to_.sinks) {
      const auto table = to_.tables.find(name);
      if (table == to_.tables.end()) continue;
      diagnostics_.Add(code::kNameTwice, place,
                       fmt::format("'{}' is a table at {}; tables and sinks share one namespace", name,
                                   diagnostics_.ToString(table->second)),
                       "give one of them another name");
    }
  }

  void ResolveSource(PipelineReferences& pipeline, const YamlNode& node) {
    if (!to_.sources.contains(node.text)) {
      if (!to_.complete) return;
      const std::vector<std::string_view> names = NamesOf(to_.sources);
      meant_.insert(Closest(node.text, names));
      diagnostics_.Add(code::kUnknownReference, node.place, fmt::format("there is no source '{}'", node.written),
                       Suggest(node.text, names, "declare it under sources"));
      return;
    }
    const auto [first, added] = feeds_.emplace(node.text, &pipeline);
    if (!added) {
      const std::string& other = first->second->config.name;
      diagnostics_.Add(
          code::kSourceTwice, node.place,
          &pipeline == first->second ? fmt::format("source '{}' is named twice", node.written)
                                     : fmt::format("source '{}' feeds pipeline {} already", node.written, other),
          &pipeline == first->second ? "remove one of them"
                                     : "declare a second source over the same place: each has positions of its own");
      return;
    }
    pipeline.config.from.push_back(node.text);
    const auto source = std::ranges::find(to_.project.sources, node.text, &SourceConfig::name);
    if (source != to_.project.sources.end()) source->pipeline = pipeline.config.name;
  }

  void ResolveTargets(PipelineReferences& pipeline) {
    for (const YamlNode* node : pipeline.to) {
      if (to_.sinks.contains(node->text) && !to_.tables.contains(node->text)) continue;  // the sink was refused
      if (!to_.tables.contains(node->text)) {
        SayNoTarget(*node);
      } else if (pipeline.config.table == node->text) {
        diagnostics_.Add(code::kNameTwice, node->place, fmt::format("table '{}' is named twice", node->written),
                         "remove one of them");
      } else if (!pipeline.config.table.empty()) {
        diagnostics_.Add(code::kNotSupported, node->place,
                         "several tables of one pipeline are not supported by this version",
                         fmt::format("give each table a pipeline, with a source of its own; the first is '{}'",
                                     pipeline.config.table));
      } else {
        pipeline.config.table = node->text;
      }
    }
  }

  void SayNoTarget(const YamlNode& node) {
    if (!to_.complete) return;
    std::vector<std::string_view> names = NamesOf(to_.tables);
    for (const std::string_view sink : NamesOf(to_.sinks)) names.push_back(sink);
    const std::string declare = fmt::format("declare it: tables: {{{}: {{}}}}", node.written);
    const std::string hint = Closest(node.text, names).empty() ? declare : Suggest(node.text, names) + " Or " + declare;
    diagnostics_.Add(code::kUnknownReference, node.place, fmt::format("there is no table or sink '{}'", node.written),
                     hint);
  }

  void CheckUnused() {
    if (!to_.complete) return;
    for (const auto& [name, place] : to_.sources) {
      const bool notifies = std::find(to_.notifiers.begin(), to_.notifiers.end(), name) != to_.notifiers.end();
      if (feeds_.contains(name) || meant_.contains(name) || notifies) continue;
      diagnostics_.Add(code::kUnusedSource, place, fmt::format("source '{}' feeds no pipeline", name),
                       "name it in a pipeline's from, or remove it");
    }
  }

  // What `reset` removes and what a lake's writer makes must never be what a person wrote.
  void CheckLake() {
    namespace fs = std::filesystem;
    const Project& project = to_.project;
    if (project.lake.location.empty()) return;
    const auto real = [](const std::string& path) {
      std::error_code failure;
      const fs::path canonical = fs::weakly_canonical(path, failure);
      return failure ? path : canonical.string();
    };
    const auto holds = [](const std::string& folder, const std::string& path) {
      return path == folder || folder == "/" || path.starts_with(folder + "/");
    };
    const auto refuse = [&](const std::string& what) {
      diagnostics_.Add(code::kWrongValue, to_.lake, fmt::format("the lake and {} overlap", what),
                       "give the lake a folder of its own, for example ./lake");
    };
    const std::string lake = real(project.lake.location);
    const std::string folder = real(project.folder);
    if (holds(lake, folder)) return refuse("the project's folder");
    for (const auto& [what, path] : {std::pair("the contracts", project.contracts_folder),
                                     std::pair("the project's state", project.folder + "/.datahub")}) {
      if (holds(lake, real(path)) || holds(real(path), lake)) return refuse(what);
    }
    for (const RegistryFolder& registry : project.registry) {
      if (holds(lake, real(registry.folder)) || holds(real(registry.folder), lake)) return refuse("the registry");
    }
    for (const SourceConfig& source : project.sources) {
      const auto paths = source.spec.options.find("path");
      if (paths == source.spec.options.end()) continue;
      for (const std::string& pattern : paths->second) {
        // What stands before the first wildcard, up to its last slash.
        std::string fixed = pattern.substr(0, pattern.find_first_of("*?["));
        fixed.erase(std::min(fixed.rfind('/'), fixed.size()));
        if (!pattern.starts_with('/')) fixed = project.folder + "/" + fixed;
        if (holds(lake, real(fixed))) return refuse(fmt::format("source '{}'", source.name));
      }
    }
  }

  // What was read and what landed follow a name once, and to one.
  void CheckRenames(const std::string& kind, const Declarations::Renames& renames,
                    const Declarations::Places& present) {
    Values values(diagnostics_);
    std::map<std::string, std::string> claimed;
    for (const auto& [name, node] : renames) {
      if (!values.Name(*node, "renamed_from", "a " + kind)) continue;
      if (present.contains(node->text)) {
        diagnostics_.Add(code::kRename, node->place,
                         node->text == name
                             ? fmt::format("{} '{}' cannot be renamed from itself", kind, name)
                             : fmt::format("'{}' is still a {}, so nothing was renamed", node->written, kind),
                         fmt::format("remove renamed_from, or the old {}", kind));
        continue;
      }
      const auto [first, added] = claimed.emplace(node->text, name);
      if (added) continue;
      diagnostics_.Add(
          code::kRename, node->place,
          fmt::format("{} {} says renamed_from: {} too; what it was goes to one", kind, first->second, node->written),
          "remove one of them");
    }
  }

  Declarations& to_;
  Diagnostics& diagnostics_;
  std::map<std::string, const PipelineReferences*, std::less<>> feeds_;  // source -> the pipeline it feeds
  std::set<std::string_view> meant_;                                     // by misspelt references: not unused
};

}  // namespace

void ResolveReferences(Declarations& declarations, Diagnostics& diagnostics) {
  References(declarations, diagnostics).Resolve();
}

}  // namespace datahub::app
