#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/contract.h"
#include "datahub/contract/fast_walk.h"
#include "datahub/contract/plan.h"
#include "datahub/contract/record_cursor.h"
#include "datahub/contract/text_index.h"

namespace datahub::contract {
namespace {

// Records whose tokens are found at once. Large enough that starting costs nothing, small enough for the caches.
constexpr size_t kWindowBytesMax = 64 * 1024;
constexpr size_t kWindowBytesMin = 1024;
// Larger records are left to the exhaustive way: the index takes 4 bytes a token.
constexpr size_t kFastRecordBytesMax = 4 * 1024 * 1024;
// Spans further apart than this are not looked at in one window.
constexpr size_t kGapBytesMax = 64;
constexpr size_t kRecycledMax = 64;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

struct Walker::Impl {
  Impl(std::shared_ptr<const Contract> from, Way way)
      : contract(std::move(from)),
        plan(contract->plan()),
        walks_fast(plan.streams && way == Way::kFast),
        rows(record::LeavesOf(contract->columns())),
        appender(rows, contract->options().reject_excess_digits),
        fast(plan, contract->options(), rows) {
    validate.strict = contract->options().strict;
    validate.reasons_max = kReasonsMax;
  }

  std::shared_ptr<record::Columns> TakeColumns();
  void RejectCut(const record::Chunk& chunk);
  // All records the exhaustive way.
  void WalkExactly(const record::Chunk& chunk);
  // The fast way, windows of whole records; what it does not decide the exhaustive way.
  void WalkFast(const record::Chunk& chunk);
  bool FillWindow(RecordCursor& cursor);
  size_t WindowRecords(size_t bytes_max) const;
  bool WalkWindow(size_t count);
  bool WalkRecord(const RawRecord& record, const char* base, const uint32_t** at);
  void Decide(const RawRecord& record);

  std::shared_ptr<const Contract> contract;
  const Contract::Plan& plan;
  const bool walks_fast;
  RowBuilder rows;
  Appender appender;
  FastWalk fast;
  ValidateOptions validate;
  TextIndex index;
  json::Document document;
  std::vector<std::shared_ptr<record::Columns>> recycled;

  WalkResult result;
  std::vector<RawRecord> pending;  // read from the cursor, not walked yet: [pending_begin, end)
  size_t pending_begin = 0;
  bool cursor_done = false;
};

Walker::Walker(std::shared_ptr<const Contract> contract, Way way)
    : impl_(std::make_unique<Impl>(std::move(contract), way)) {}
Walker::~Walker() = default;

WalkResult Walker::Walk(std::shared_ptr<const record::Chunk> chunk) {
  Impl& impl = *impl_;
  impl.result = WalkResult{};
  impl.result.accepted = impl.TakeColumns();
  record::Columns& columns = *impl.result.accepted;
  columns.contract_version = impl.contract->version();
  impl.rows.Attach(columns);
  if (chunk->cut_from != 0) {
    impl.RejectCut(*chunk);
  } else if (impl.walks_fast) {
    impl.WalkFast(*chunk);
  } else {
    impl.WalkExactly(*chunk);
  }
  impl.rows.Detach();
  columns.chunk = std::move(chunk);
  return std::move(impl.result);
}

void Walker::Recycle(std::shared_ptr<record::Columns> columns) {
  if (columns == nullptr || columns.use_count() != 1 || impl_->recycled.size() >= kRecycledMax) return;
  if (!impl_->rows.Fits(*columns)) return;
  columns->chunk.reset();
  columns->arena.reset();
  columns->rows = 0;
  impl_->recycled.push_back(std::move(columns));
}

std::shared_ptr<record::Columns> Walker::Impl::TakeColumns() {
  if (recycled.empty()) return rows.NewColumns();
  std::shared_ptr<record::Columns> columns = std::move(recycled.back());
  recycled.pop_back();
  return columns;
}

void Walker::Impl::RejectCut(const record::Chunk& chunk) {
  RecordCursor cursor(chunk);
  RawRecord record{chunk.bytes.data(), static_cast<uint32_t>(chunk.bytes.size()), chunk.first_offset};
  if (!chunk.records.empty()) cursor.Next(&record);
  result.records = 1;
  result.rejected.push_back(
      {record.offset,
       record.view(),
       {{"", "dh:size",
         fmt::format("the record has {} bytes, more than a record may have; the first {} are kept", chunk.cut_from,
                     record.size)}}});
}

void Walker::Impl::WalkExactly(const record::Chunk& chunk) {
  RecordCursor cursor(chunk);
  for (RawRecord record; cursor.Next(&record);) {
    rows.Reserve(1);
    Decide(record);
  }
}

void Walker::Impl::WalkFast(const record::Chunk& chunk) {
  RecordCursor cursor(chunk);
  pending.clear();
  pending_begin = 0;
  cursor_done = false;
  // A window with a broken record is tried again smaller, down to that one record; then windows grow again.
  size_t window = kWindowBytesMax;
  while (FillWindow(cursor)) {
    const size_t count = WindowRecords(window);
    if (WalkWindow(count)) {
      pending_begin += count;
      window = std::min(window * 2, kWindowBytesMax);
    } else if (count > 1) {
      const RawRecord& last = pending[pending_begin + count - 1];
      const auto bytes = static_cast<size_t>(last.data + last.size - pending[pending_begin].data);
      window = std::min(window, bytes) / 4;
    } else {
      rows.Reserve(1);
      Decide(pending[pending_begin++]);
      window = std::max(window, kWindowBytesMin);
    }
  }
}

bool Walker::Impl::FillWindow(RecordCursor& cursor) {
  if (pending_begin < pending.size()) return true;
  pending.clear();
  pending_begin = 0;
  RawRecord record;
  for (size_t bytes = 0; bytes < kWindowBytesMax && !cursor_done; bytes += record.size + 1) {
    cursor_done = !cursor.Next(&record);
    if (!cursor_done) pending.push_back(record);
  }
  return !pending.empty();
}

// How many of the pending records, at least one, lie close enough together to be one window.
size_t Walker::Impl::WindowRecords(size_t bytes_max) const {
  const char* const begin = pending[pending_begin].data;
  size_t count = 1;
  for (size_t i = pending_begin + 1; i < pending.size(); ++i, ++count) {
    const RawRecord& before = pending[i - 1];
    const RawRecord& record = pending[i];
    const char* const end = before.data + before.size;
    if (record.data < end || static_cast<size_t>(record.data - end) > kGapBytesMax) break;
    if (static_cast<size_t>(record.data + record.size - begin) > bytes_max) break;
  }
  return count;
}

// False: the text between first and last record is broken somewhere, and nothing was decided.
bool Walker::Impl::WalkWindow(size_t count) {
  const RawRecord* record = &pending[pending_begin];
  const RawRecord* const last = record + count - 1;
  const char* const base = record->data;
  const auto size = static_cast<size_t>(last->data + last->size - base);
  if (size > kFastRecordBytesMax || !index.Build(base, size)) return false;
  rows.Reserve(count);
  fast.BeginWindow(base, std::memchr(base, '\\', size) != nullptr);
  const uint32_t* at = index.begin();
  for (; record <= last; ++record) {
    if (!WalkRecord(*record, base, &at)) Decide(*record);
  }
  return true;
}

// `at` is moved to the record's first token, and behind it when it was accepted.
bool Walker::Impl::WalkRecord(const RawRecord& record, const char* base, const uint32_t** at) {
  const auto begin = static_cast<uint32_t>(record.data - base);
  const uint32_t* first = *at;
  while (*first < begin) ++first;
  *at = first;
  // Bytes before the first token that are not white space: a string that began before the record reaches into it.
  for (const char* before = record.data; before < base + *first; ++before) {
    if (!IsSpace(*before)) return false;
  }
  rows.BeginRow();
  const uint32_t* const behind = fast.Record(first, begin + record.size);
  if (behind == nullptr) return false;
  rows.CommitRow(record.offset);
  *at = behind;
  ++result.records;
  ++result.walked_fast;
  return true;
}

void Walker::Impl::Decide(const RawRecord& record) {
  ++result.records;
  rows.BeginRow();
  std::vector<Reason> reasons;
  const auto value = document.Parse(record.view());
  if (!value) {
    reasons.push_back({"", "dh:json", value.error().message});
  } else if (contract->is_raw()) {
    const std::string_view text = Trimmed(record.view());
    rows.Put<false>(0, record::Bytes{text.data(), static_cast<uint32_t>(text.size())}, int16_t{1}, int16_t{0});
  } else if (Validate(contract->schemas().root(), **value, validate, &reasons)) {
    appender.Append(plan.mapping->root, **value, 0, record.view(), &reasons);
  }
  if (reasons.empty()) {
    rows.CommitRow(record.offset);
  } else {
    result.rejected.push_back({record.offset, record.view(), std::move(reasons)});
  }
}

}  // namespace datahub::contract
