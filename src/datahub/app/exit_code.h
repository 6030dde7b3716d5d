#pragma once

namespace datahub::app {

// What the program ends with.
enum ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kDataQuality = 3,  // rejected records under on_reject: stop or --fail-on-reject
  kInvalidProject = 78,
  kInterrupted = 130,
};

}  // namespace datahub::app
