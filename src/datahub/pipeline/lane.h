#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/contract/contract.h"
#include "datahub/lake/quarantine_rows.h"
#include "datahub/lake/table_writer.h"
#include "datahub/ledger/commit.h"
#include "datahub/pipeline/pipeline.h"
#include "datahub/record/chunk.h"

namespace datahub::pipeline {

// What one thread does to a batch: walks chunks, appends to its own table and quarantine writers, so that threads share
// no file.
//
//   Begin -> { Process(chunk) }* -> Seal -> vector<DataFile>
//
// Memory   its share of RunOptions::buffer_bytes_max
// Threads  one thread at a time
class Lane {
 public:
  Lane(const PipelineSpec& spec, storage::Store& store, std::string incarnation, RunTotals& totals);

  // A batch begins; files are named after `stem`.
  void Begin(const std::string& stem);
  // Every record of the chunk is accepted or rejected. InvalidInput under OnReject::kStop names the first bad record; Limit:
  // the batch would have more files than a commit may, so that it is to be read again in smaller chunks.
  Result<void> Process(std::shared_ptr<const record::Chunk> chunk);
  // Writes, seals and syncs all files of this batch.
  Result<std::vector<ledger::DataFile>> Seal();
  // Forgets the batch; its unseen files are the committer's to discard.
  void Drop();

  // Encoded bytes, partitions and files of the batch so far: for closing it.
  uint64_t encoded_bytes() const;
  size_t partitions_open() const;
  size_t files() const;

 private:
  Result<void> ProcessPart(const std::shared_ptr<const record::Chunk>& chunk, contract::WalkResult walked);
  Result<void> Quarantine(const std::shared_ptr<const record::Chunk>& chunk, std::vector<contract::Rejected> rejected);
  void Recycle();

  const PipelineSpec& spec_;
  storage::Store& store_;
  const std::string incarnation_;
  RunTotals& totals_;
  contract::Walker walker_;
  std::unique_ptr<lake::TableWriter> table_;
  std::unique_ptr<lake::TableWriter> quarantine_;
  std::string stem_;
};

}  // namespace datahub::pipeline
