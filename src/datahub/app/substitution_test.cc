#include "datahub/app/substitution.h"

#include <gtest/gtest.h>

#include <map>

#include "datahub/app/yaml_reader.h"

namespace datahub::app {
namespace {

struct Substituted {
  Diagnostics diagnostics;
  std::string text;

  explicit Substituted(const std::string& value) {
    const std::string yaml = "a: '" + value + "'\n";
    auto root = ReadYaml(yaml, diagnostics.AddFile("f", yaml), diagnostics);
    static const std::map<std::string, std::string> kVariables = {{"HOME", "/home/ada"},
                                                                  {"EMPTY", ""},
                                                                  {"EVIL", "x, b: 1}\n- 'y' ${env:HOME}"},
                                                                  {"BIG", std::string(50'000, 'b')}};
    Substitute(
        *root,
        [](const std::string& name) -> std::optional<std::string> {
          const auto found = kVariables.find(name);
          return found == kVariables.end() ? std::nullopt : std::optional(found->second);
        },
        diagnostics);
    text = root->Find("a")->text;
    EXPECT_EQ(root->Find("a")->written, value);
  }
  bool Says(std::string_view what) const { return diagnostics.Render(false).find(what) != std::string::npos; }
};

TEST(Substitution, PutsValuesIn) {
  EXPECT_EQ(Substituted("plain $HOME {x}").text, "plain $HOME {x}");
  EXPECT_EQ(Substituted("${env:HOME}/lake").text, "/home/ada/lake");
  EXPECT_EQ(Substituted("${env:HOME}${env:HOME}").text, "/home/ada/home/ada");
  EXPECT_EQ(Substituted("${env:EMPTY}").text, "");
}

TEST(Substitution, Defaults) {
  EXPECT_EQ(Substituted("${env:NOT_SET:-./lake}").text, "./lake");
  EXPECT_EQ(Substituted("${env:EMPTY:-./lake}").text, "./lake");
  EXPECT_EQ(Substituted("${env:NOT_SET:-}x").text, "x");
  EXPECT_EQ(Substituted("${env:HOME:-other}").text, "/home/ada");
}

TEST(Substitution, ValuesAreNeitherYamlNorResolvedAgain) {
  const Substituted evil("${env:EVIL}");
  EXPECT_EQ(evil.text, "x, b: 1}\n- 'y' ${env:HOME}");
  EXPECT_TRUE(evil.diagnostics.empty());
}

TEST(Substitution, NamesWhatIsNotSet) {
  const Substituted missing("${env:NOT_SET} and ${env:NOR_THIS}");
  EXPECT_EQ(missing.diagnostics.count(), 2u);
  EXPECT_TRUE(missing.Says("f:1:4: error[DH110]: the environment variable NOT_SET is not set"));
  EXPECT_TRUE(missing.Says("NOR_THIS"));
}

TEST(Substitution, RefusesWhatIsMisspelt) {
  for (const char* text :
       {"${HOME}", "${env:}", "${env:A B}", "${env:1A}", "${env:HOME", "${", "${file:x}", "${env:HOME-x}"}) {
    EXPECT_TRUE(Substituted(text).Says("DH111")) << text;
  }
}

TEST(Substitution, SizeIsBounded) {
  const Substituted big("${env:BIG}${env:BIG}${env:BIG}");
  EXPECT_TRUE(big.Says("longer than"));
  EXPECT_EQ(big.text, "");
}

}  // namespace
}  // namespace datahub::app
