// A second of mutated project files: whatever is in one, it is read or refused, never a crash, and refused with a message. What is
// read, the schema for editors takes too.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include "datahub/app/project.h"
#include "datahub/app/project_fixture.h"
#include "datahub/app/schema_fixture.h"
#include "datahub/app/seeded_random.h"

namespace datahub::app {
namespace {

const char* const kCorpus[] = {
    R"(project: sales
lake: {location: ./lake, database: sales}
ledger: {kind: sqlite}
catalogs: []
contracts: ./contracts
include: [conf/*.yaml]
sources:
  a: {kind: files, path: [./a/*.ndjson, "./b/**/x?[0-9].json"], complete_after: 5m, renamed_from: b}
tables:
  users: &t {partition_by: [day(created_at) as dt, age], flush: {bytes: 128MiB, rows: 10, age: 60s}}
  more: *t
pipelines:
  users: {from: [a], contract: user@1, to: [users], on_reject: quarantine}
)",
    // Valid, and short: most changes leave it so.
    R"(project: p
lake: {location: ./lake}
sources:
  a: {kind: files, path: ./a, complete_after: 5m, format: auto}
  h: {kind: http}
tables:
  t: {flush: {bytes: 64 KiB, rows: 10, age: 500ms}}
pipelines:
  p: {from: [a, h], to: t, on_reject: discard}
serve: {listen: 127.0.0.1:0, body: 1MiB, connections: 7, grace: 1s}
intake: {bytes: 1GiB, age: 1d}
)",
    R"(project: p
lake: {location: ./lake}
contracts: {folder: ./c, registry: {"https://schemas.example/": ., "urn:x/": ./}}
sources: {h: {kind: http}}
tables: {t: {}}
pipelines: {p: {from: h, to: t}}
)",
    R"(project: p
lake:
  location: "${env:HOME:-./lake}/x"
sources:
  a:
    kind: files
    path:
      - |
        one
        two
      - >-
        folded
pipelines: {p: {from: a, to: 'it''s', contract: none}}
tables: {"t\u00e4\x41": ~, ? x : y}
)",
};

const char* const kPieces[] = {
    ":",        " ",       "\n",           "\n  ",      "- ",   "{",     "}",       "[",
    "]",        ", ",      "&a ",          "*a",        "*t",   "? ",    "!!str ",  "<<: *t",
    "|\n",      ">\n",     "\"",           "'",         "#",    "---\n", "...\n",   "~",
    "null",     "${env:",  "${env:X}",     "\t",        "\r\n", "\\x",   "\\u0000", "%",
    "@",        "\xff",    "\xEF\xBB\xBF", "project: ", "0x10", "1e9",   "-1",      "99999999999999999999",
    "[[[[[[[[", "{{{{{{{{"};

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Next() {
    std::string text = kCorpus[random_.Below(std::size(kCorpus))];
    for (uint64_t i = 1 + random_.Below(8); i > 0; --i) Change(text);
    return text;
  }

 private:
  void Change(std::string& text) {
    const size_t at = random_.Below(text.size() + 1);
    const size_t length = std::min<size_t>(random_.Below(12), text.size() - at);
    switch (random_.Below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[random_.Below(std::size(kPieces))]);
        break;
      case 2:
        text.insert(at, text.substr(random_.Below(text.size() + 1), 1 + random_.Below(60)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random_.Next());
        break;
      case 4:
        text.resize(at);
        break;
      case 5: {
        const std::string piece = kPieces[random_.Below(std::size(kPieces))];
        for (uint64_t i = random_.Below(200); i > 0; --i) text.insert(at, piece);
        break;
      }
    }
  }

  SeededRandom random_;
};

uint64_t taken = 0;

void FuzzProjectFile(const std::string& text, const std::string& folder) {
  Diagnostics diagnostics;
  ReadOptions options;
  options.environment = [](const std::string&) { return std::nullopt; };
  const auto project = ReadProjectText(text, folder, options, diagnostics);
  ASSERT_NE(project.has_value(), !diagnostics.empty()) << text;
  const std::string shown = diagnostics.Render(true);
  ASSERT_EQ(shown.empty(), project.has_value());
  if (!project) return;
  ++taken;
  ASSERT_EQ(Refusal(text), "") << "editors would be told more than the loader says";
}

TEST(ProjectFuzz, ASecondOfMutations) {
  const ProjectFolder folder;
  folder.Write("contracts/user.json", kUserSchema);
  folder.Write("conf/a.yaml", "tables: {other: {}}\n");
  const char* given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "seed " << seed << " (repeat with DH_FUZZ_SEED)\n";
  Mutator mutator(seed);
  for (const char* text : kCorpus) FuzzProjectFile(text, folder.path());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    const std::string text = mutator.Next();
    SCOPED_TRACE(text);
    FuzzProjectFile(text, folder.path());
    if (HasFatalFailure()) return;
    ++runs;
  }
  std::cout << runs << " texts, " << taken << " of them read\n";
}

}  // namespace
}  // namespace datahub::app
