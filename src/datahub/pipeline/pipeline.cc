#include "datahub/pipeline/pipeline.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <sys/resource.h>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/base/crash_point.h"
#include "datahub/base/hash.h"
#include "datahub/base/log.h"
#include "datahub/pipeline/lane_group.h"
#include "datahub/pipeline/stage_timer.h"
#include "datahub/pipeline/table_columns.h"

namespace datahub::pipeline {
namespace {

// How often pull sources are looked at while nothing comes.
constexpr int64_t kPullEveryUs = 1'000'000;
constexpr int64_t kGatherUs = 20'000;
// A flush that was asked for waits so long for others that ask.
constexpr int64_t kShareFlushUs = 5'000;
// Positions that one commit moves: many small files are a shard each.
constexpr size_t kCommitShardsMax = 10'000;
// A batch that would have more files is read again in chunks smaller by this, so that it closes before; after so many that had
// far fewer, larger ones are tried.
constexpr size_t kChunkDivisor = 8;
constexpr int kCalmBatches = 16;
constexpr size_t kToldMax = 10'000;
// This share of the descriptors is for data files being written; the rest are connections, the ledger, what is read.
constexpr size_t kDescriptorsDivisor = 4;

// Of one writer: every lane of every pipeline has two, for a table and its quarantine.
size_t FilesOpenMax(const RunOptions& options) {
  const size_t usual = lake::TableSpec().files_open_max;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return usual;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (limit.rlim_cur < limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  const size_t writers = 2 * static_cast<size_t>(options.threads) * options.pipelines;
  return std::clamp<size_t>(limit.rlim_cur / kDescriptorsDivisor / writers, 1, usual);
}

// A reader and how far it is: what is committed, and what the batch being read would make of it.
struct OpenSource {
  std::string name;
  bool pushed = false;  // its records are there the moment they come: asking costs nothing
  std::unique_ptr<source::Reader> reader;
  std::map<std::string, std::string> committed;  // by shard
  std::map<std::string, std::string> read;       // shards that moved in this batch
  std::optional<Error> failed;                   // its medium, in this drain: the others go on
};

}  // namespace

struct Pipeline::Impl {
  Impl(const PipelineSpec& spec_in, storage::Store& store_in, ledger::Ledger& ledger_in, Committer& committer_in,
       RunOptions options_in)
      : spec(spec_in), store(store_in), ledger(ledger_in), committer(committer_in), options(options_in) {}

  const PipelineSpec& spec;
  storage::Store& store;
  ledger::Ledger& ledger;
  Committer& committer;
  const RunOptions options;
  std::vector<OpenSource> sources;
  mutable std::mutex sources_mutex;  // of who changes them, and of other threads that look
  // Readers that are opened again for other chunks give their notices again: hashes of those that were told.
  std::set<uint64_t> told;
  bool reopened = false;
  std::vector<ledger::LostMove> lost;  // of abandoned commits, not read again yet
  uint64_t sequence = 0;
  size_t chunk_bytes = source::ReaderOptions().chunk_bytes;
  int calm_batches = 0;  // since it became smaller

  // Of Serve.
  int64_t pull_at_us = 0;       // when pull sources are asked again
  int64_t flush_wanted_us = 0;  // since when; 0: nobody asked
  std::atomic<bool> flush_requested = false;
  std::mutex wake_mutex;
  std::condition_variable wake;
  bool woken = false;

  ledger::Commit NewCommit() {
    ledger::Commit commit;
    commit.id = {spec.name, committer.incarnation(), ++sequence};
    commit.target = spec.name;
    return commit;
  }

  Result<void> AgreeTable(lake::TableSpec& table) {
    AgreedColumns agreed = DH_TRY(AgreeColumns(ledger, WantedColumns(table)));
    if (agreed.changed) DH_TRY(ledger.SetColumns(committer.incarnation(), agreed.table));
    table.schema = std::move(agreed.file);
    table.folder = agreed.table.folder;  // a renamed table keeps its folder
    table.schema_version = agreed.table.version;
    return {};
  }

  Result<void> OpenSources() {
    std::vector<OpenSource> opened;
    source::ReaderOptions reader_options;
    reader_options.log = options.log;
    reader_options.chunk_bytes = chunk_bytes;
    for (const source::SourceSpec& source : spec.sources) {
      OpenSource open;
      open.name = source.name;
      open.pushed = source::FindKind(source.kind)->delivery == source::Delivery::kPush;
      open.committed = DH_TRY(ledger.Positions(source.name, spec.name));
      open.reader = DH_TRY(source::Open(source, open.committed, reader_options));
      opened.push_back(std::move(open));
    }
    {
      const std::lock_guard lock(sources_mutex);
      sources.swap(opened);
    }
    lost = DH_TRY(ledger.LostMoves(spec.name));
    // A worker that was fenced before it read its positions would find its successor's, and nothing to do.
    return ledger.CheckIncarnation(committer.incarnation());
  }

  // The next chunk of any source, in the sources' order; null when all are drained for now, or failed.
  std::shared_ptr<record::Chunk> Next(RunTotals& totals, bool pull = true) {
    const StageTimer timer(totals.read_us);
    for (OpenSource& source : sources) {
      if (source.failed || (!pull && !source.pushed)) continue;
      Result<std::shared_ptr<record::Chunk>> next = source.reader->Next();
      for (const source::Notice& notice : source.reader->TakeNotices()) {
        const uint64_t hash = HashBytes(source.name + notice.kind + notice.message).low;
        if (told.size() >= kToldMax) told.clear();
        if (!told.insert(hash).second && reopened) continue;
        const log::Level level = notice.withheld ? log::Level::kError : log::Level::kWarn;
        log::Write(level, fmt::format("{}: {} ({})", source.name, notice.message, notice.kind));
        totals.withheld += notice.withheld ? 1 : 0;
      }
      if (!next) source.failed = next.error();
      if (!next || !*next) continue;
      const std::shared_ptr<record::Chunk>& chunk = *next;
      source.read[chunk->shard] = chunk->position_after;
      totals.bytes += chunk->bytes.size();
      return chunk;
    }
    return nullptr;
  }

  std::vector<ledger::PositionMove> Moves() const {
    std::vector<ledger::PositionMove> moves;
    for (const OpenSource& source : sources) {
      for (const auto& [shard, to] : source.read) {
        const auto from = source.committed.find(shard);
        moves.push_back({{source.name, shard, spec.name}, from == source.committed.end() ? "" : from->second, to});
      }
    }
    return moves;
  }

  Result<void> Acknowledge() {
    CrashPoint("batch.before_acknowledge");
    for (OpenSource& source : sources) {
      if (source.read.empty()) continue;
      DH_TRY(source.reader->Acknowledge(source.read));
      for (auto& [shard, position] : source.read) source.committed[shard] = position;
      source.read.clear();
    }
    CrashPoint("batch.acknowledged");
    return {};
  }

  // A batch being read.
  struct Batch {
    ledger::Commit commit;
    uint64_t records_before = 0;
    uint64_t accepted_before = 0;
    uint64_t bytes_before = 0;
    int64_t began_us = 0;   // monotonic
    bool read_all = false;  // that was there
    bool landing = false;   // what it is is settled
    std::optional<Error> failure;
  };

  // A batch that more files would be made of than a commit may have is dropped and read again in smaller chunks, down to a
  // record each: between chunks a batch can close. True then: go on.
  Result<bool> OrSmaller(Result<bool> landed, const Batch& batch, LaneGroup& lanes, RunTotals& totals) {
    const bool too_many = !landed && landed.error().code == Code::kLimit && !batch.landing;
    if (!too_many || chunk_bytes == source::kChunkBytesMin) return landed;
    chunk_bytes = std::max(chunk_bytes / kChunkDivisor, source::kChunkBytesMin);
    calm_batches = 0;
    log::Debug("pipeline {}: {}; it is read again in chunks of {} bytes", spec.name, landed.error().message,
               chunk_bytes);
    lanes.Drop();
    DH_TRY(committer.DiscardUnseen());
    totals.records = batch.records_before;
    totals.accepted = batch.accepted_before;
    totals.rejected = batch.records_before - batch.accepted_before;
    totals.bytes = batch.bytes_before;
    flush_requested = true;  // who asked may have asked for that batch
    reopened = true;
    DH_TRY(OpenSources());
    return true;
  }

  Result<void> TryLargerChunks(size_t files) {
    constexpr size_t kUsual = source::ReaderOptions().chunk_bytes;
    if (chunk_bytes == kUsual) return {};
    calm_batches = files < options.commit_files_max / kChunkDivisor / kChunkDivisor ? calm_batches + 1 : 0;
    if (calm_batches < kCalmBatches) return {};
    calm_batches = 0;
    chunk_bytes = std::min(chunk_bytes * kChunkDivisor, kUsual);
    reopened = true;
    return OpenSources();
  }

  size_t ShardsMoved() const {
    size_t moved = 0;
    for (const OpenSource& source : sources) moved += source.read.size();
    return moved;
  }

  bool MustClose(const LaneGroup& lanes, uint64_t rows, int64_t began_us) const {
    return rows >= spec.flush.rows || lanes.encoded_bytes() >= spec.flush.bytes ||
           lanes.partitions_open() >= spec.table.partitions_open_max || lanes.files() >= options.commit_files_max / 2 ||
           ShardsMoved() >= kCommitShardsMax || clock::MonotonicUs() - began_us >= spec.flush.age_us;
  }

  // Reads and lands one batch. False when the sources were drained (the batch may hold records all the same).
  Result<bool> OneBatch(LaneGroup& lanes, const std::atomic<bool>& stop, RunTotals& totals) {
    Batch batch = Begin(lanes, totals);
    return OrSmaller(ReadAndLand(batch, lanes, stop, totals), batch, lanes, totals);
  }

  Result<bool> ReadAndLand(Batch& batch, LaneGroup& lanes, const std::atomic<bool>& stop, RunTotals& totals) {
    bool drained = false;
    while (!stop && !MustClose(lanes, totals.records - batch.records_before, batch.began_us)) {
      std::shared_ptr<record::Chunk> next = Next(totals);
      if (!next) {
        drained = true;
        break;
      }
      DH_TRY(lanes.Feed(std::move(next)));
    }
    DH_TRY(Close(batch, lanes, totals));
    return !drained && !stop;
  }

  // The same, waiting for what comes. False when it was the last.
  Result<bool> OneServedBatch(LaneGroup& lanes, const Ending& ending, RunTotals& totals, const Landed& landed) {
    Batch batch = Begin(lanes, totals);
    batch.began_us = 0;  // with the first record
    return OrSmaller(WaitAndLand(batch, lanes, ending, totals, landed), batch, lanes, totals);
  }

  Result<bool> WaitAndLand(Batch& batch, LaneGroup& lanes, const Ending& ending, RunTotals& totals,
                           const Landed& landed) {
    bool drained = false;
    while (!ending.stop && !ending.pause &&
           (batch.began_us == 0 || !MustClose(lanes, totals.records - batch.records_before, batch.began_us))) {
      const bool draining = ending.drain;
      const int64_t now_us = clock::MonotonicUs();
      const bool pull = draining || now_us >= pull_at_us;
      std::shared_ptr<record::Chunk> next = Next(totals, pull);
      if (next) {
        if (batch.began_us == 0) {
          batch.began_us = now_us;
          totals.batch_since_us = clock::NowUs();
        }
        DH_TRY(lanes.Feed(std::move(next)));
        if (!FlushIsDue(now_us)) continue;
        break;
      }
      batch.read_all |= pull;
      totals.bytes_ahead = BytesAhead();
      if (pull) pull_at_us = now_us + kPullEveryUs;
      if (pull && FirstFailure(&batch.failure)) break;
      if (draining) {
        drained = true;
        break;
      }
      if (FlushIsDue(now_us)) {
        if (batch.began_us != 0) break;
        flush_wanted_us = 0;  // everything is landed already
        continue;
      }
      int64_t until_us = pull_at_us;
      if (batch.began_us != 0) until_us = std::min(until_us, batch.began_us + spec.flush.age_us);
      if (flush_wanted_us != 0) until_us = std::min(until_us, flush_wanted_us + kShareFlushUs);
      Wait(until_us, ending);
    }
    flush_wanted_us = 0;
    DH_TRY(Close(batch, lanes, totals));
    totals.batch_since_us = 0;
    if (!batch.commit.moves.empty()) landed();
    if (batch.failure) return *batch.failure;
    if (batch.read_all && !lost.empty()) DH_TRY(CheckLostMoves());
    return !drained && !ending.stop && !ending.pause;
  }

  Batch Begin(LaneGroup& lanes, const RunTotals& totals) {
    Batch batch{NewCommit(), totals.records, totals.accepted, totals.bytes, clock::MonotonicUs(), false, false, {}};
    lanes.Begin(batch.commit.id.ToString());
    return batch;
  }

  Result<void> Close(Batch& batch, LaneGroup& lanes, RunTotals& totals) {
    ledger::Commit& commit = batch.commit;
    CrashPoint("batch.read");
    commit.added = DH_TRY(lanes.Close());
    CrashPoint("batch.sealed");
    commit.moves = Moves();
    commit.settled = ReadAgain();
    commit.records = totals.records - batch.records_before;
    commit.accepted = totals.accepted - batch.accepted_before;
    commit.rejected = commit.records - commit.accepted;
    commit.bytes_in = totals.bytes - batch.bytes_before;
    batch.landing = true;
    DH_TRY(Land(commit, totals));
    std::erase_if(lost, [&](const auto& one) { return std::ranges::count(commit.settled, one) > 0; });
    DH_TRY(Acknowledge());
    return TryLargerChunks(commit.added.size());
  }

  // Those who ask within a moment share one.
  bool FlushIsDue(int64_t now_us) {
    if (flush_requested.exchange(false) && flush_wanted_us == 0) flush_wanted_us = now_us;
    return flush_wanted_us != 0 && now_us >= flush_wanted_us + kShareFlushUs;
  }

  void Wait(int64_t until_us, const Ending& ending) {
    std::unique_lock lock(wake_mutex);
    const auto left = std::chrono::microseconds(std::max<int64_t>(until_us - clock::MonotonicUs(), 0));
    const auto in_a_hurry = [&] { return flush_requested || ending.stop || ending.drain || ending.pause; };
    wake.wait_for(lock, left, [&] { return woken || in_a_hurry(); });
    // Each chunk costs something: what comes in a moment is read together.
    if (woken) wake.wait_for(lock, std::min(left, std::chrono::microseconds(kGatherUs)), in_a_hurry);
    woken = false;
  }

  uint64_t BytesAhead() const {
    uint64_t bytes = 0;
    const std::lock_guard lock(sources_mutex);
    for (const OpenSource& source : sources) bytes += source.reader->BytesAhead();
    return bytes;
  }

  // Of what abandoned commits had read, what the readers have handed out again.
  std::vector<ledger::LostMove> ReadAgain() const {
    std::vector<ledger::LostMove> again;
    for (const ledger::LostMove& one : lost) {
      const auto source = std::ranges::find(sources, one.move.key.source, &OpenSource::name);
      if (source != sources.end() && source->reader->HasRead(one.move.key.shard, one.move.to)) again.push_back(one);
    }
    return again;
  }

  // What an abandoned commit had read must have been read again by now. NotFound names what the sources no longer have.
  Result<void> CheckLostMoves() {
    const std::vector<ledger::LostMove> found = options.accept_loss ? lost : ReadAgain();
    if (!found.empty()) DH_TRY(ledger.ForgetLostMoves(committer.incarnation(), found));
    std::erase_if(lost, [&](const auto& one) { return std::ranges::count(found, one) > 0; });
    std::string gone;
    for (const ledger::LostMove& one : lost) {
      const ledger::PositionMove& move = one.move;
      const auto source = std::ranges::find(sources, move.key.source, &OpenSource::name);
      if (source != sources.end() && source->failed) continue;  // not known
      gone += fmt::format("\n  commit {}: source {}, shard {}, from {} to {}", one.commit, move.key.source,
                          move.key.shard, move.from.empty() ? "its beginning" : move.from, move.to);
    }
    if (gone.empty()) return {};
    return Error{
        Code::kNotFound,
        "files of a commit were lost before they were revealed, and the sources no longer have what it had read. "
        "Bring that back and run again, or give it up for good with `datahub run --accept-loss`:" +
            gone};
  }

  bool FirstFailure(std::optional<Error>* failure) {
    if (const Result<void> first = FirstFailure(); !first) *failure = first.error();
    return failure->has_value();
  }

  Result<void> FirstFailure() {
    Result<void> first;
    for (OpenSource& source : sources) {
      if (!source.failed) continue;
      if (first) {
        first = std::exchange(source.failed, std::nullopt).value();
      } else {
        log::Error("{}", std::exchange(source.failed, std::nullopt)->message);
      }
    }
    return first;
  }

  Result<void> Land(ledger::Commit& commit, RunTotals& totals) {
    if (commit.moves.empty() && commit.added.empty() && commit.removed.empty()) return {};
    const StageTimer timer(totals.commit_us);
    commit.created_at_us = clock::NowUs();
    DH_TRY(committer.Commit(commit));
    totals.files += commit.added.size();
    totals.commits += 1;
    totals.landed_at_us = clock::NowUs();
    log::Debug("commit {}: {} records, {} rejected, {} files", commit.id.ToString(), commit.records, commit.rejected,
               commit.added.size());
    return {};
  }

  // What this process wrote and will not intend leaves the lake; a fenced one's files are its successor's to remove, and
  // doing it twice is harmless.
  Error GiveUp(LaneGroup& lanes, Error error) {
    lanes.Drop();
    (void)committer.DiscardUnseen();
    return error;
  }
};

Pipeline::Pipeline(PipelineSpec spec, storage::Store& store, ledger::Ledger& ledger, Committer& committer,
                   RunOptions options)
    : spec_(std::move(spec)), impl_(std::make_unique<Impl>(spec_, store, ledger, committer, options)) {
  const size_t share = options.buffer_bytes_max / static_cast<size_t>(options.threads);
  spec_.table.buffer_bytes_max = share;
  spec_.quarantine.buffer_bytes_max = share / 4;
  spec_.table.files_open_max = FilesOpenMax(options);
  spec_.quarantine.files_open_max = spec_.table.files_open_max;
  spec_.table.files_max = options.commit_files_max;
  spec_.quarantine.files_max = options.commit_files_max;
}

Pipeline::~Pipeline() = default;

Result<void> Pipeline::Open() {
  impl_->told.clear();
  impl_->reopened = false;
  DH_TRY(impl_->AgreeTable(spec_.table));
  if (spec_.on_reject == OnReject::kQuarantine) DH_TRY(impl_->AgreeTable(spec_.quarantine));
  DH_TRY(impl_->ledger.SetContractVersion(impl_->committer.incarnation(), spec_.name, spec_.contract->name(),
                                          spec_.contract->version(), spec_.contract_checksum));
  return impl_->OpenSources();
}

Result<void> Pipeline::Drain(const std::atomic<bool>& stop, RunTotals& totals) {
  LaneGroup lanes(spec_, impl_->store, impl_->committer.unseen_owner(), impl_->options.threads, totals);
  for (bool more = true; more && !stop;) {
    auto batch = impl_->OneBatch(lanes, stop, totals);
    if (!batch) return impl_->GiveUp(lanes, batch.error());
    more = *batch;
  }
  if (!stop) DH_TRY(impl_->CheckLostMoves());
  return impl_->FirstFailure();
}

Result<void> Pipeline::Serve(const Ending& ending, RunTotals& totals, const Landed& landed) {
  LaneGroup lanes(spec_, impl_->store, impl_->committer.unseen_owner(), impl_->options.threads, totals);
  for (bool more = true; more;) {
    auto batch = impl_->OneServedBatch(lanes, ending, totals, landed);
    totals.batch_since_us = 0;
    if (!batch) return impl_->GiveUp(lanes, batch.error());
    more = *batch;
  }
  return {};
}

void Pipeline::Wake() {
  {
    std::lock_guard lock(impl_->wake_mutex);
    impl_->woken = true;
  }
  impl_->wake.notify_one();
}

void Pipeline::RequestFlush() {
  impl_->flush_requested = true;
  Wake();
}

Result<void> Pipeline::Replay(const std::function<Result<void>(const ChunkSink& sink)>& read,
                              std::vector<ledger::RemovedFile> removed, RunTotals& totals) {
  PipelineSpec judging = spec_;
  if (judging.on_reject != OnReject::kQuarantine) DH_TRY(impl_->AgreeTable(judging.quarantine));
  judging.on_reject = OnReject::kQuarantine;
  LaneGroup lanes(judging, impl_->store, impl_->committer.unseen_owner(), 1, totals);
  ledger::Commit commit = impl_->NewCommit();
  lanes.Begin(commit.id.ToString());
  const auto judge = [&]() -> Result<void> {
    DH_TRY(read([&](std::shared_ptr<record::Chunk> chunk) {
      totals.bytes += chunk->bytes.size();
      return lanes.Feed(std::move(chunk));
    }));
    commit.added = DH_TRY(lanes.Close());
    return {};
  };
  auto judged = judge();
  if (!judged) return impl_->GiveUp(lanes, judged.error());
  commit.removed = std::move(removed);
  commit.records = totals.records;
  commit.accepted = totals.accepted;
  commit.rejected = totals.rejected;
  commit.bytes_in = totals.bytes;
  return impl_->Land(commit, totals);
}

uint64_t Pipeline::bytes_ahead() const { return impl_->BytesAhead(); }

Result<void> Pipeline::Remove(std::vector<ledger::RemovedFile> removed, std::vector<ledger::PositionMove> moves,
                              std::vector<ledger::LostMove> settled) {
  ledger::Commit commit = impl_->NewCommit();
  commit.removed = std::move(removed);
  commit.moves = std::move(moves);
  commit.settled = std::move(settled);
  RunTotals totals;
  return impl_->Land(commit, totals);
}

}  // namespace datahub::pipeline
