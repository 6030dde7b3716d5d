// The official suite's tests of output and of annotations, when its folder has them (DH_SUITE says where it is).

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/explain/basic_output.h"
#include "datahub/contract/explain/explain.h"
#include "datahub/contract/suite_fixture.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

namespace fs = std::filesystem;

std::string JsonOf(const json::Value& value) {
  std::string text;
  json::AppendValue(text, value);
  return text;
}

std::shared_ptr<const SchemaSet> MustCompileSet(const json::Value& schema, const CompileOptions& options) {
  std::vector<CompileError> errors;
  auto set = SchemaSet::Compile(JsonOf(schema), options, &errors);
  for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message;
  return set;
}

class OutputSuiteTest : public ::testing::Test {
 protected:
  // Parses a file whose tests go through `run`.
  template <class Run>
  void EachFile(const fs::path& folder, Run run) {
    ASSERT_TRUE(fs::exists(folder)) << folder << " is not there: `./dev test` fetches it";
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string text = ReadAll(entry.path());
      json::Document document;
      const auto root = document.Parse(text);
      ASSERT_TRUE(root) << entry.path() << root.error().message;
      SCOPED_TRACE(entry.path().string());
      run(**root);
    }
    fmt::print("{}: {} passed\n", folder.string(), passed_);
    EXPECT_GT(passed_, 0);
  }
  int passed_ = 0;
};

// Each test is a schema of what the output must be.
void RunOutputTests(const json::Value& groups, const fs::path& folder, Dialect dialect, int& passed) {
  CompileOptions options{.dialect_default = dialect, .format_asserts = false, .refuses_foreign = false};
  options.address = "https://json-schema.org/tests";
  options.documents = [&](const std::string& address) -> std::optional<std::string> {
    if (!address.ends_with("/output/schema")) return std::nullopt;
    return ReadAll(folder / "output-schema.json");
  };
  for (const json::Value& group : groups.elements) {
    const auto schema = MustCompileSet(*group.Find("schema"), options);
    for (const json::Value& test : group.Find("tests")->elements) {
      const auto wanted = MustCompileSet(*test.Find("output")->Find("basic"), options);
      ASSERT_TRUE(schema && wanted);
      json::Writer out;
      out.BeginObject();
      WriteBasicOutput(Explain(schema->root(), *test.Find("data"), ""), out);
      out.EndObject();
      json::Document document;
      const auto output = document.Parse(out.text());
      ASSERT_TRUE(output) << output.error().message;
      std::vector<Reason> reasons;
      EXPECT_TRUE(Validate(wanted->root(), **output, {}, &reasons))
          << test.Find("description")->text << "\n"
          << out.text() << "\n"
          << reasons.at(0).keyword << " " << reasons.at(0).message;
      passed += reasons.empty();
    }
  }
}

TEST_F(OutputSuiteTest, Draft2019) {
  const fs::path folder = SuiteFolder("output-tests") / "output-tests/draft2019-09";
  EachFile(folder / "content",
           [&](const json::Value& groups) { RunOutputTests(groups, folder, Dialect::kDraft2019, passed_); });
}

TEST_F(OutputSuiteTest, Draft2020) {
  const fs::path folder = SuiteFolder("output-tests") / "output-tests/draft2020-12";
  EachFile(folder / "content",
           [&](const json::Value& groups) { RunOutputTests(groups, folder, Dialect::kDraft2020, passed_); });
}

// "3", "<=2019", "=2020", several with a comma: the drafts that a test is of.
bool IsOf(const json::Value& group, int draft) {
  const json::Value* const written = group.Find("compatibility");
  std::stringstream parts(written == nullptr ? "" : std::string(written->text));
  for (std::string part; std::getline(parts, part, ',');) {
    const int number = std::atoi(part.c_str() + std::min(part.find_first_of("0123456789"), part.size()));
    const bool fits = part.starts_with("<=")  ? draft <= number
                      : part.starts_with('=') ? draft == number
                                              : draft >= number;
    if (!fits) return false;
  }
  return true;
}

void RunAnnotationTests(const json::Value& suite, Dialect dialect, int draft, int& passed) {
  const CompileOptions options{.dialect_default = dialect, .format_asserts = false, .refuses_foreign = false};
  for (const json::Value& group : suite.Find("suite")->elements) {
    if (!IsOf(group, draft)) continue;
    const auto schema = MustCompileSet(*group.Find("schema"), options);
    ASSERT_NE(schema, nullptr);
    for (const json::Value& test : group.Find("tests")->elements) {
      const Explanation explanation = Explain(schema->root(), *test.Find("instance"), "");
      for (const json::Value& assertion : test.Find("assertions")->elements) {
        const std::string keyword = "/" + std::string(assertion.Find("keyword")->text);
        std::map<std::string, std::string> wanted;
        for (const json::Member& member : assertion.Find("expected")->members) {
          wanted[std::string(member.key)] = JsonOf(member.value);
        }
        std::map<std::string, std::string> found;
        for (const KeywordUnit& unit : explanation.units) {
          if (unit.instance != assertion.Find("location")->text || !unit.keyword.ends_with(keyword)) continue;
          if (unit.annotation.empty()) continue;
          // Theirs are from the document's root, ours from the nearest $id.
          std::string place = unit.absolute.substr(unit.absolute.find('#') + 1);
          place.resize(place.size() - keyword.size());
          const auto same = std::ranges::find_if(wanted, [&](const auto& one) { return one.first.ends_with(place); });
          found[same == wanted.end() ? "#" + place : same->first] = unit.annotation;
        }
        EXPECT_EQ(found, wanted) << group.Find("description")->text << " " << JsonOf(*test.Find("instance")) << keyword;
        passed += found == wanted;
      }
    }
  }
}

TEST_F(OutputSuiteTest, Annotations) {
  EachFile(SuiteFolder("annotations") / "annotations/tests", [&](const json::Value& suite) {
    RunAnnotationTests(suite, Dialect::kDraft4, 4, passed_);
    RunAnnotationTests(suite, Dialect::kDraft6, 6, passed_);
    RunAnnotationTests(suite, Dialect::kDraft7, 7, passed_);
    RunAnnotationTests(suite, Dialect::kDraft2019, 2019, passed_);
    RunAnnotationTests(suite, Dialect::kDraft2020, 2020, passed_);
  });
}

}  // namespace
}  // namespace datahub::contract
