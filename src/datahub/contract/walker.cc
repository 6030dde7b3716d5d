#include <algorithm>
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

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsJsonSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsJsonSpace(text.back())) text.remove_suffix(1);
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
  bool WalkRecord(const RecordWindow& window, const RawRecord& record, const uint32_t** at);
  void Decide(const RawRecord& record);

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

  WalkResult result;
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
         fmt::format("the record has at least {} bytes, more than a record may have; the first {} are kept",
                     chunk.cut_from, record.size)}}});
}

void Walker::Impl::WalkExactly(const record::Chunk& chunk) {
  RecordCursor cursor(chunk);
  for (RawRecord record; cursor.Next(&record);) {
    rows.Reserve(1);
    Decide(record);
  }
}

void Walker::Impl::WalkFast(const record::Chunk& chunk) {
  windows.Begin(chunk);
  for (RecordWindow window; windows.Next(&window);) {
    rows.Reserve(window.records.size());
    if (window.tokens == nullptr) {
      Decide(window.records[0]);
      continue;
    }
    fast.BeginWindow(window.base, window.has_escapes);
    const uint32_t* at = window.tokens;
    for (const RawRecord& record : window.records) {
      if (!WalkRecord(window, record, &at)) Decide(record);
    }
  }
}

bool Walker::Impl::WalkRecord(const RecordWindow& window, const RawRecord& record, const uint32_t** at) {
  const uint32_t* const first = window.FirstToken(record, *at);
  if (first == nullptr) return false;
  *at = first;
  rows.BeginRow();
  const uint32_t* const behind = fast.Record(first, window.EndOf(record));
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
