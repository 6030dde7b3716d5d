#include "datahub/app/quarantine_reader.h"

#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "datahub/app/answer_output.h"
#include "datahub/base/json.h"
#include "datahub/record/chunk.h"

namespace datahub::app {
namespace {

constexpr size_t kChunkBytes = 4u << 20;

int HexDigit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

Result<uint64_t> NumberOf(std::string_view text) {
  uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc())
    return Error{Code::kCorruption, fmt::format("'{}' in the quarantine is not a number", text)};
  return number;
}

// Records of one source, shard and time of receipt, until another's come or it is full.
class Gatherer {
 public:
  explicit Gatherer(const pipeline::Pipeline::ChunkSink& sink) : sink_(sink) {}

  // One row as the query gives it: source, shard, offset, received at (µs), bytes in hexadecimal, the
  // length it was cut from or 0.
  Result<void> Add(const json::Value& row) {
    const std::string_view source = row.Find("source")->text;
    const std::string_view shard = row.Find("shard")->text;
    const uint64_t offset = DH_TRY(NumberOf(row.Find("at")->text));
    const uint64_t received_at = DH_TRY(NumberOf(row.Find("received")->text));
    const std::string_view hex = row.Find("raw")->text;
    const uint64_t cut_from = DH_TRY(NumberOf(row.Find("cut_from")->text));
    const bool same = cut_from == 0 && source == source_ && shard == shard_ && received_at == received_at_;
    if (!same || bytes_.size() + hex.size() / 2 > kChunkBytes) DH_TRY(Flush());
    source_ = source;
    shard_ = shard;
    received_at_ = received_at;
    records_.push_back({static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(hex.size() / 2)});
    offsets_.push_back(offset);
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      bytes_ += static_cast<char>(HexDigit(hex[i]) * 16 + HexDigit(hex[i + 1]));
    bytes_ += '\n';
    return cut_from == 0 ? Result<void>() : Flush(cut_from);
  }

  // `cut_from`: the one record that waits was this long and is cut: it is rejected again.
  Result<void> Flush(uint64_t cut_from = 0) {
    if (records_.empty()) return {};
    auto chunk = std::make_shared<record::Chunk>();
    chunk->buffer = std::make_shared<record::Buffer>(bytes_.size());
    std::memcpy(chunk->buffer->data(), bytes_.data(), bytes_.size());
    std::memset(chunk->buffer->data() + bytes_.size(), 0, record::Buffer::kPadding);
    chunk->bytes = {chunk->buffer->data(), bytes_.size()};
    chunk->records = std::exchange(records_, {});
    chunk->offsets = std::exchange(offsets_, {});
    chunk->first_offset = chunk->offsets.front();
    chunk->source = source_;
    chunk->shard = shard_;
    chunk->cut_from = cut_from;
    chunk->received_at_us = static_cast<int64_t>(received_at_);
    bytes_.clear();
    return sink_(std::move(chunk));
  }

 private:
  const pipeline::Pipeline::ChunkSink& sink_;
  std::string source_;
  std::string shard_;
  uint64_t received_at_ = 0;
  std::string bytes_;
  std::vector<record::Span> records_;
  std::vector<uint64_t> offsets_;
};

}  // namespace

Result<void> ReadQuarantine(const Workspace& workspace, const SomeFiles& files,
                            const pipeline::Pipeline::ChunkSink& sink) {
  const std::string sql = fmt::format(
      "SELECT dh_source AS source, dh_shard AS shard, dh_offset AS at, epoch_us(dh_received_at)::VARCHAR AS received, "
      "hex(raw) AS raw, "
      "coalesce(nullif(regexp_extract(list_filter(reasons, r -> r.keyword = 'dh:size')[1].message, 'has (?:at least "
      ")?([0-9]+) bytes', "
      "1), ''), '0') AS cut_from "
      "FROM {} ORDER BY dh_source, dh_shard, dh_received_at, dh_offset",
      files.table);
  Gatherer gatherer(sink);
  json::Document document;
  std::string line;
  const auto take = [&](std::string_view text) -> Result<void> {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      line += text.substr(0, end);
      if (end == std::string_view::npos) return {};
      text.remove_prefix(end + 1);
      const json::Value* row = DH_TRY(document.Parse(line));
      DH_TRY(gatherer.Add(*row));
      line.clear();
    }
    return {};
  };
  query::OutputOptions output;
  output.format = query::Format::kJson;
  DH_TRY(Ask(workspace, sql, output, take, &files));
  return gatherer.Flush();
}

}  // namespace datahub::app
