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

FileVisit::FileVisit(Tracked& tracked, const Surroundings& around, OpenFile file, const Stat& stat, Beginning beginning)
    : tracked_(tracked), around_(around), file_(std::move(file)), stat_(stat), beginning_(std::move(beginning)) {
  complete_ = around.settings.IsComplete(stat, clock::NowUs());
}

// The more is known of a file's beginning the surer it is known again; it was short when it was new. What lies behind the
// position may be written anew: a line that waits for its end is often cut off by its writer's next start.
Head FileVisit::HeadAt(uint64_t at) const {
  const size_t whole = beginning_.bytes().size();
  const size_t size = encoding_ == Encoding::kPlain ? std::min<uint64_t>(at, whole) : whole;
  return size > tracked_.position.head.bytes ? beginning_.head(size) : tracked_.position.head;
}

Result<std::unique_ptr<FileVisit>> FileVisit::Open(Tracked& tracked, const Surroundings& around) {
  tracked.seen.reset();
  tracked.waiting.reset();
  Result<OpenFile> file = OpenFile::Open(tracked.path);
  if (!file && file.error().code == Code::kNotFound) return std::unique_ptr<FileVisit>();
  if (!file) return file.error();
  const Stat stat = DH_TRY(file->Look());
  Beginning beginning = DH_TRY(Beginning::Of(*file));
  // Another file took the name since the look: the next look tells who it is.
  if (stat.inode != tracked.inode) return std::unique_ptr<FileVisit>();
  // Only that is to be recorded.
  if (tracked.position.emptied) {
    return std::unique_ptr<FileVisit>(new FileVisit(tracked, around, *std::move(file), stat, std::move(beginning)));
  }
  if (!tracked.shard.empty() && !beginning.Has(tracked.position.head)) return std::unique_ptr<FileVisit>();

  std::unique_ptr<FileVisit> visit(new FileVisit(tracked, around, *std::move(file), stat, std::move(beginning)));
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
  const EncodingGuess guess = GuessEncoding(beginning_.bytes());
  if (guess.undecided && !complete_) {
    MarkSeen();
    return false;
  }
  if (!guess.unsupported.empty()) {
    Refuse("unsupported", fmt::format("{} is {}: passed over. NDJSON and JSON arrays are read, plain, gzip or zstd",
                                      tracked_.position.path, guess.unsupported));
    return false;
  }
  encoding_ = guess.encoding;
  if (!DH_TRY(CheckStored())) return tracked_.moved && !refused_;
  stream_ = OpenStream(encoding_, file_, stat_.size);
  Place place{.at = tracked_.position.at, .array = tracked_.position.array, .tail = {}};
  if (!DH_TRY(Resume(&place))) return false;
  const Cutter::Options options{.record_bytes_max = around_.options.record_bytes_max,
                                .lines_only = around_.settings.lines_only,
                                .complete = complete_};
  cutter_ = std::make_unique<Cutter>(*stream_, around_.pool, std::move(place), options, around_.stop);
  return true;
}

// What can be told without decompressing. False: nothing to read.
Result<bool> FileVisit::CheckStored() {
  if (encoding_ == Encoding::kPlain || !tracked_.position.stored) return true;
  const StoredPlace& stored = *tracked_.position.stored;
  if (stat_.size < stored.bytes) {
    Refuse("truncated", fmt::format("{} is {} bytes long but was read up to byte {}: it was cut off. {}",
                                    tracked_.position.path, stat_.size, stored.bytes, kAdvice));
    return false;
  }
  if (DH_TRY(HashBefore(file_, stored.bytes)) != stored.tail) {
    Refuse("rewritten",
           fmt::format("{} begins as before, but the stored bytes before byte {}, up to which it was read, are "
                       "others now: it was rewritten. {}",
                       tracked_.position.path, stored.bytes, kAdvice));
    return false;
  }
  if (stat_.size > stored.bytes) return true;
  MarkSeen();
  return false;
}

// Goes to the position, looking at what lies before it. False: it is not what it was.
Result<bool> FileVisit::Resume(Place* place) {
  const uint64_t looked_at = std::min<uint64_t>(place->at, kIdentityBytes);
  std::string before(looked_at, '\0');
  bool there = DH_TRY(stream_->SkipTo(place->at - looked_at));
  for (size_t done = 0; there && done < before.size();) {
    const size_t got = DH_TRY(stream_->Read(before.data() + done, before.size() - done));
    there = got > 0;
    done += got;
  }
  if (!there) {
    Refuse("truncated", fmt::format("{} ends before byte {}, up to which it was read: it was cut off. {}",
                                    tracked_.position.path, place->at, kAdvice));
    return false;
  }
  place->tail.Append(before);
  if (place->at == 0 || place->tail.Hash() == tracked_.position.tail) return true;
  Refuse("rewritten",
         fmt::format("{} begins as before, but the bytes before byte {}, up to which it was read, are others "
                     "now: it was rewritten. {}",
                     tracked_.position.path, place->at, kAdvice));
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
  tracked_.position.inode = stat_.inode;
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
  position.tail = place.tail.Hash();
  position.array = place.array;
  position.stored = stored;
  return {};
}

Result<std::optional<StoredPlace>> FileVisit::Stored() const {
  const std::optional<ArrayPlace> array = cutter_->array();
  const bool all_read = cutter_->drained() && stream_->whole() && !(array && array->inside);
  if (encoding_ == Encoding::kPlain || !all_read) return std::optional<StoredPlace>();
  return std::optional(StoredPlace{stat_.size, DH_TRY(HashBefore(file_, stat_.size))});
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
