#include "datahub/app/diagnostic.h"

#include <gtest/gtest.h>

#include "datahub/app/diagnostic_codes.h"

namespace datahub::app {
namespace {

TEST(Diagnostics, ShowsPlaceSnippetAndHint) {
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile("datahub.yaml", "project: x\nfrom: [user_inbox]\n");
  diagnostics.Add(code::kUnknownReference, {file, 2, 8, 10}, "there is no source 'user_inbox'",
                  "did you mean 'users_inbox'?");
  EXPECT_EQ(diagnostics.Render(false),
            "datahub.yaml:2:8: error[DH201]: there is no source 'user_inbox'\n"
            "  2 | from: [user_inbox]\n"
            "    |        ^^^^^^^^^^\n"
            "  hint: did you mean 'users_inbox'?\n"
            "1 error\n");
}

TEST(Diagnostics, ColorsOnlyWhenAsked) {
  Diagnostics diagnostics;
  diagnostics.Add(code::kSyntax, {diagnostics.AddFile("a", "text"), 1, 1}, "m", "h");
  EXPECT_EQ(diagnostics.Render(false).find('\x1b'), std::string::npos);
  EXPECT_NE(diagnostics.Render(true).find("\x1b[1;31merror[DH102]:\x1b[0m m"), std::string::npos);
}

TEST(Diagnostics, SortsByFileThenPlace) {
  Diagnostics diagnostics;
  const uint32_t a = diagnostics.AddFile("a", "1\n2\n3\n");
  const uint32_t b = diagnostics.AddFile("b", "1\n");
  diagnostics.Add(code::kSyntax, {b, 1, 1}, "fourth");
  diagnostics.Add(code::kSyntax, {a, 3, 1}, "third");
  diagnostics.Add(code::kSyntax, {a, 1, 2}, "second");
  diagnostics.Add(code::kSyntax, {a, 1, 1}, "first");
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.Sorted()) order += diagnostic.message + " ";
  EXPECT_EQ(order, "first second third fourth ");
}

TEST(Diagnostics, CaretCountsCharactersNotBytes) {
  Diagnostics diagnostics;
  const std::string line = "näme: \xE2\x82\xAC wrong";
  const auto column = static_cast<uint32_t>(line.find("wrong") + 1);
  diagnostics.Add(code::kSyntax, {diagnostics.AddFile("a", line), 1, column, 5}, "m");
  EXPECT_NE(diagnostics.Render(false).find("    |         ^^^^^\n"), std::string::npos) << diagnostics.Render(false);
}

TEST(Diagnostics, LongLinesAreCutAroundThePlace) {
  Diagnostics diagnostics;
  std::string line(100'000, 'a');
  line.append("HERE").append(100'000, 'b');
  diagnostics.Add(code::kSyntax, {diagnostics.AddFile("a", line), 1, 100'001, 4}, "m");
  const std::string shown = diagnostics.Render(false);
  EXPECT_LT(shown.size(), 600u);
  EXPECT_NE(shown.find("…aaa"), std::string::npos);
  EXPECT_NE(shown.find("HEREbbb"), std::string::npos);
}

TEST(Diagnostics, NothingReachesTheTerminalRaw) {
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile("a\x1b[2J", "x: \x1b]0;title\x07 \xC2\x9B 1\n");
  diagnostics.Add(code::kSyntax, {file, 1, 1}, "bad \x1b[31m\r", "h\x7f");
  const std::string shown = diagnostics.Render(false);
  for (const char* raw : {"\x1b", "\x07", "\r", "\x7f", "\xC2\x9B"}) EXPECT_EQ(shown.find(raw), std::string::npos);
}

TEST(Diagnostics, SecretsAreNotInSnippets) {
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile("a", "source: {kind: http, Auth_Token: hunter2}\n");
  diagnostics.Add(code::kUnknownField, {file, 1, 34, 7}, "m");
  EXPECT_EQ(diagnostics.Render(false).find("hunter2"), std::string::npos);
  EXPECT_NE(diagnostics.Render(false).find("Auth_Token:…"), std::string::npos);
}

TEST(Diagnostics, KeepsALimitedNumberAndCountsTheRest) {
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile("a", "");
  for (size_t i = 0; i < Diagnostics::kDiagnosticsMax + 5; ++i) diagnostics.Add(code::kSyntax, {file, 1, 1}, "m");
  EXPECT_EQ(diagnostics.Sorted().size(), Diagnostics::kDiagnosticsMax);
  EXPECT_NE(diagnostics.Render(false).find("… and 5 more\n105 errors\n"), std::string::npos);
}

TEST(Diagnostics, PlacesOutsideOfTheTextAreHarmless) {
  Diagnostics diagnostics;
  const uint32_t file = diagnostics.AddFile("a", "one");
  diagnostics.Add(code::kSyntax, {file, 0, 0, 1}, "the file");
  diagnostics.Add(code::kSyntax, {file, 7, 1, 1}, "no such line");
  diagnostics.Add(code::kSyntax, {file, 1, 900, 900}, "no such column");
  EXPECT_NE(diagnostics.Render(false).find("a: error[DH102]: the file\n"), std::string::npos);
}

}  // namespace
}  // namespace datahub::app
