#include "datahub/contract/record_windows.h"

#include <algorithm>
#include <cstring>

#include "datahub/contract/ascii.h"

namespace datahub::contract {
namespace {

// Records whose tokens are found at once. Large enough that starting costs nothing, small enough for the caches.
constexpr size_t kWindowBytesMax = 64 * 1024;
constexpr size_t kWindowBytesMin = 1024;
// Spans further apart than this are not looked at in one window.
constexpr size_t kGapBytesMax = 64;

}  // namespace

const uint32_t* RecordWindow::FirstToken(const RawRecord& record, const uint32_t* at) const {
  const auto begin = static_cast<uint32_t>(record.data - base);
  while (*at < begin) ++at;
  for (const char* before = record.data; before < base + *at; ++before) {
    if (!IsJsonSpace(*before)) return nullptr;
  }
  return at;
}

void RecordWindows::Begin(const record::Chunk& chunk) {
  cursor_.emplace(chunk);
  pending_.clear();
  begin_ = 0;
  given_ = 0;
  window_bytes_ = kWindowBytesMax;
  cursor_done_ = false;
}

bool RecordWindows::Next(RecordWindow* window, size_t records_max) {
  begin_ += given_;
  given_ = 0;
  if (!Fill()) return false;
  // A window with a broken record is tried again smaller, down to that one record; then windows grow again.
  for (;;) {
    const size_t count = Count(window_bytes_, records_max);
    given_ = count;
    if (Index(count, window)) {
      window_bytes_ = std::min(window_bytes_ * 2, kWindowBytesMax);
      return true;
    }
    if (count == 1) {
      window->tokens = nullptr;
      window_bytes_ = std::max(window_bytes_, kWindowBytesMin);
      return true;
    }
    const RawRecord& last = pending_[begin_ + count - 1];
    const auto bytes = static_cast<size_t>(last.data + last.size - pending_[begin_].data);
    window_bytes_ = std::min(window_bytes_, bytes) / 4;
  }
}

bool RecordWindows::Fill() {
  if (begin_ < pending_.size()) return true;
  pending_.clear();
  begin_ = 0;
  RawRecord record;
  for (size_t bytes = 0; bytes < kWindowBytesMax && !cursor_done_; bytes += record.size + 1) {
    cursor_done_ = !cursor_->Next(&record);
    if (!cursor_done_) pending_.push_back(record);
  }
  return !pending_.empty();
}

// How many of the pending records, at least one, lie close enough together to be one window.
size_t RecordWindows::Count(size_t bytes_max, size_t records_max) const {
  const char* const begin = pending_[begin_].data;
  size_t count = 1;
  for (size_t i = begin_ + 1; i < pending_.size() && count < records_max; ++i, ++count) {
    const RawRecord& before = pending_[i - 1];
    const RawRecord& record = pending_[i];
    const char* const end = before.data + before.size;
    if (record.data < end || static_cast<size_t>(record.data - end) > kGapBytesMax) break;
    if (static_cast<size_t>(record.data + record.size - begin) > bytes_max) break;
  }
  return count;
}

// False: the text between first and last record is broken somewhere.
bool RecordWindows::Index(size_t count, RecordWindow* window) {
  const RawRecord& first = pending_[begin_];
  const RawRecord& last = pending_[begin_ + count - 1];
  const auto size = static_cast<size_t>(last.data + last.size - first.data);
  window->records = {&first, count};
  window->base = first.data;
  if (size > kIndexedBytesMax || !index_.Build(first.data, size)) return false;
  window->tokens = index_.begin();
  window->has_escapes = std::memchr(first.data, '\\', size) != nullptr;
  return true;
}

}  // namespace datahub::contract
