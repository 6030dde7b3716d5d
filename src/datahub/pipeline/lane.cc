#include "datahub/pipeline/lane.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/pipeline/stage_timer.h"

namespace datahub::pipeline {
namespace {

// The bytes of a record whose row could not land.
std::string_view RecordAt(const record::Chunk& chunk, uint64_t offset) {
  if (chunk.records.empty()) {
    const size_t begin = offset - chunk.first_offset;
    const size_t end = std::min(chunk.bytes.find('\n', begin), chunk.bytes.size());
    std::string_view record = chunk.bytes.substr(begin, end - begin);
    if (record.ends_with('\r')) record.remove_suffix(1);
    return record;
  }
  size_t index = offset - chunk.first_offset;
  if (!chunk.offsets.empty()) {
    index = std::lower_bound(chunk.offsets.begin(), chunk.offsets.end(), offset) - chunk.offsets.begin();
  }
  return chunk.bytes.substr(chunk.records[index].begin, chunk.records[index].size);
}

std::string Describe(const record::Chunk& chunk, const contract::Rejected& rejected) {
  std::string text = fmt::format("{} offset {} was rejected", chunk.shard, rejected.offset);
  for (const contract::Reason& reason : rejected.reasons) {
    text +=
        fmt::format("\n  {}: {} ({})", reason.instance.empty() ? "/" : reason.instance, reason.message, reason.keyword);
  }
  return text +
         "\nThe pipeline stops at rejected records (on_reject: stop); mend the record, or let it go to quarantine.";
}

}  // namespace

Lane::Lane(const PipelineSpec& spec, storage::Store& store, std::string incarnation, RunTotals& totals)
    : spec_(spec), store_(store), incarnation_(std::move(incarnation)), totals_(totals), walker_(spec.contract) {}

void Lane::Begin(const std::string& stem) {
  stem_ = stem;
  table_ = std::make_unique<lake::TableWriter>(store_, spec_.table, incarnation_, stem);
  quarantine_.reset();
}

Result<void> Lane::Process(std::shared_ptr<const record::Chunk> chunk) {
  bool more = true;
  for (bool first = true; more; first = false) {
    contract::WalkResult walked;
    {
      const StageTimer timer(totals_.walk_us);
      walked = first ? walker_.Walk(chunk) : walker_.Next();
    }
    more = walked.more;
    DH_TRY(ProcessPart(chunk, std::move(walked)));
  }
  return {};
}

Result<void> Lane::ProcessPart(const std::shared_ptr<const record::Chunk>& chunk, contract::WalkResult walked) {
  std::vector<contract::Rejected> rejected = std::move(walked.rejected);
  {
    const StageTimer timer(totals_.write_us);
    const std::shared_ptr<record::Columns> rows = std::move(walked.accepted);
    const std::vector<lake::LandingFailure> failures = DH_TRY(table_->Append(rows));
    for (const lake::LandingFailure& failure : failures) {
      const uint64_t offset = rows->offsets[failure.row];
      rejected.push_back({offset, RecordAt(*chunk, offset), {{"/" + failure.column, "dh:partition", failure.message}}});
    }
    if (!failures.empty()) {
      std::sort(rejected.begin(), rejected.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
    }
  }
  Recycle();
  totals_.records += walked.records;
  totals_.accepted += walked.records - rejected.size();
  totals_.rejected += rejected.size();
  if (rejected.empty()) return {};
  if (spec_.on_reject == OnReject::kStop) {
    totals_.stopped_by_reject = true;
    return Error{Code::kInvalidInput, Describe(*chunk, rejected.front())};
  }
  if (spec_.on_reject == OnReject::kDiscard) return {};
  const StageTimer timer(totals_.write_us);
  return Quarantine(chunk, std::move(rejected));
}

Result<void> Lane::Quarantine(const std::shared_ptr<const record::Chunk>& chunk,
                              std::vector<contract::Rejected> rejected) {
  if (!quarantine_) {
    quarantine_ = std::make_unique<lake::TableWriter>(store_, spec_.quarantine, incarnation_, stem_ + "-q");
  }
  lake::QuarantineRows rows(chunk, spec_.contract->version());
  for (const contract::Rejected& record : rejected) {
    rows.Add(record.offset, record.bytes);
    for (const contract::Reason& reason : record.reasons)
      rows.AddReason(reason.instance, reason.keyword, reason.message);
  }
  const auto failures = DH_TRY(quarantine_->Append(std::move(rows).Take()));
  DH_ASSERT(failures.empty());  // its only key is the day of receipt
  return {};
}

void Lane::Recycle() {
  for (std::shared_ptr<record::Columns>& columns : table_->TakeSpent()) walker_.Recycle(std::move(columns));
}

Result<std::vector<ledger::DataFile>> Lane::Seal() {
  const StageTimer timer(totals_.seal_us);
  std::vector<ledger::DataFile> files = DH_TRY(table_->Finish());
  Recycle();
  table_.reset();
  if (quarantine_) {
    const std::vector<ledger::DataFile> more = DH_TRY(quarantine_->Finish());
    files.insert(files.end(), more.begin(), more.end());
    quarantine_.reset();
  }
  for (ledger::DataFile& file : files) file.contract_version = spec_.contract->version();
  return files;
}

void Lane::Drop() {
  table_.reset();
  quarantine_.reset();
}

uint64_t Lane::encoded_bytes() const {
  return (table_ ? table_->encoded_bytes() : 0) + (quarantine_ ? quarantine_->encoded_bytes() : 0);
}

size_t Lane::partitions_open() const { return table_ ? table_->partitions_open() : 0; }

size_t Lane::files() const { return (table_ ? table_->files() : 0) + (quarantine_ ? quarantine_->files() : 0); }

}  // namespace datahub::pipeline
