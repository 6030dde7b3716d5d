#include "datahub/contract/suite_fixture.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace datahub::contract {

namespace fs = std::filesystem;

fs::path FetchedSuiteFolder() { return fs::path(DH_SOURCE_DIR) / ".deps/json-schema-test-suite"; }

fs::path SuiteFolder(const std::string& part) {
  if (const char* folder = std::getenv("DH_SUITE")) return folder;
  const fs::path beside = fs::path(DH_SOURCE_DIR) / "../shared/data/json-schema-test-suite";
  return fs::exists(beside / part) ? beside : FetchedSuiteFolder();
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace datahub::contract
