#include "datahub/source/files/cutter.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace datahub::source::files {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Cutter::Cutter(ByteStream& stream, record::BufferPool& pool, Place place, const Options& options,
               const std::atomic<bool>& stop)
    : stream_(stream), pool_(pool), place_(std::move(place)), options_(options), stop_(stop) {
  if (place_.array) {
    framing_ = ArrayFraming(*place_.array);
  } else if (place_.at > 0) {
    framing_ = LineFraming();
  }
}

Result<std::optional<Piece>> Cutter::Next() {
  if (too_long_) return std::optional<Piece>();
  while (true) {
    if (!ended_ && scanned_ == pending().size()) {  // else a piece was full before the buffer was at its end
      MakeRoom();
      DH_TRY(Fill());
    }
    if (!framing_ && !ChooseFraming()) return failed_ ? Result<std::optional<Piece>>(*failed_) : std::optional<Piece>();
    std::vector<record::Span> records;
    const auto [done, seen] = framing_->Scan({pending(), scanned_, place_.at}, &records);
    scanned_ = seen;
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

// Its beginning is kept aside; the rest goes through the buffer, looked at only for its end.
Result<std::optional<Piece>> Cutter::EmitTooLong() {
  const size_t kept = std::min({pending().size(), kCutBytesMax, pool_.capacity()});
  Piece piece{.buffer = pool_.Take(kept), .first_offset = first_offset()};
  std::memcpy(piece.buffer->data(), pending().data(), kept);
  piece.bytes = std::string_view(piece.buffer->data(), kept);
  if (framing_->lists()) piece.records.push_back({0, static_cast<uint32_t>(kept)});

  const Place start = place_;
  size_t end = 0;
  while (end == 0 && !ended_) {
    Pass(pending());
    begin_ = filled_ = 0;
    DH_TRY(Fill());
    end = framing_->ScanToEnd(pending());
    scanned_ = end;
  }
  if (end == 0 && failed_) return *failed_;
  if (end == 0 && !options_.complete) {
    place_ = start;
    too_long_ = true;
    return std::optional<Piece>();
  }
  if (end == 0) {
    end = pending().size();
    framing_->EndHere(place_.at + end, true);
  }
  Pass(pending().substr(0, end));
  piece.cut_from = place_.at - start.at;
  place_.array = framing_->place();
  return std::optional(std::move(piece));
}

// Bytes that are done with.
void Cutter::Pass(std::string_view bytes) {
  place_.tail.Append(bytes);
  place_.at += bytes.size();
  begin_ += bytes.size();
  scanned_ = scanned_ > bytes.size() ? scanned_ - bytes.size() : 0;
}

}  // namespace datahub::source::files
