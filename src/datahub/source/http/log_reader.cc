#include "datahub/source/http/log_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/source/http/http_source.h"

namespace datahub::source::http {
namespace {

// Buffers up to this size are made as they are needed.
constexpr size_t kSmallBytes = 256u << 10;
// Frames of one chunk were written within this time: a chunk has one time of receipt.
constexpr int64_t kChunkTimeUs = 10'000;
// A source without records moves its position too, now and then, so that the log can forget what others posted.
constexpr uint64_t kMoveBytes = 16u << 20;

}  // namespace

Result<uint64_t> PositionIn(const intake::Log& log, const std::string& source, const Positions& committed) {
  const uint64_t begin = log.begin_offset();
  const std::string shard = ShardOf(log);
  const auto known = committed.find(shard);
  if (known == committed.end()) return begin;
  const Result<uint64_t> offset = PositionFromText(known->second);
  if (!offset) {
    return Error{Code::kCorruption, fmt::format("source {}: the committed position of shard {} cannot be read: {}",
                                                source, shard, offset.error().message)};
  }
  if (*offset < begin || *offset > log.durable_end()) {
    return Error{Code::kCorruption,
                 fmt::format("source {} was read up to {} of the intake log, which holds {} to {}: log and ledger do "
                             "not belong together. Was one of them restored from a backup? Bring back the other "
                             "of the same time",
                             source, *offset, begin, log.durable_end())};
  }
  return *offset;
}

Result<void> Check(const SourceSpec&) { return {}; }

Result<std::unique_ptr<Reader>> Open(const SourceSpec& spec, const Positions& committed, const ReaderOptions& options) {
  if (options.log == nullptr) {
    return Error{Code::kInvalidInput,
                 fmt::format("source {} takes what is posted to it: `datahub serve` reads it", spec.name)};
  }
  intake::Log& log = *options.log;
  const std::string shard = ShardOf(log);
  const uint64_t position = DH_TRY(PositionIn(log, spec.name, committed));
  auto reader = std::make_unique<LogReader>(spec.name, log, position, options);
  for (const auto& [other, text] : committed) {
    if (other == shard) continue;
    reader->Post({other, "log_replaced",
                  fmt::format("source {} was read up to {} of an intake log that is not there any more ({}); what was "
                              "posted to that and not landed is lost unless it comes back",
                              spec.name, text, other)});
  }
  return reader;
}

std::string ShardOf(const intake::Log& log) { return fmt::format("log-{:016x}", log.id()); }

std::string PositionText(uint64_t offset) { return fmt::format("{}", offset); }

Result<uint64_t> PositionFromText(const std::string& text) {
  uint64_t offset = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (failure == std::errc() && end == text.data() + text.size()) return offset;
  return Error{Code::kInvalidInput, fmt::format("'{}' is not an offset of the intake log", text)};
}

LogReader::LogReader(std::string source, intake::Log& log, uint64_t position, const ReaderOptions& options)
    : source_(std::move(source)),
      log_(log),
      shard_(ShardOf(log)),
      options_(options),
      pool_(options.chunk_bytes),
      cursor_(log, position),
      read_to_(position),
      handed_to_(position) {
  log_.Register(source_, position);
}

// The chunk being made.
struct LogReader::Filling {
  std::shared_ptr<record::Chunk> chunk;
  size_t used = 0;
};

Result<std::shared_ptr<record::Chunk>> LogReader::Next() {
  Filling filling;
  while (records_ || DH_TRY(NextEntry(filling.chunk.get()))) {
    if (!Take(filling)) break;
  }
  const bool moves = read_to_ - handed_to_ >= kMoveBytes;
  if (!filling.chunk && !moves) return std::shared_ptr<record::Chunk>();
  return Finish(std::move(filling));
}

// False: nothing more for this chunk.
Result<bool> LogReader::NextEntry(const record::Chunk* chunk) {
  for (;;) {
    if (stop_) return Error{Code::kShuttingDown, fmt::format("source {} was stopped", source_)};
    while (entries_ && !frame_waits_) {
      if (!DH_TRY(entries_->Next(&entry_))) {
        entries_.reset();
        break;
      }
      if (entry_.end_offset <= read_to_) continue;
      if (entry_.source != source_) {
        read_to_ = entry_.end_offset;
        continue;
      }
      records_.emplace(entry_);
      return true;
    }
    if (!entries_) {
      if (!DH_TRY(cursor_.Next())) return false;
      entries_ = cursor_.entries();
    }
    frame_waits_ = chunk != nullptr && cursor_.header().written_at_us > chunk->received_at_us + kChunkTimeUs;
    if (frame_waits_) return false;
  }
}

bool LogReader::Take(Filling& filling) {
  std::string_view record;
  size_t place = 0;
  for (;;) {
    const intake::RecordsOfEntry before = *records_;
    if (!records_->Next(&record, &place)) {
      read_to_ = entry_.end_offset;
      records_.reset();
      return true;
    }
    const uint64_t offset = entry_.body_offset + place;
    if (offset < read_to_) continue;
    const size_t size = std::min(record.size(), options_.record_bytes_max);
    const bool cut = size < record.size();
    const bool fits = !filling.chunk || (!cut && filling.chunk->records.size() < kChunkRecordsMax &&
                                         filling.used + size + 1 <= filling.chunk->buffer->capacity());
    if (!fits) {
      records_ = before;
      return false;
    }
    if (!filling.chunk) {
      filling.chunk = std::make_shared<record::Chunk>();
      filling.chunk->buffer = TakeBuffer(size + 1);
      filling.chunk->received_at_us = cursor_.header().written_at_us;
      filling.chunk->first_offset = offset;
    }
    record::Chunk& chunk = *filling.chunk;
    char* const to = chunk.buffer->data() + filling.used;
    std::memcpy(to, record.data(), size);
    to[size] = '\n';
    chunk.records.push_back({static_cast<uint32_t>(filling.used), static_cast<uint32_t>(size)});
    chunk.offsets.push_back(offset);
    filling.used += size + 1;
    read_to_ = entry_.body_offset + records_->behind();
    if (!cut) continue;
    chunk.cut_from = record.size();
    return false;
  }
}

// A few posts do not get a large one.
std::shared_ptr<record::Buffer> LogReader::TakeBuffer(size_t needed) {
  const uint64_t ahead = log_.durable_end() - std::min(log_.durable_end(), read_to_);
  const size_t likely = std::max<uint64_t>(needed, std::min<uint64_t>(ahead, options_.chunk_bytes));
  if (likely <= kSmallBytes) return std::make_shared<record::Buffer>(likely);
  return pool_.Take(std::max(options_.chunk_bytes, needed));
}

std::shared_ptr<record::Chunk> LogReader::Finish(Filling filling) {
  std::shared_ptr<record::Chunk> chunk = std::move(filling.chunk);
  if (!chunk) {
    chunk = std::make_shared<record::Chunk>();
    chunk->buffer = pool_.Take(0);
    chunk->first_offset = read_to_;
    chunk->received_at_us = clock::NowUs();
  }
  chunk->bytes = std::string_view(chunk->buffer->data(), filling.used);
  chunk->source = source_;
  chunk->shard = shard_;
  chunk->position_after = PositionText(read_to_);
  handed_to_ = read_to_;
  return chunk;
}

Result<void> LogReader::Acknowledge(const std::map<std::string, std::string>& positions) {
  if (const auto mine = positions.find(shard_); mine != positions.end()) {
    const uint64_t offset = DH_TRY(PositionFromText(mine->second));
    log_.Release(source_, offset);
  }
  return {};
}

bool LogReader::HasRead(const std::string& shard, const std::string& position) const {
  if (position.empty()) return true;
  const Result<uint64_t> offset = PositionFromText(position);
  return offset && shard == shard_ && *offset <= handed_to_;
}

uint64_t LogReader::BytesAhead() const {
  const uint64_t end = log_.durable_end();
  return end - std::min<uint64_t>(end, handed_to_);
}

}  // namespace datahub::source::http
