#include "datahub/source/files/file_visit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datahub/base/clock.h"

namespace datahub::source::files {
namespace {

constexpr std::string_view kAdvice =
    "Nothing of it is read until that is mended. To read the whole file as a new one, copy it to a new name that the "
    "pattern "
    "matches (records read before come again) and remove it once the copy is read";

}  // namespace

FileVisit::FileVisit(Tracked& tracked, const Surroundings& around, Looked looked, const Stat& stat)
    : tracked_(tracked), around_(around), looked_(std::move(looked)), stat_(stat) {
  complete_ = around.settings.IsComplete(stat, clock::NowUs());
}

// The more is known of a file's beginning the surer it is known again; it was short when it was new. What lies behind the
// position may be written anew: a line that waits for its end is often cut off by its writer's next start.
Head FileVisit::HeadAt(uint64_t at) const {
  const size_t whole = looked_.beginning.bytes().size();
  const size_t size = looked_.encoding == Encoding::kPlain ? std::min<uint64_t>(at, whole) : whole;
  return size > tracked_.position.head.bytes ? looked_.beginning.head(size) : tracked_.position.head;
}

Result<std::unique_ptr<FileVisit>> FileVisit::Open(Tracked& tracked, const Surroundings& around) {
  tracked.seen.reset();
  tracked.waiting.reset();
  tracked.visited = true;
  Result<Looked> looked = Looked::Into(tracked.path, around.settings.access);
  if (!looked && looked.error().code == Code::kNotFound) return std::unique_ptr<FileVisit>();
  if (!looked) return looked.error();
  const Stat stat = DH_TRY(looked->file.Look());
  // Another file took the name since the look: the next look tells who it is.
  if (!looked->id.MayBe(tracked.id)) return std::unique_ptr<FileVisit>();
  tracked.id = looked->id;
  const bool as_before = tracked.shard.empty() || looked->beginning.Has(tracked.position.head);
  std::unique_ptr<FileVisit> visit(new FileVisit(tracked, around, *std::move(looked), stat));
  if (tracked.position.emptied) return visit;  // only that is to be recorded
  if (!as_before) return std::unique_ptr<FileVisit>();
  Result<bool> started = visit->Start();
  if (!started && started.error().code == Code::kInvalidInput) {
    visit->Refuse("damaged", started.error().message);
    return std::unique_ptr<FileVisit>();
  }
  if (!started) return started.error();
  if (!*started) visit.reset();
  return visit;
}

Result<bool> FileVisit::Start() {
  const EncodingGuess guess = GuessEncoding(looked_.beginning.bytes());
  if (guess.undecided && !complete_) {
    MarkSeen();
    return false;
  }
  if (!guess.unsupported.empty()) {
    Refuse("unsupported", fmt::format("{} is {}: passed over. NDJSON and JSON arrays are read, plain, gzip or zstd",
                                      tracked_.position.path, guess.unsupported));
    return false;
  }
  if (!DH_TRY(CheckStored())) return tracked_.moved && !refused_;
  stream_ = OpenStream(looked_.encoding, looked_.file, stat_.size);
  PrefixHasher hasher;
  if (!DH_TRY(Resume(&hasher))) return false;
  const Cutter::Options options{.record_bytes_max = around_.options.record_bytes_max,
                                .lines_only = around_.settings.lines_only,
                                .complete = complete_};
  const Position& position = tracked_.position;
  cutter_ = std::make_unique<Cutter>(*stream_, around_.pool,
                                     Place{.at = position.at, .array = position.array, .passing = position.passing},
                                     std::move(hasher), options, around_.stop);
  return true;
}

// Written to since it was read, and no longer: nothing was appended, so what was read may be other bytes now. One that moved
// was proven at this look.
bool FileVisit::ChangedInPlace() const {
  const Position& position = tracked_.position;
  const uint64_t read = position.stored ? position.stored->bytes : position.at;
  return !tracked_.moved && stat_.size == read && stat_.modified_us != position.modified_us;
}

// What can be told without decompressing. False: nothing to read.
Result<bool> FileVisit::CheckStored() {
  if (looked_.encoding == Encoding::kPlain || !tracked_.position.stored) return true;
  const StoredPlace& stored = *tracked_.position.stored;
  if (stat_.size < stored.bytes) {
    Refuse("truncated", fmt::format("{} is {} bytes long but was read up to byte {}: it was cut off. {}",
                                    tracked_.position.path, stat_.size, stored.bytes, kAdvice));
    return false;
  }
  if (DH_TRY(HashBefore(looked_.file, stored.bytes)) != stored.tail) {
    Refuse("rewritten",
           fmt::format("{} begins as before, but the stored bytes before byte {}, up to which it was read, are "
                       "others now: it was rewritten. {}",
                       tracked_.position.path, stored.bytes, kAdvice));
    return false;
  }
  if (stat_.size > stored.bytes || ChangedInPlace()) return true;
  MarkSeen();
  return false;
}

// Goes to the position, looking at what lies before it: in a plain file at the last blocks only, in one that was written to
// without growing at all of it. False: it is not what it was.
Result<bool> FileVisit::Resume(PrefixHasher* hasher) {
  const Position& position = tracked_.position;
  if (tracked_.shard.empty() || position.at == 0) return stream_->SkipTo(0);
  const bool changed = ChangedInPlace();
  if (looked_.encoding == Encoding::kPlain && !changed) {
    *hasher = PrefixHasher(PrefixHasher::ResumeAt(position.at), position.hash.chain);
  }
  const Evidence there = DH_TRY(HashUpTo(*stream_, position.at, hasher, around_.stop));
  if (there != Evidence::kHolds) {
    Refuse("truncated", fmt::format("{} ends before byte {}, up to which it was read: it was cut off. {}",
                                    position.path, position.at, kAdvice));
    return false;
  }
  if (hasher->Digest().all == position.hash.all) {
    tracked_.moved |= changed;  // not to be looked at again
    return true;
  }
  Refuse("rewritten",
         fmt::format("{} begins as before, but not all bytes before byte {}, up to which it was read, are what "
                     "they were: it was rewritten. {}",
                     position.path, position.at, kAdvice));
  return false;
}

Result<std::shared_ptr<record::Chunk>> FileVisit::Next() {
  if (!cutter_) return LastChunk();
  Result<std::optional<Piece>> cut = cutter_->Next();
  if (!cut && cut.error().code == Code::kInvalidInput) {
    Refuse("damaged", cut.error().message + ". What lies before was read; the file is passed over until it changes");
    return std::shared_ptr<record::Chunk>();
  }
  if (!cut) return cut.error();
  if (!*cut) return LastChunk();
  Piece& piece = **cut;
  if (tracked_.shard.empty()) around_.roster.Name(tracked_, HeadAt(cutter_->place().at));
  DH_TRY(MovePosition());
  std::shared_ptr<record::Chunk> chunk = NewChunk();
  chunk->buffer = std::move(piece.buffer);
  chunk->bytes = piece.bytes;
  chunk->records = std::move(piece.records);
  chunk->first_offset = piece.first_offset;
  chunk->cut_from = piece.cut_from;
  return chunk;
}

// At the end: one without records where there is something to record, then null.
Result<std::shared_ptr<record::Chunk>> FileVisit::LastChunk() {
  const bool was_stored = tracked_.position.stored.has_value();
  if (cutter_ && !tracked_.shard.empty()) tracked_.position.stored = DH_TRY(Stored());
  const bool to_record = tracked_.moved || (tracked_.position.stored && !was_stored);
  if (tracked_.shard.empty() || !to_record) {
    if (cutter_) Finish();
    return std::shared_ptr<record::Chunk>();
  }
  std::shared_ptr<record::Chunk> chunk = NewChunk();
  chunk->buffer = around_.pool.Take(0);
  chunk->bytes = std::string_view(chunk->buffer->data(), 0);
  chunk->first_offset = tracked_.position.array ? tracked_.position.array->elements : tracked_.position.at;
  return chunk;
}

// At the tracked position.
std::shared_ptr<record::Chunk> FileVisit::NewChunk() const {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->source = around_.settings.source;
  chunk->shard = tracked_.shard;
  chunk->received_at_us = clock::NowUs();
  tracked_.position.id = looked_.id;
  tracked_.position.modified_us = stat_.modified_us;
  tracked_.moved = false;
  chunk->position_after = ToText(tracked_.position);
  return chunk;
}

// Behind the last piece.
Result<void> FileVisit::MovePosition() {
  const Place& place = cutter_->place();
  std::optional<StoredPlace> stored = DH_TRY(Stored());  // first: it may fail, and then nothing was handed out
  Position& position = tracked_.position;
  position.head = HeadAt(place.at);
  position.at = place.at;
  position.hash = cutter_->hash();
  position.array = place.array;
  position.passing = place.passing;
  position.stored = stored;
  return {};
}

Result<std::optional<StoredPlace>> FileVisit::Stored() const {
  const std::optional<ArrayPlace> array = cutter_->array();
  const bool all_read = cutter_->drained() && stream_->whole() && !(array && array->inside);
  if (looked_.encoding == Encoding::kPlain || !all_read) return std::optional<StoredPlace>();
  return std::optional(StoredPlace{stat_.size, DH_TRY(HashBefore(looked_.file, stat_.size))});
}

void FileVisit::Finish() {
  MarkSeen();
  tracked_.waiting = Waiting();
  const std::string& name = tracked_.position.path;
  if (const std::optional<uint64_t> at = cutter_->broken_at()) {
    around_.notices.PostState(
        name,
        Say("broken_array", fmt::format("{} is broken at byte {}: a JSON array with something else between or behind "
                                        "its elements, or without its end. What could be told apart was handed out",
                                        name, *at)));
  } else if (!tracked_.waiting) {
    around_.notices.Clear(name);
  }
}

// Why not everything that is there was handed out, if so.
std::optional<Notice> FileVisit::Waiting() const {
  const std::string& name = tracked_.position.path;
  const std::string_view until =
      around_.settings.complete_after_us
          ? "it is read once the file is unchanged for complete_after"
          : "it is read once its end is there; if the file is complete as it is, give the source a complete_after";
  if (!stream_->whole()) {
    return Say("incomplete_compressed",
               fmt::format("{} ends amid compressed data after {} stored bytes; what was whole is "
                           "read, {}",
                           name, stat_.size, complete_ ? "more is not expected" : until));
  }
  const std::optional<ArrayPlace> array = cutter_->array();
  if (!complete_ && array && array->inside) {
    return Say("incomplete_array",
               fmt::format("the JSON array in {} has no end yet: after {} elements {}", name, array->elements, until));
  }
  if (!cutter_->waits()) return std::nullopt;
  return Say("incomplete_last_line",
             fmt::format("the last line of {}, from byte {}, has no line end: {}", name, cutter_->place().at, until));
}

void FileVisit::Refuse(std::string kind, std::string message) {
  MarkSeen();
  refused_ = true;
  Notice notice = Say(std::move(kind), std::move(message));
  notice.withheld = true;
  around_.notices.PostState(tracked_.position.path, std::move(notice));
}

void FileVisit::MarkSeen() {
  tracked_.seen_complete = complete_;
  if (clock::NowUs() - stat_.changed_us > around_.settings.tick_us) tracked_.seen = stat_;
}

}  // namespace datahub::source::files
