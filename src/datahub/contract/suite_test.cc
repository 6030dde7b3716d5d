// The official JSON Schema test suite, when it is beside the checkout (or where DH_SUITE says).

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

namespace fs = std::filesystem;

struct Counts {
  int passed = 0;
  int failed = 0;
  int refused = 0;  // the schema does not load
  std::vector<std::string> problems;
};

fs::path SuiteFolder() {
  if (const char* folder = std::getenv("DH_SUITE")) return folder;
  return fs::path(DH_SOURCE_DIR) / "../shared/data/json-schema-test-suite";
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void RunFile(const fs::path& file, const CompileOptions& options, Counts& counts) {
  const std::string text = ReadAll(file);
  json::Document document;
  auto groups = document.Parse(text, {.unique_keys = false});
  ASSERT_TRUE(groups) << file << groups.error().message;
  for (const json::Value& group : (*groups)->elements) {
    const json::Value& schema = *group.Find("schema");
    std::vector<CompileError> errors;
    const auto set = SchemaSet::Compile(text.substr(schema.begin, schema.end - schema.begin), options, &errors);
    for (const json::Value& test : group.Find("tests")->elements) {
      const std::string name =
          fmt::format("{} / {} / {}", file.filename().string(), group.Find("description")->text, test.Find("description")->text);
      if (!set) {
        ++counts.refused;
        counts.problems.push_back(fmt::format("refused {}: {} {}", name, errors[0].pointer, errors[0].message));
        continue;
      }
      std::vector<Reason> reasons;
      const bool valid = Validate(set->root(), *test.Find("data"), {}, &reasons);
      const bool verdict_only = Validate(set->root(), *test.Find("data"), {.reasons_max = 0, .instance_prefix = ""}, nullptr);
      const bool wanted = test.Find("valid")->type == json::Type::kTrue;
      const bool right = valid == wanted && verdict_only == wanted && valid == reasons.empty();
      right ? ++counts.passed : ++counts.failed;
      if (!right) counts.problems.push_back(fmt::format("failed {}: valid {}, wanted {}", name, valid, wanted));
    }
  }
}

Counts RunFolder(const fs::path& folder, const CompileOptions& options) {
  Counts counts;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.insert(entry.path());
  }
  for (const fs::path& file : files) RunFile(file, options, counts);
  return counts;
}

// Groups of draft-07 that need documents beyond the contract: references stay within it for now.
bool NeedsRemoteDocument(const std::string& problem) {
  return problem.starts_with("refused") && problem.find("is another document") != std::string::npos;
}

class SuiteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(SuiteFolder() / "tests/draft7")) {
      GTEST_SKIP() << "the official suite is not at " << SuiteFolder() << "; DH_SUITE can name it";
    }
  }
};

TEST_F(SuiteTest, RequiredDraft7) {
  const Counts counts =
      RunFolder(SuiteFolder() / "tests/draft7", {.dialect_default = Dialect::kDraft7, .format_asserts = false});
  fmt::print("draft-07 required: {} passed, {} failed, {} refused at load\n", counts.passed, counts.failed, counts.refused);
  EXPECT_EQ(counts.failed, 0);
  EXPECT_GE(counts.passed + counts.refused, 900);
  int remote = 0;
  for (const std::string& problem : counts.problems) {
    if (NeedsRemoteDocument(problem)) {
      ++remote;
      continue;
    }
    ADD_FAILURE() << problem;
  }
  fmt::print("  of these {} need documents beyond the contract\n", remote);
}

TEST_F(SuiteTest, RequiredDraft2020) {
  const Counts counts =
      RunFolder(SuiteFolder() / "tests/draft2020-12", {.dialect_default = Dialect::kDraft2020, .format_asserts = false});
  fmt::print("2020-12 required: {} passed, {} failed, {} refused at load\n", counts.passed, counts.failed, counts.refused);
  EXPECT_EQ(counts.failed, 0);
  for (const std::string& problem : counts.problems) {
    if (problem.starts_with("failed")) ADD_FAILURE() << problem;
  }
}

TEST_F(SuiteTest, SupportedFormats) {
  Counts counts;
  for (const char* name : {"date-time", "date", "time", "uuid", "email", "ipv4", "ipv6", "uri", "hostname"}) {
    const fs::path seven = SuiteFolder() / fmt::format("tests/draft7/optional/format/{}.json", name);
    const fs::path later = SuiteFolder() / fmt::format("tests/draft2020-12/optional/format/{}.json", name);
    if (fs::exists(seven)) RunFile(seven, {.dialect_default = Dialect::kDraft7}, counts);
    if (fs::exists(later)) RunFile(later, {.dialect_default = Dialect::kDraft2020}, counts);
  }
  fmt::print("formats asserted: {} passed, {} failed\n", counts.passed, counts.failed);
  for (const std::string& problem : counts.problems) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace datahub::contract
