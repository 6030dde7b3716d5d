#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::app {

struct InitOptions {
  std::string folder = "";  // empty, or not there yet
  std::string name = "";    // of the project; empty: made from the folder's name
  uint64_t events = 10'000;
  uint64_t seed = 1;
  double bad_share = 0.01;
};

struct InitializedProject {
  std::string name;
  std::vector<std::string> files;  // below the folder, as written
  uint64_t events = 0;
  uint64_t bad = 0;
};

// Writes a project that runs: datahub.yaml, the schema that editors check it with, a contract, and events of 28 days, some of them bad in six ways. The same seed
// gives the same bytes.
// Errors   InvalidInput: a bad name, no folder · AlreadyExists: the folder holds something, which is named · Limit: more
//          than kInitEventsMax · what the system said
Result<InitializedProject> InitProject(const InitOptions& options);

inline constexpr uint64_t kInitEventsMax = 100'000'000;

}  // namespace datahub::app
