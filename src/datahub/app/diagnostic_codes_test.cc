#include "datahub/app/diagnostic_codes.h"

#include <gtest/gtest.h>

#include <set>

#include "datahub/app/project_fixture.h"
#include "datahub/app/workspace.h"
#include "datahub/ledger/ledger.h"

namespace datahub::app {
namespace {

// What is said of a project with the example in its place: codes.
std::set<std::string_view> CodesOf(const CodeExample& example) {
  ProjectReading reading;
  reading.all_contracts = reading.evolution = true;
  const bool is_project = example.file.starts_with("datahub.");
  if (!is_project) reading.folder.Write("datahub.yaml", Completed(""));
  const bool is_version = example.file.starts_with("contracts/user/");
  reading.folder.Write(is_version ? "contracts/user/1.json" : "contracts/user.json", kUserSchema);
  reading.folder.Write("teams/shop.yaml", "");
  reading.folder.Write(std::string(example.file), is_project ? Completed(example.text) : std::string(example.text));
  reading.Read();
  std::set<std::string_view> codes;
  for (const Diagnostic& diagnostic : reading.diagnostics.Sorted()) codes.insert(diagnostic.code);
  if (!reading.project) return codes;

  // It was run under its first names.
  auto ledger = ledger::OpenSqliteLedger(LedgerPath(*reading.project), ledger::OpenMode::kReadWrite);
  EXPECT_TRUE(ledger) << ledger.error().message;
  const auto worker = (*ledger)->TakeIncarnation("host", 1);
  ledger::Commit commit;
  commit.id = {"users", worker->incarnation, 1};
  commit.target = "users";
  commit.moves = {{{"users_inbox", "a.ndjson", "users"}, "", "10"}};
  const auto written = (*ledger)->WriteIntent(commit);
  EXPECT_TRUE(written) << written.error().message;
  const auto fits = CheckAgainstLedger(*reading.project, **ledger);
  if (!fits && fits.error().code == Code::kInvalidInput) codes.insert(code::kLedger);
  return codes;
}

TEST(DiagnosticCodes, EachHasAPageInFull) {
  std::string_view last;
  for (const DiagnosticCode& row : DiagnosticCodes()) {
    EXPECT_LT(last, row.code);
    EXPECT_EQ(FindCode(row.code), &row);
    last = row.code;
    for (const std::string_view part :
         {row.meaning, row.reason, row.wrong.file, row.wrong.text, row.mended.file, row.mended.text, row.look}) {
      EXPECT_FALSE(part.empty()) << row.code;
    }
    EXPECT_TRUE(row.wrong.text.ends_with('\n') && row.mended.text.ends_with('\n')) << row.code;
  }
  EXPECT_EQ(FindCode("DH999"), nullptr);
}

TEST(DiagnosticCodes, WrongExamplesAreWrongAndMendedOnesAreNot) {
  for (const DiagnosticCode& row : DiagnosticCodes()) {
    EXPECT_EQ(CodesOf(row.wrong), std::set<std::string_view>{row.code}) << row.code << "\n" << row.wrong.text;
    EXPECT_EQ(CodesOf(row.mended), std::set<std::string_view>{}) << row.code << "\n" << row.mended.text;
  }
}

}  // namespace
}  // namespace datahub::app
