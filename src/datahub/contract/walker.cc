#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "datahub/contract/ascii.h"
#include "datahub/contract/contract.h"
#include "datahub/contract/fast_walk.h"
#include "datahub/contract/plan.h"
#include "datahub/contract/record_windows.h"

namespace datahub::contract {
namespace {

constexpr size_t kRecycledMax = 64;
constexpr size_t kRecycledBytesMax = 48u << 20;

// What judging a large record takes is had once in the process, and not kept: its tokens, where it is larger than a chunk
// usually is, and a tree of its values.
constexpr size_t kLargeBytes = 4u << 20;
constexpr size_t kLargeTreeBytes = 256u << 10;
std::mutex g_large;

// Names and values of a record may be as long as it is.
constexpr size_t kReasonTextBytesMax = 2048;

void Shorten(std::string& text) {
  if (text.size() <= kReasonTextBytesMax) return;
  size_t size = kReasonTextBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // whole characters
  text.resize(size);
  text += "…";
  text.shrink_to_fit();
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsJsonSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsJsonSpace(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

struct Walker::Impl {
  Impl(std::shared_ptr<const Contract> from, Way way, size_t part_bytes_max_in)
      : part_bytes_max(part_bytes_max_in),
        contract(std::move(from)),
        plan(contract->plan()),
        walks_fast(plan.streams && way == Way::kFast),
        rows(record::LeavesOf(contract->columns()), part_bytes_max),
        appender(rows, contract->options().reject_excess_digits),
        fast(plan, contract->options(), rows) {
    validate.strict = contract->options().strict;
    validate.reasons_max = kReasonsMax;
  }

  std::shared_ptr<record::Columns> TakeColumns();
  void RejectCut(const record::Chunk& chunk);
  // Both: whether the part is full; else the chunk is at its end.
  // All records the exhaustive way.
  bool WalkExactly();
  // The fast way, windows of whole records; what it does not decide the exhaustive way.
  bool WalkFast();
  bool WalkRecord(const RawRecord& record);
  void Decide(const RawRecord& record);
  void Reject(const RawRecord& record, std::vector<Reason> reasons);
  bool IsFull() const { return rows.is_full() || rejected_bytes >= part_bytes_max; }

  const size_t part_bytes_max;
  std::shared_ptr<const Contract> contract;
  const Contract::Plan& plan;
  const bool walks_fast;
  RowBuilder rows;
  Appender appender;
  FastWalk fast;
  ValidateOptions validate;
  RecordWindows windows;
  json::Document document;
  std::vector<std::shared_ptr<record::Columns>> recycled;
  size_t recycled_bytes = 0;

  // The chunk being walked, and how far.
  std::shared_ptr<const record::Chunk> current;
  std::optional<RecordCursor> exact;  // of the exhaustive way
  bool is_large = false;              // g_large is held
  RecordWindow window;
  size_t walked = 0;             // of the window's records
  const uint32_t* at = nullptr;  // its token

  WalkResult result;
  size_t rejected_bytes = 0;
};

Walker::Walker(std::shared_ptr<const Contract> contract, Way way, size_t part_bytes_max)
    : impl_(std::make_unique<Impl>(std::move(contract), way, part_bytes_max)) {}
Walker::~Walker() = default;

WalkResult Walker::Walk(std::shared_ptr<const record::Chunk> chunk) {
  Impl& impl = *impl_;
  impl.exact.emplace(*chunk);
  impl.windows.Begin(*chunk);
  impl.window = {};
  impl.walked = 0;
  impl.current = std::move(chunk);
  return Next();
}

WalkResult Walker::Next() {
  Impl& impl = *impl_;
  DH_ASSERT(impl.current != nullptr);
  impl.is_large = impl.current->bytes.size() > kLargeBytes;
  std::unique_lock<std::mutex> large;
  if (impl.is_large) large = std::unique_lock(g_large);
  impl.result = WalkResult{};
  impl.rejected_bytes = 0;
  impl.result.accepted = impl.TakeColumns();
  record::Columns& columns = *impl.result.accepted;
  columns.contract_version = impl.contract->version();
  impl.rows.Attach(columns);
  if (impl.current->cut_from != 0) {
    impl.RejectCut(*impl.current);
  } else {
    impl.result.more = impl.walks_fast ? impl.WalkFast() : impl.WalkExactly();
  }
  impl.rows.Detach();
  columns.chunk = impl.current;
  if (!impl.result.more) impl.current.reset();
  if (impl.is_large && !impl.result.more) impl.windows.Free();
  return std::move(impl.result);
}

void Walker::Recycle(std::shared_ptr<record::Columns> columns) {
  if (columns == nullptr || columns.use_count() != 1 || impl_->recycled.size() >= kRecycledMax) return;
  if (!impl_->rows.Fits(*columns)) return;
  const size_t bytes = RowBuilder::BytesOf(*columns);
  if (bytes > impl_->part_bytes_max || impl_->recycled_bytes + bytes > kRecycledBytesMax) return;
  impl_->recycled_bytes += bytes;
  columns->chunk.reset();
  columns->arena.reset();
  columns->rows = 0;
  impl_->recycled.push_back(std::move(columns));
}

std::shared_ptr<record::Columns> Walker::Impl::TakeColumns() {
  if (recycled.empty()) return rows.NewColumns();
  std::shared_ptr<record::Columns> columns = std::move(recycled.back());
  recycled.pop_back();
  recycled_bytes -= RowBuilder::BytesOf(*columns);
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
         fmt::format("the record has at least {} bytes, more than a record may have; the first {} are kept",
                     chunk.cut_from, record.size)}}});
}

bool Walker::Impl::WalkExactly() {
  for (RawRecord record; !IsFull();) {
    if (!exact->Next(&record)) return false;
    rows.Reserve(1);
    Decide(record);
  }
  return true;
}

bool Walker::Impl::WalkFast() {
  rows.Reserve(window.records.size() - walked);  // of a window that a part before has begun
  while (!IsFull()) {
    if (walked == window.records.size()) {
      if (!windows.Next(&window, rows.rows_left())) return false;
      walked = 0;
      at = window.tokens;
      rows.Reserve(window.records.size());
      if (at != nullptr) fast.BeginWindow(window.base, window.has_escapes);
    }
    while (walked < window.records.size() && !IsFull()) {
      const RawRecord& record = window.records[walked++];
      if (at == nullptr || !WalkRecord(record)) Decide(record);
    }
  }
  return true;
}

bool Walker::Impl::WalkRecord(const RawRecord& record) {
  const uint32_t* const first = window.FirstToken(record, at);
  if (first == nullptr) return false;
  at = first;
  rows.BeginRow();
  const uint32_t* const behind = fast.Record(first, window.EndOf(record));
  if (behind == nullptr || rows.overflowed()) return false;
  rows.CommitRow(record.offset);
  at = behind;
  ++result.records;
  ++result.walked_fast;
  return true;
}

void Walker::Impl::Decide(const RawRecord& record) {
  ++result.records;
  rows.BeginRow();
  std::vector<Reason> reasons;
  const bool is_large_tree = record.size > kLargeTreeBytes;
  std::unique_lock<std::mutex> large;
  if (is_large_tree && !is_large) large = std::unique_lock(g_large);
  const auto value = document.Parse(record.view(), {.memory_max = kValuesBytesMax});
  if (!value) {
    reasons.push_back({"", value.error().code == Code::kLimit ? "dh:size" : "dh:json", value.error().message});
  } else if (contract->is_raw()) {
    const std::string_view text = Trimmed(record.view());
    rows.Put<false>(0, record::Bytes{text.data(), static_cast<uint32_t>(text.size())}, int16_t{1}, int16_t{0});
  } else if (Validate(contract->schemas().root(), **value, validate, &reasons)) {
    appender.Append(plan.mapping->root, **value, 0, record.view(), &reasons);
    if (reasons.empty() && rows.overflowed()) {
      reasons.push_back({"", "dh:size",
                         fmt::format("what its arrays and maps hold takes more than {} bytes as columns",
                                     RowBuilder::kRowLevelsBytesMax)});
    }
  }
  if (is_large_tree) document = {};
  if (reasons.empty()) {
    rows.CommitRow(record.offset);
  } else {
    Reject(record, std::move(reasons));
  }
}

void Walker::Impl::Reject(const RawRecord& record, std::vector<Reason> reasons) {
  rejected_bytes += sizeof(Rejected) + reasons.capacity() * sizeof(Reason);
  for (Reason& reason : reasons) {
    Shorten(reason.instance);
    Shorten(reason.message);
    rejected_bytes += reason.instance.size() + reason.keyword.size() + reason.message.size();
  }
  result.rejected.push_back({record.offset, record.view(), std::move(reasons)});
}

}  // namespace datahub::contract
