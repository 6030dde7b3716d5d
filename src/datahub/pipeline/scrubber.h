#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

#include "datahub/base/result.h"
#include "datahub/ledger/ledger.h"
#include "datahub/storage/store.h"

namespace datahub::pipeline {

struct ScrubTotals {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t damaged = 0;
};

// Reads every file of every table once and compares size and checksum with the ledger's. What does not fit is marked there
// (DataFile::damage), warned of, and refused by queries; what fits again is no longer marked. Reads `bytes_per_second` at most
// on average (0: as fast as it goes); ends early when `stop` is requested. Fenced, or the ledger's errors.
Result<ScrubTotals> Scrub(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine,
                          uint64_t bytes_per_second, const std::stop_token& stop);

// Does so again and again while a server runs, slowly and with a day between: a disk that forgets is noticed before somebody
// asks, not by a wrong answer.
//
// Threads  one of its own; ends with the object
// Owns     nothing by reference: store and ledger must outlive it
class Scrubber {
 public:
  Scrubber(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine);

 private:
  void Run(const std::stop_token& stop);

  storage::Store& store_;
  ledger::Ledger& ledger_;
  const ledger::Incarnation mine_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace datahub::pipeline
