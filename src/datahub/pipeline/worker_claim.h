#pragma once

#include <memory>
#include <optional>
#include <string>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"

namespace datahub::pipeline {

// This process writes the project until the claim is dropped.
//
//   <state>/start.lock              held while somebody starts: one at a time
//   <state>/worker-<incarnation>    held by that incarnation's process for its life: tells whether it is alive
//
// Locks only tell the living from the dead; what fences a worker is the ledger's incarnation.
class WorkerClaim {
 public:
  // Conflict, naming process, host and since when, while another lives; `take_over` fences it instead.
  static Result<std::unique_ptr<WorkerClaim>> Take(ledger::Ledger& ledger, const std::string& state_folder,
                                                   bool take_over);
  ~WorkerClaim();
  WorkerClaim(const WorkerClaim&) = delete;
  WorkerClaim& operator=(const WorkerClaim&) = delete;

  const ledger::Worker& worker() const { return worker_; }

 private:
  WorkerClaim(ledger::Worker worker, int descriptor, std::string path);
  ledger::Worker worker_;
  int descriptor_;
  std::string path_;
};

// The worker whose process is alive now, for `status`.
Result<std::optional<ledger::Worker>> LivingWorker(ledger::Ledger& ledger, const std::string& state_folder);

}  // namespace datahub::pipeline
