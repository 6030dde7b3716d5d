#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/app/lake_mark.h"
#include "datahub/app/project.h"
#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/pipeline/committer.h"
#include "datahub/pipeline/worker_claim.h"
#include "datahub/storage/store.h"

namespace datahub::app {

// A project with what stands behind it.
//
//   <project>/datahub.yaml   <project>/.datahub/ledger.db   <lake>/   <lake>/.datahub-lake (whose lake it is)
struct Workspace {
  Project project;
  std::unique_ptr<ledger::Ledger> ledger;  // null for a reader of a project that never ran
  std::unique_ptr<storage::Store> store;
};

// The one worker of a project.
struct WritingWorkspace : Workspace {
  std::unique_ptr<pipeline::WorkerClaim> claim;
  std::unique_ptr<pipeline::Committer> committer;
  std::unique_ptr<LakeMarkKeeper> mark;  // last: written while all the rest is there
};

std::string StateFolder(const Project& project);
// Whether its owner alone may look into it, as it is after each start that writes.
Result<bool> IsStatePrivate(const Project& project);
std::string LedgerPath(const Project& project);
std::string QuerySpillPrefix(const Project& project);  // of folders of queries: see query::SpillFolder
std::string ControlPath(const Project& project);       // the server's socket, while one runs

// Loads the project, printing all its mistakes; without a value `exit_code` says what to end with.
// `json`: the mistakes go to stdout, one object a line.
std::optional<Project> LoadProject(const std::string& folder, const ReadOptions& options, int* exit_code,
                                   bool json = false);
// For verbs that read: works while a worker runs, and changes nothing.
std::optional<Workspace> OpenForReading(const std::string& folder, int* exit_code);
// For verbs that write: claims the project, then recovers what an earlier life left.
struct ClaimOptions {
  bool take_over = false;
  int64_t reader_grace_us = pipeline::kReaderGraceUs;
  bool check_against_ledger = true;
  bool ledger_may_be_older = false;  // than the lake: its mark is neither asked nor written, see KeepLakeMark

  // Of --reader-grace; "" leaves the default. InvalidInput when it is no duration.
  Result<void> ReadGrace(const std::string& text);
};
std::optional<WritingWorkspace> OpenForWriting(const std::string& folder, const ClaimOptions& options, int* exit_code);
// For reset: claims the project but asks nothing of ledger and lake.
std::optional<WritingWorkspace> OpenForReset(Project project, int* exit_code);

// What the ledger knows must fit the project. Positions belong to a source's name and its pipeline's: a source that vanished,
// or that another pipeline reads now, would be read anew under the next name. Tables only gain columns or widen them.
// InvalidInput says it of all of them (an invalid project).
Result<void> CheckAgainstLedger(const Project& project, ledger::Ledger& ledger);
// The id in the lake, which its ledger has too; empty when it carries none.
Result<std::string> LakeIdOf(const Project& project);
// From now on the lake says how far its ledger is. OpenForWriting does it.
Result<void> KeepLakeMark(WritingWorkspace& workspace);

// Once, below all mistakes of a project: where their codes are explained. Nothing for the quiet.
void SayHowToExplain(std::vector<std::string_view> codes);
// A contract may be about any JSON value; most that say nothing of objects were meant to: said on stderr.
void WarnOfOneColumn(const Project& project);
// Prints the error on stderr and gives the exit code that fits it.
int Fail(const Error& error);

}  // namespace datahub::app
