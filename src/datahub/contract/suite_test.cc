// The official JSON Schema test suite, when it is beside the checkout (or where DH_SUITE says).

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

namespace fs = std::filesystem;

struct Problem {
  std::string group;  // "ref.json / remote ref, containing refs itself"
  std::string what;
  bool refused = false;  // the schema does not load
};

struct Counts {
  int passed = 0;
  int failed = 0;
  int refused = 0;
  std::vector<Problem> problems;
};

void PrintCounts(const char* name, const Counts& counts) {
  fmt::print("{:22} {:5} passed {:5} failed {:5} refused at load\n", name, counts.passed, counts.failed,
             counts.refused);
}

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
    const std::string group_name = fmt::format("{} / {}", file.filename().string(), group.Find("description")->text);
    for (const json::Value& test : group.Find("tests")->elements) {
      if (!set) {
        ++counts.refused;
        counts.problems.push_back({group_name, errors[0].pointer + " " + errors[0].message, true});
        continue;
      }
      std::vector<Reason> reasons;
      const json::Value& data = *test.Find("data");
      const bool valid = Validate(set->root(), data, {}, &reasons);
      const bool verdict_only = Validate(set->root(), data, {.reasons_max = 0, .instance_prefix = ""}, nullptr);
      const bool wanted = test.Find("valid")->type == json::Type::kTrue;
      const bool right = valid == wanted && verdict_only == wanted && valid == reasons.empty();
      right ? ++counts.passed : ++counts.failed;
      if (right) continue;
      counts.problems.push_back(
          {group_name, fmt::format("{}: valid {}, wanted {}", test.Find("description")->text, valid, wanted), false});
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

// Groups of draft-07 that need documents beyond the contract: references stay within it. One that begins to pass must leave
// the list.
const std::set<std::string> kNeedRemoteDocument = {
    "definitions.json / validate definition against metaschema",  // refers to the meta-schema
    "ref.json / remote ref, containing refs itself",              // refers to the meta-schema
    "refRemote.json / remote ref",
    "refRemote.json / fragment within remote ref",
    "refRemote.json / ref within remote ref",
    "refRemote.json / base URI change",
    "refRemote.json / base URI change - change folder",
    "refRemote.json / base URI change - change folder in subschema",
    "refRemote.json / root ref in remote ref",
    "refRemote.json / remote ref with ref to definitions",
    "refRemote.json / Location-independent identifier in remote ref",
    "refRemote.json / retrieved nested refs resolve relative to their URI not $id",
    "refRemote.json / $ref to $ref finds location-independent $id",
};

// What 2020-12 refuses at load, by what the refusal says: none of it is ignored.
bool IsRefusalOf2020(const Problem& problem) {
  for (const char* reason : {"is another document", "the keyword $dynamicRef is not supported", "the dialect '"}) {
    if (problem.what.find(reason) != std::string::npos) return problem.refused;
  }
  return false;
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
  PrintCounts("draft-07 required", counts);
  EXPECT_EQ(counts.passed + counts.refused, 927);
  std::set<std::string> refused;
  for (const Problem& problem : counts.problems) {
    refused.insert(problem.group);
    if (!problem.refused || !kNeedRemoteDocument.contains(problem.group)) {
      ADD_FAILURE() << problem.group << ": " << problem.what;
    }
  }
  EXPECT_EQ(refused, kNeedRemoteDocument) << "take those that pass off the list";
}

TEST_F(SuiteTest, RequiredDraft2020) {
  const Counts counts = RunFolder(SuiteFolder() / "tests/draft2020-12",
                                  {.dialect_default = Dialect::kDraft2020, .format_asserts = false});
  PrintCounts("2020-12 required", counts);
  for (const Problem& problem : counts.problems) {
    if (!IsRefusalOf2020(problem)) ADD_FAILURE() << problem.group << ": " << problem.what;
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
  PrintCounts("formats, asserted", counts);
  for (const Problem& problem : counts.problems) ADD_FAILURE() << problem.group << ": " << problem.what;
}

// Optional parts that hold here: numbers without limits, ECMA's patterns, keywords that nobody knows.
TEST_F(SuiteTest, OptionalParts) {
  Counts counts;
  for (const char* name : {"bignum", "float-overflow", "ecmascript-regex", "non-bmp-regex", "id", "unknownKeyword",
                           "anchor", "no-schema", "refOfUnknownKeyword"}) {
    const fs::path seven = SuiteFolder() / fmt::format("tests/draft7/optional/{}.json", name);
    const fs::path later = SuiteFolder() / fmt::format("tests/draft2020-12/optional/{}.json", name);
    if (fs::exists(seven)) RunFile(seven, {.dialect_default = Dialect::kDraft7}, counts);
    if (fs::exists(later)) RunFile(later, {.dialect_default = Dialect::kDraft2020}, counts);
  }
  PrintCounts("optional parts", counts);
  for (const Problem& problem : counts.problems) ADD_FAILURE() << problem.group << ": " << problem.what;
}

}  // namespace
}  // namespace datahub::contract
