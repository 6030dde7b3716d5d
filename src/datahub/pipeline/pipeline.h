#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/contract/contract.h"
#include "datahub/lake/table_writer.h"
#include "datahub/ledger/ledger.h"
#include "datahub/pipeline/committer.h"
#include "datahub/source/registry.h"
#include "datahub/storage/store.h"

namespace datahub::pipeline {

enum class OnReject { kQuarantine, kDiscard, kStop };

// When a batch closes: whichever comes first.
struct FlushLimits {
  uint64_t bytes = 128u << 20;  // encoded, over all partitions
  uint64_t rows = 1'000'000;
  int64_t age_us = 60'000'000;  // since the batch's first record, monotonic
};

struct PipelineSpec {
  std::string name;
  std::vector<source::SourceSpec> sources;
  std::shared_ptr<const contract::Contract> contract;
  std::string contract_checksum;
  lake::TableSpec table;
  lake::TableSpec quarantine;  // not written when records are not quarantined
  OnReject on_reject = OnReject::kQuarantine;
  FlushLimits flush;
};

struct RunOptions {
  int threads = 1;
  size_t pipelines = 1;                 // that work at the same time: they share what the process may have open
  intake::Log* log = nullptr;           // what push sources read; without one a pipeline has none
  size_t buffer_bytes_max = 96u << 20;  // rows buffered over all threads
  size_t commit_files_max = 10'000;     // data files of one commit: its lists are held in memory
  bool accept_loss = false;             // of what abandoned commits had read and the sources no longer have
};

// What a run did; also what a progress bar looks at while it runs.
struct RunTotals {
  std::atomic<uint64_t> records{0};
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> rejected{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> files{0};
  std::atomic<uint64_t> commits{0};
  std::atomic<uint64_t> withheld{0};       // files and the like that are there and not read until a person mends them
  std::atomic<uint64_t> bytes_ahead{0};    // known to lie ahead, of Serve
  std::atomic<int64_t> batch_since_us{0};  // wall clock of the open batch's first record; 0: none is open
  std::atomic<int64_t> landed_at_us{0};    // wall clock of the last commit
  std::atomic<bool> stopped_by_reject{false};  // on_reject: stop
  // Thread time by stage, microseconds: which one is the wall.
  std::atomic<int64_t> read_us{0};
  std::atomic<int64_t> walk_us{0};
  std::atomic<int64_t> write_us{0};
  std::atomic<int64_t> seal_us{0};
  std::atomic<int64_t> commit_us{0};
};

// Joins source, contract, lake and ledger: reads what the sources hold and lands it, batch by batch.
//
//   { Reader::Next -> Lane (walk, check, append, encode) }* -> close -> Committer::Commit -> Acknowledge
//
// Guarantee  every record of a committed batch is in the table or the quarantine exactly once; positions move with it
// Memory     buffer_bytes_max, a chunk and a walker a thread, and a commit's lists. A batch of more than commit_files_max files
//            is dropped and read again in smaller chunks, down to a record each, so that it closes before
// Threads    one calls, at a time; `stop` may be set from any. With more than one lane each has a thread
// Owns       nothing by reference: store, ledger and committer must outlive it
class Pipeline {
 public:
  Pipeline(PipelineSpec spec, storage::Store& store, ledger::Ledger& ledger, Committer& committer, RunOptions options);
  ~Pipeline();

  // Agrees the columns of table and quarantine with the ledger and opens the sources at their positions. Before Drain and
  // Serve, and again after an error of theirs.
  Result<void> Open();

  // Reads until the sources hold nothing more for now, or `stop`; what was read is committed. A source whose medium fails
  // does not keep the others from being read; its error comes at the end.
  // Errors   NotFound (what an abandoned commit had read is gone) · Fenced · DiskFull · Corruption · InvalidInput (on_reject: stop met a bad record; the batch is dropped) …
  Result<void> Drain(const std::atomic<bool>& stop, RunTotals& totals);

  // Reads and lands as records come, until `drain` (what is there by then is still read and landed) or `stop`. A batch
  // closes by the table's limits also when nothing comes, and soon after RequestFlush(). `landed` is called behind
  // each commit's acknowledgement.
  // Errors   as Drain's; what was read and not committed is read again after the next Open()
  struct Ending {
    const std::atomic<bool>& drain;
    const std::atomic<bool>& stop;
    const std::atomic<bool>& pause;  // lands what was read and returns, to be called again
  };
  using Landed = std::function<void()>;
  Result<void> Serve(const Ending& ending, RunTotals& totals, const Landed& landed);
  // From any thread: there may be something to read; and: what is there is to be landed soon.
  void Wake();
  void RequestFlush();

  // Judges records again with the contract of now and swaps files: `removed` leave, what passes goes to the table, what
  // fails again to the quarantine (whatever the pipeline does with new rejects), in one commit. `read` hands chunks to the
  // sink it is given, in order. Between two calls of Drain or Serve.
  using ChunkSink = std::function<Result<void>(std::shared_ptr<record::Chunk>)>;
  Result<void> Replay(const std::function<Result<void>(const ChunkSink& sink)>& read,
                      std::vector<ledger::RemovedFile> removed, RunTotals& totals);

  // Removes files by a commit of their own: how quarantine files are dropped. As Replay. With them may go positions, to be
  // read anew from Open() on, and what abandoned commits had read of them.
  Result<void> Remove(std::vector<ledger::RemovedFile> removed, std::vector<ledger::PositionMove> moves = {},
                      std::vector<ledger::LostMove> settled = {});

  const PipelineSpec& spec() const { return spec_; }
  uint64_t bytes_ahead() const;

 private:
  struct Impl;
  PipelineSpec spec_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace datahub::pipeline
