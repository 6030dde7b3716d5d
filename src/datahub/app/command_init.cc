// `init`: a project to try.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/init.h"
#include "datahub/app/listing.h"
#include "datahub/app/workspace.h"

namespace datahub::app {

int InitCommand(const Globals& globals, const InitArguments& arguments) {
  InitOptions options;
  options.folder = arguments.folder;
  options.name = arguments.name;
  options.events = arguments.events;
  options.seed = arguments.seed;
  const Result<InitializedProject> project = InitProject(options);
  if (!project) return Fail(project.error());
  if (globals.quiet) return kOk;
  fmt::print("project {} in {}: {} events, {} of them bad\n", project->name, arguments.folder,
             HumanCount(project->events), HumanCount(project->bad));
  for (const std::string& file : project->files) fmt::print("  {}\n", file);
  fmt::print("next: cd {} && datahub run\n", arguments.folder);
  return kOk;
}

}  // namespace datahub::app
