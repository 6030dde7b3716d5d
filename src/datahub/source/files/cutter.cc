#include "datahub/source/files/cutter.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace datahub::source::files {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Cutter::Cutter(ByteStream& stream, record::BufferPool& pool, Place place, PrefixHasher hasher, const Options& options,
               const std::atomic<bool>& stop)
    : stream_(stream),
      pool_(pool),
      place_(std::move(place)),
      hasher_(std::move(hasher)),
      options_(options),
      stop_(stop) {
  if (place_.array) {
    framing_ = ArrayFraming(*place_.array, place_.passing);
  } else if (place_.at > 0) {
    framing_ = LineFraming();
  }
}

Result<std::optional<Piece>> Cutter::Next() {
  while (true) {
    if (!ended_) {
      MakeRoom();
      if (!place_.passing) DH_TRY(Fill());
    }
    if (place_.passing) {
      std::optional<Piece> passed = DH_TRY(PassOn());
      if (!passed && failed_) return *failed_;
      return passed;
    }
    if (!framing_ && !ChooseFraming()) return failed_ ? Result<std::optional<Piece>>(*failed_) : std::optional<Piece>();
    std::vector<record::Span> records;
    const size_t done = framing_->Scan({pending(), scanned_, place_.at}, &records);
    scanned_ = pending().size();
    if (done > 0 && (!framing_->lists() || !records.empty())) return std::optional(Emit(done, std::move(records)));
    if (done > 0) Pass(pending().substr(0, done));
    if (failed_) return *failed_;
    if (ended_) return EmitRest();
    if (pending().size() >= pending_max()) return EmitTooLong();
  }
}

// A record may grow to record_bytes_max before it is cut.
size_t Cutter::pending_max() const { return std::max(pool_.capacity(), options_.record_bytes_max); }

// Afterwards the buffer is ours alone and there is room behind what is pending, if that is below pending_max.
void Cutter::MakeRoom() {
  const std::string_view kept = pending();
  size_t capacity = pool_.capacity();
  while (capacity <= kept.size()) capacity *= 2;
  capacity = std::min(capacity, pending_max());
  if (buffer_ && !handed_out_ && buffer_->capacity() >= capacity) {
    if (begin_ > 0) std::memmove(buffer_->data(), kept.data(), kept.size());
  } else {
    std::shared_ptr<record::Buffer> next = pool_.Take(capacity);
    if (!kept.empty()) std::memcpy(next->data(), kept.data(), kept.size());
    buffer_ = std::move(next);
    handed_out_ = false;
  }
  filled_ = kept.size();
  begin_ = 0;
}

Result<void> Cutter::Fill() {
  while (filled_ < buffer_->capacity() && !ended_) {
    if (stop_.load(std::memory_order_relaxed)) return Error{Code::kShuttingDown, "the reader was stopped"};
    const Result<size_t> got = stream_.Read(buffer_->data() + filled_, buffer_->capacity() - filled_);
    if (!got) {  // what was read before is good and goes first
      failed_ = got.error();
      ended_ = true;
      break;
    }
    filled_ += *got;
    ended_ = *got == 0;
  }
  return {};
}

// By the first byte that is not blank. False when there is none yet.
bool Cutter::ChooseFraming() {
  if (place_.at == 0 && pending().starts_with(kByteOrderMark)) Pass(kByteOrderMark);
  const size_t first = FirstNotBlank(pending());
  if (first == pending().size() && ended_) return false;
  const bool array = !options_.lines_only && first < pending().size() && pending()[first] == '[';
  framing_ = array ? ArrayFraming({}) : LineFraming();
  return true;
}

uint64_t Cutter::first_offset() const {
  if (!framing_->lists()) return place_.at;
  return place_.array ? place_.array->elements : 0;
}

Piece Cutter::Emit(size_t size, std::vector<record::Span> records) {
  Piece piece{.buffer = buffer_,
              .bytes = pending().substr(0, size),
              .records = std::move(records),
              .first_offset = first_offset()};
  handed_out_ = true;
  Pass(piece.bytes);
  place_.array = framing_->place();
  return piece;
}

std::optional<Piece> Cutter::EmitRest() {
  if (!options_.complete) return std::nullopt;
  const bool rest = waits();
  framing_->EndHere(place_.at + pending().size(), rest);
  if (!rest) return std::nullopt;
  std::vector<record::Span> records;
  if (framing_->lists()) records.push_back({0, static_cast<uint32_t>(pending().size())});
  return Emit(pending().size(), std::move(records));
}

// Its beginning is kept aside; the rest goes through the buffer, looked at only for its end, and no further than that the
// length of most is known.
Result<std::optional<Piece>> Cutter::EmitTooLong() {
  const size_t kept = std::min({pending().size(), kCutBytesMax, pool_.capacity()});
  Piece piece{.buffer = pool_.Take(kept), .first_offset = first_offset()};
  std::memcpy(piece.buffer->data(), pending().data(), kept);
  piece.bytes = std::string_view(piece.buffer->data(), kept);
  if (framing_->lists()) piece.records.push_back({0, static_cast<uint32_t>(kept)});

  const uint64_t from = place_.at;
  Pass(pending());
  const Result<bool> passed = PassOver(kPassBytesMax);  // stopped amid it is fine: the piece says how far it came
  if (passed && !*passed && ended_ && !failed_ && options_.complete) {
    framing_->EndHere(place_.at, true);
    place_.passing.reset();
    place_.array = framing_->place();
  }
  piece.cut_from = place_.at - from;
  return std::optional(std::move(piece));
}

// What is left of the record that the scan is in, at most about `most` bytes. True behind its end; otherwise the place says
// amid what it is. A stop loses nothing: the place is good behind every byte.
Result<bool> Cutter::PassOver(uint64_t most) {
  const uint64_t until = place_.at + most;
  place_.passing = framing_->passing();
  while (place_.at < until) {
    if (pending().empty()) {
      if (ended_) break;
      begin_ = filled_ = 0;
      if (const uint64_t hole = stream_.SkipHole(UINT64_MAX); hole > 0) {
        framing_->ScanToEnd(std::string_view("\0", 1));  // zeros end nothing; one of them may be escaped
        hasher_.AddZeros(hole);
        place_.at += hole;
      }
      DH_TRY(Fill());
      continue;
    }
    const size_t end = framing_->ScanToEnd(pending());
    Pass(pending().substr(0, end == 0 ? pending().size() : end));
    place_.passing = framing_->passing();
    place_.array = framing_->place();
    if (end == 0) continue;
    place_.passing.reset();
    scanned_ = 0;
    return true;
  }
  return false;
}

// Nothing when there is no more to pass over.
Result<std::optional<Piece>> Cutter::PassOn() {
  const uint64_t from = place_.at;
  const bool passed = DH_TRY(PassOver(kPassBytesMax));
  if (!passed && ended_ && !failed_ && options_.complete) framing_->EndHere(place_.at, true);
  if (place_.at == from) return std::optional<Piece>();
  Piece piece{.buffer = pool_.Take(0), .first_offset = first_offset()};
  piece.bytes = std::string_view(piece.buffer->data(), 0);
  return std::optional(std::move(piece));
}

// Bytes that are done with.
void Cutter::Pass(std::string_view bytes) {
  hasher_.Add(bytes);
  place_.at += bytes.size();
  begin_ += bytes.size();
  scanned_ = scanned_ > bytes.size() ? scanned_ - bytes.size() : 0;
}

}  // namespace datahub::source::files
