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
#include "datahub/contract/walker_fixture.h"

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

class SuiteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(SuiteFolder() / "tests/draft7")) {
      GTEST_SKIP() << "the official suite is not at " << SuiteFolder() << "; DH_SUITE can name it";
    }
  }
};

struct Draft {
  const char* folder;
  Dialect dialect;
  int tests;
};
constexpr Draft kDrafts[] = {{"draft4", Dialect::kDraft4, 618},
                             {"draft6", Dialect::kDraft6, 839},
                             {"draft7", Dialect::kDraft7, 927},
                             {"draft2019-09", Dialect::kDraft2019, 1259},
                             {"draft2020-12", Dialect::kDraft2020, 1299}};

// What the suite's documents are served as.
std::optional<std::string> Remote(const std::string& address) {
  constexpr std::string_view kPrefix = "http://localhost:1234/";
  if (!address.starts_with(kPrefix)) return std::nullopt;
  const fs::path path = SuiteFolder() / "remotes" / address.substr(kPrefix.size());
  if (!fs::exists(path)) return std::nullopt;
  return ReadAll(path);
}

CompileOptions OptionsOf(Dialect dialect, bool format_asserts) {
  return {.dialect_default = dialect, .format_asserts = format_asserts, .refuses_foreign = false, .documents = Remote};
}

TEST_F(SuiteTest, Required) {
  for (const Draft& draft : kDrafts) {
    const Counts counts = RunFolder(SuiteFolder() / "tests" / draft.folder, OptionsOf(draft.dialect, false));
    PrintCounts(draft.folder, counts);
    EXPECT_EQ(counts.passed, draft.tests);
    for (const Problem& problem : counts.problems) {
      ADD_FAILURE() << draft.folder << ": " << problem.group << ": " << problem.what;
    }
  }
}

// By the walk that fills columns, where the schema has columns.
void WalkFile(const fs::path& file, const CompileOptions& options, Counts& counts) {
  const std::string text = ReadAll(file);
  json::Document document;
  auto groups = document.Parse(text, {.unique_keys = false});
  ASSERT_TRUE(groups) << file << groups.error().message;
  for (const json::Value& group : (*groups)->elements) {
    const json::Value& schema = *group.Find("schema");
    const std::string name = fmt::format("{} / {}", file.filename().string(), group.Find("description")->text);
    std::vector<CompileError> errors;
    const auto contract = Contract::Compile(text.substr(schema.begin, schema.end - schema.begin),
                                            {.name = "suite", .strict = false, .schema = options}, &errors);
    for (const json::Value& test : group.Find("tests")->elements) {
      if (!contract) {
        ++counts.refused;
        counts.problems.push_back({name, errors[0].pointer + " " + errors[0].message, true});
        continue;
      }
      std::string line;
      json::AppendValue(line, *test.Find("data"));
      Walker walker(contract);
      const WalkResult walked = walker.Walk(ChunkOf(line + "\n"));
      const bool wanted = test.Find("valid")->type == json::Type::kTrue;
      // What a table cannot hold is another verdict.
      const bool landing = !walked.rejected.empty() && walked.rejected[0].reasons[0].keyword.starts_with("dh:");
      const bool right = walked.records == 1 && (landing || walked.rejected.empty() == wanted);
      right ? ++counts.passed : ++counts.failed;
      if (right) continue;
      counts.problems.push_back({name, fmt::format("{}: wanted {}", test.Find("description")->text, wanted), false});
    }
  }
}

TEST_F(SuiteTest, RequiredByTheWalk) {
  for (const Draft& draft : kDrafts) {
    Counts counts;
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(SuiteFolder() / "tests" / draft.folder)) {
      if (entry.is_regular_file()) files.insert(entry.path());
    }
    for (const fs::path& file : files) WalkFile(file, OptionsOf(draft.dialect, false), counts);
    PrintCounts(fmt::format("{}, walked", draft.folder).c_str(), counts);
    for (const Problem& problem : counts.problems) {
      ADD_FAILURE() << draft.folder << ": " << problem.group << ": " << problem.what;
    }
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
