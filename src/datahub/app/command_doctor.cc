// `doctor`: a line for everything that could keep a project from running.

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/doctor.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/lake_audit.h"
#include "datahub/app/listing.h"

namespace datahub::app {

int DoctorCommand(const Globals& globals, bool deep) {
  std::vector<Finding> of_project;
  const std::optional<Project> project = CheckProjectFile(globals.folder, of_project);
  if (project) CheckProject(*project, of_project);
  if (project && deep) CheckDeep(*project, of_project);
  std::vector<Finding> findings;
  CheckMachine(project ? &*project : nullptr, findings);
  findings.insert(findings.end(), of_project.begin(), of_project.end());

  Listing listing({"health", "check", "state", "next"});
  size_t counts[3] = {};
  size_t width = 0;
  for (const Finding& finding : findings) {
    ++counts[static_cast<size_t>(finding.health)];
    width = std::max(width, finding.check.size());
    listing.Add({std::string(ToString(finding.health)), finding.check, finding.state, finding.next});
  }
  if (globals.json) {
    listing.Print(true);
  } else {
    for (const Finding& finding : findings) {
      fmt::print("{:4}  {:{}}  {}\n", ToString(finding.health), finding.check, width, finding.state);
      if (!finding.next.empty()) fmt::print("{:{}}next: {}\n", "", width + 8, finding.next);
    }
    if (!globals.quiet) fmt::print(stderr, "{} ok, {} warnings, {} failed\n", counts[0], counts[1], counts[2]);
  }
  return counts[static_cast<size_t>(Health::kFail)] > 0 ? kFailure : kOk;
}

}  // namespace datahub::app
