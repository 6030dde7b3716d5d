#include "datahub/source/compliance.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

namespace datahub::source {
namespace {

using Failures = std::vector<std::string>;
using Positions = std::map<std::string, std::string>;
using Chunks = std::vector<std::shared_ptr<record::Chunk>>;

// More chunks than this without an end is a reader that never drains.
constexpr size_t kChunksMax = 100'000;
constexpr ReaderOptions kSmall{.chunk_bytes = 256, .record_bytes_max = 64 << 10};

std::vector<std::string> Numbered(int from, int to) {
  std::vector<std::string> records;
  for (int i = from; i < to; ++i) {
    records.push_back(fmt::format(R"({{"number":{},"text":"{}"}})", i, std::string(i % 40, 'x')));
  }
  return records;
}

// Reads until the reader has nothing for now. Errors and endless readers go to `failures`.
Chunks Drain(Reader& reader, Failures& failures) {
  Chunks chunks;
  while (chunks.size() < kChunksMax) {
    Result<std::shared_ptr<record::Chunk>> chunk = reader.Next();
    if (!chunk) {
      failures.push_back(fmt::format("Next failed: {}", chunk.error().ToString()));
      return chunks;
    }
    if (!*chunk) return chunks;
    chunks.push_back(*std::move(chunk));
  }
  failures.push_back(fmt::format("not drained after {} chunks", kChunksMax));
  return chunks;
}

std::vector<Delivered> RecordsOf(const Chunks& chunks, size_t from = 0) {
  std::vector<Delivered> all;
  for (size_t i = from; i < chunks.size(); ++i) {
    std::vector<Delivered> records = source::RecordsOf(*chunks[i]);
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

// Shards may take turns as they like, and one of which nothing is committed may have another name in another life; within
// one, order counts.
std::vector<Delivered> Comparable(const std::vector<Delivered>& records, const Positions& committed) {
  std::map<std::string, std::vector<Delivered>> shards;
  for (const Delivered& record : records) {
    Delivered& copy = shards[record.shard].emplace_back(record);
    if (!committed.contains(record.shard)) copy.shard = "(new)";
  }
  std::vector<std::vector<Delivered>> sorted;
  for (auto& [name, of_shard] : shards) sorted.push_back(std::move(of_shard));
  std::ranges::sort(sorted);
  std::vector<Delivered> all;
  for (const std::vector<Delivered>& of_shard : sorted) all.insert(all.end(), of_shard.begin(), of_shard.end());
  return all;
}

Positions After(const Chunks& chunks, size_t count) {
  Positions positions;
  for (size_t i = 0; i < count; ++i) positions[chunks[i]->shard] = chunks[i]->position_after;
  return positions;
}

std::unique_ptr<Reader> Open(Rig& rig, const Positions& committed, const ReaderOptions& options, Failures& failures) {
  Result<std::unique_ptr<Reader>> reader = rig.Open(committed, options);
  if (reader) return *std::move(reader);
  failures.push_back(fmt::format("Open failed: {}", reader.error().ToString()));
  return nullptr;
}

std::string Shown(const Delivered& record) {
  return fmt::format("{} offset {} ({} bytes) {}", record.shard, record.offset, record.bytes.size(),
                     record.bytes.substr(0, 60));
}

void CompareRecords(std::string_view when, const std::vector<Delivered>& expected, const std::vector<Delivered>& got,
                    Failures& failures) {
  if (expected == got) return;
  const size_t same = std::ranges::mismatch(expected, got).in1 - expected.begin();
  failures.push_back(fmt::format("{}: {} records expected, {} came; first difference at {}: expected {}, came {}", when,
                                 expected.size(), got.size(), same,
                                 same < expected.size() ? Shown(expected[same]) : "nothing",
                                 same < got.size() ? Shown(got[same]) : "nothing"));
}

// The texts that came are those that were put, in any order of shards.
void CompareTexts(std::string_view when, std::vector<std::string> put, const std::vector<Delivered>& got,
                  Failures& failures) {
  std::vector<std::string> texts;
  for (const Delivered& record : got) texts.push_back(record.bytes);
  std::ranges::sort(put);
  std::ranges::sort(texts);
  if (put == texts) return;
  std::vector<std::string> lost, extra;
  std::ranges::set_difference(put, texts, std::back_inserter(lost));
  std::ranges::set_difference(texts, put, std::back_inserter(extra));
  failures.push_back(fmt::format("{}: {} lost (first: {}), {} twice or altered (first: {})", when, lost.size(),
                                 lost.empty() ? "" : lost[0].substr(0, 60), extra.size(),
                                 extra.empty() ? "" : extra[0].substr(0, 60)));
}

void CheckOrder(const std::vector<Delivered>& records, Failures& failures) {
  std::map<std::string, uint64_t> last;
  for (const Delivered& record : records) {
    const auto [at, first] = last.try_emplace(record.shard, record.offset);
    if (!first && record.offset <= at->second) {
      failures.push_back(fmt::format("offsets do not increase: {} after {}", Shown(record), at->second));
    }
    at->second = record.offset;
  }
}

// Opened at the position behind any chunk, a reader hands out what followed, records put meanwhile too.
Failures RestartAtEveryPoint(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(Numbered(0, 60));
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  Chunks chunks = Drain(*reader, failures);
  rig->Put(Numbered(60, 80));
  const Chunks later = Drain(*reader, failures);
  chunks.insert(chunks.end(), later.begin(), later.end());
  CompareTexts("read in two goes", Numbered(0, 80), RecordsOf(chunks), failures);
  for (size_t count = 0; count <= chunks.size() && failures.empty(); ++count) {
    const Positions committed = After(chunks, count);
    std::unique_ptr<Reader> next = Open(*rig, committed, kSmall, failures);
    if (!next) return failures;
    CompareRecords(fmt::format("restarted behind chunk {}", count), Comparable(RecordsOf(chunks, count), committed),
                   Comparable(RecordsOf(Drain(*next, failures)), committed), failures);
  }
  return failures;
}

// Nothing comes twice: not in one life, not after it was acknowledged, not by acknowledging again.
Failures DuplicateDelivery(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(Numbered(0, 50));
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  const Chunks chunks = Drain(*reader, failures);
  CheckOrder(RecordsOf(chunks), failures);
  CompareTexts("first reading", Numbered(0, 50), RecordsOf(chunks), failures);
  if (chunks.empty()) return failures;
  for (const Positions& positions : {After(chunks, chunks.size()), After(chunks, 1), After(chunks, chunks.size())}) {
    const Result<void> acknowledged = reader->Acknowledge(positions);
    if (!acknowledged) failures.push_back(fmt::format("Acknowledge failed: {}", acknowledged.error().ToString()));
    CompareRecords("read on after acknowledging", {}, RecordsOf(Drain(*reader, failures)), failures);
  }
  reader = Open(*rig, After(chunks, chunks.size()), kSmall, failures);
  if (reader) CompareRecords("opened where all is committed", {}, RecordsOf(Drain(*reader, failures)), failures);
  return failures;
}

// Any bytes are a record: handed out as they are, in their place; one that is too long is handed out cut, and says so.
Failures BadRecord(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  std::vector<std::string> records = {R"({"good":1})", R"({"broken":)",
                                      "\"\xff\xfe\"",  R"({"good":2})",
                                      "nonsense",      fmt::format(R"({{"long":"{}"}})", std::string(5000, 'y')),
                                      R"({"good":3})"};
  if (rig->takes_any_bytes()) {
    records.insert(records.end(), {std::string("a\0b", 3), "]", "{}}", "\"open", R"({"good":4})"});
  } else {
    std::erase(records, R"({"broken":)");
  }
  rig->Put(records);
  rig->Put(std::vector<std::string>{fmt::format(R"({{"huge":"{}"}})", std::string(100 << 10, 'z')), R"({"good":5})"});
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  std::vector<Delivered> got = RecordsOf(Drain(*reader, failures));
  CheckOrder(got, failures);
  const auto huge = std::ranges::find_if(got, [](const Delivered& one) { return one.cut_from > 0; });
  if (huge == got.end() || !huge->bytes.starts_with(R"({"huge":)") || huge->bytes.size() > kSmall.record_bytes_max ||
      huge->cut_from < (100 << 10)) {
    failures.push_back("a record longer than record_bytes_max did not come cut and marked with cut_from");
  } else {
    got.erase(huge);
  }
  records.push_back(R"({"good":5})");
  CompareTexts("good and bad records", records, got, failures);
  return failures;
}

// A consumer that takes its time costs no memory: nothing is read ahead, and what was handed out is let go.
Failures SlowConsumer(const RigFactory& factory) {
  constexpr size_t kHeldMax = 4 << 20;  // a decompressor's window is no growth
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(std::vector<std::string>(8000, fmt::format(R"({{"text":"{}"}})", std::string(1000, 'x'))));
  const ReaderOptions options{.chunk_bytes = 64 << 10, .record_bytes_max = 1 << 20};
  std::unique_ptr<Reader> reader = Open(*rig, {}, options, failures);
  if (!reader) return failures;
  const auto in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };  // zeros under a sanitizer
  std::vector<std::weak_ptr<record::Buffer>> handed_out;
  const size_t before = in_use();
  size_t most = before;
  while (true) {
    const Result<std::shared_ptr<record::Chunk>> chunk = reader->Next();
    if (!chunk || !*chunk) break;
    if ((*chunk)->bytes.size() > options.chunk_bytes) {
      failures.push_back(
          fmt::format("a chunk holds {} bytes, chunk_bytes is {}", (*chunk)->bytes.size(), options.chunk_bytes));
      return failures;
    }
    handed_out.push_back((*chunk)->buffer);
    most = std::max<size_t>(most, in_use());
  }
  if (handed_out.size() < 8'000'000 / options.chunk_bytes) failures.push_back("not all records came");
  const auto held = std::ranges::count_if(handed_out, [](const auto& buffer) { return !buffer.expired(); });
  if (held > 2) failures.push_back(fmt::format("{} buffers are held though nobody looks into them", held));
  if (most - before > kHeldMax) {
    failures.push_back(fmt::format("{} bytes were held at once though one chunk at a time was taken", most - before));
  }
  return failures;
}

// Stop from another thread ends reading soon; what was handed out until then is a good place to go on from.
Failures StopInFlight(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(Numbered(0, 200));
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  Chunks chunks;
  std::optional<Error> ended;
  std::atomic<bool> stopped = false;
  {
    std::jthread reading([&] {
      for (int calls_after = 0; calls_after < 3; calls_after += stopped ? 1 : 0) {
        Result<std::shared_ptr<record::Chunk>> chunk = reader->Next();
        if (!chunk) {
          ended = chunk.error();
          return;
        }
        if (*chunk) chunks.push_back(*std::move(chunk));
      }
    });
    reader->Stop();
    stopped = true;
  }
  if (!ended || ended->code != Code::kShuttingDown) {
    failures.push_back(fmt::format("Next after Stop: {} instead of ShuttingDown",
                                   ended ? ended->ToString() : fmt::format("{} chunks", chunks.size())));
    return failures;
  }
  const Result<std::shared_ptr<record::Chunk>> again = reader->Next();
  if (again || again.error().code != Code::kShuttingDown) failures.push_back("Next works again after Stop");
  std::unique_ptr<Reader> next = Open(*rig, After(chunks, chunks.size()), kSmall, failures);
  if (!next) return failures;
  std::vector<Delivered> got = RecordsOf(chunks);
  const std::vector<Delivered> rest = RecordsOf(Drain(*next, failures));
  got.insert(got.end(), rest.begin(), rest.end());
  CompareTexts("stopped and read on", Numbered(0, 200), got, failures);
  return failures;
}

void CheckShape(const record::Chunk& chunk, const Rig& rig, Failures& failures) {
  const auto wrong = [&](std::string_view what) {
    failures.push_back(fmt::format("a chunk of {}: {}", chunk.shard, what));
  };
  if (chunk.source != rig.name()) wrong(fmt::format("its source is '{}', not '{}'", chunk.source, rig.name()));
  if (chunk.shard.empty()) wrong("no shard");
  if (chunk.position_after.empty()) wrong("no position_after");
  if (chunk.received_at_us <= 0) wrong("no received_at_us");
  if (!chunk.buffer || chunk.bytes.data() < chunk.buffer->data() ||
      chunk.bytes.data() + chunk.bytes.size() > chunk.buffer->data() + chunk.buffer->capacity()) {
    wrong("its bytes are not inside its buffer, so no padding is behind them");
  }
  if (!chunk.offsets.empty() && chunk.offsets.size() != chunk.records.size()) wrong("not an offset a record");
  for (const record::Span& span : chunk.records) {
    if (uint64_t(span.begin) + span.size > chunk.bytes.size()) wrong("a record lies outside of its bytes");
  }
}

// What people and the progress bar are told: whole chunks, notices said once, bytes ahead that come down to nothing.
Failures Metrics(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(Numbered(0, 100));
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  uint64_t ahead = UINT64_MAX;
  for (size_t chunks = 0; chunks < kChunksMax; ++chunks) {
    const Result<std::shared_ptr<record::Chunk>> chunk = reader->Next();
    if (!chunk || !*chunk) break;
    CheckShape(**chunk, *rig, failures);
    if (reader->BytesAhead() > ahead) failures.push_back("BytesAhead grew though nothing was put");
    ahead = reader->BytesAhead();
  }
  if (reader->BytesAhead() != 0) failures.push_back(fmt::format("drained, and {} bytes ahead", reader->BytesAhead()));
  for (const Notice& notice : reader->TakeNotices()) {
    if (notice.kind.empty() || notice.message.empty()) failures.push_back("a notice without kind or message");
  }
  if (!reader->TakeNotices().empty()) failures.push_back("notices were taken, and are there again");
  Drain(*reader, failures);
  if (!reader->TakeNotices().empty()) failures.push_back("nothing happened, and there is a notice");
  return failures;
}

// What lies behind a reader is what it handed out, or what it was opened at; nothing else.
Failures HasRead(const RigFactory& factory) {
  Failures failures;
  const std::unique_ptr<Rig> rig = factory();
  rig->Put(Numbered(0, 60));
  std::unique_ptr<Reader> reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  const Chunks chunks = Drain(*reader, failures);
  const auto check = [&](const Reader& asked, size_t chunk, bool expected, std::string_view when) {
    const auto& [shard, position] = std::tie(chunks[chunk]->shard, chunks[chunk]->position_after);
    if (asked.HasRead(shard, position) == expected) return;
    failures.push_back(
        fmt::format("{}: HasRead of chunk {} ({} {}) is not {}", when, chunk, shard, position, expected));
  };
  // A chunk without records may say what was read before.
  const auto later = [&](size_t chunk) { return !source::RecordsOf(*chunks[chunk]).empty(); };
  reader = Open(*rig, {}, kSmall, failures);
  if (!reader) return failures;
  for (size_t count = 0; count <= chunks.size(); ++count) {
    const Result<std::shared_ptr<record::Chunk>> next = count > 0 ? reader->Next() : std::shared_ptr<record::Chunk>();
    if (!next) failures.push_back(fmt::format("Next failed: {}", next.error().ToString()));
    const std::unique_ptr<Reader> opened = Open(*rig, After(chunks, count), kSmall, failures);
    if (!next || !opened) return failures;
    for (size_t i = 0; i < chunks.size(); ++i) {
      if (i >= count && !later(i)) continue;
      check(*reader, i, i < count, fmt::format("{} chunks handed out", count));
      check(*opened, i, i < count, fmt::format("opened behind {} chunks", count));
    }
  }
  for (const auto& chunk : chunks) {
    if (!reader->HasRead(chunk->shard, "")) failures.push_back("HasRead of position \"\" is false");
    if (reader->HasRead(chunk->shard, "{nonsense")) failures.push_back("HasRead of what is no position is true");
  }
  return failures;
}

constexpr ComplianceCase kCases[] = {
    {"restart_at_every_point", "a reader opened at any position hands out exactly what follows", &RestartAtEveryPoint},
    {"duplicate_delivery", "nothing is handed out twice", &DuplicateDelivery},
    {"bad_record", "any bytes are a record", &BadRecord},
    {"slow_consumer", "memory does not grow with what was put or handed out", &SlowConsumer},
    {"stop_in_flight", "Stop ends reading, and nothing is lost by it", &StopInFlight},
    {"has_read", "what lies behind a reader is what it handed out or was opened at", &HasRead},
    {"metrics", "chunks, notices and bytes ahead say what is so", &Metrics},
};

}  // namespace

std::vector<Delivered> RecordsOf(const record::Chunk& chunk) {
  std::vector<Delivered> records;
  const auto add = [&](uint64_t offset, std::string_view bytes) {
    records.push_back({chunk.shard, offset, std::string(bytes), chunk.cut_from});
  };
  for (size_t i = 0; i < chunk.records.size(); ++i) {
    const uint64_t offset = chunk.offsets.empty() ? chunk.first_offset + i : chunk.offsets[i];
    add(offset, chunk.bytes.substr(chunk.records[i].begin, chunk.records[i].size));
  }
  if (!chunk.records.empty()) return records;
  for (size_t begin = 0; begin < chunk.bytes.size();) {
    const size_t end = std::min(chunk.bytes.find('\n', begin), chunk.bytes.size());
    std::string_view line = chunk.bytes.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) add(chunk.first_offset + begin, line);
    begin = end + 1;
  }
  return records;
}

std::span<const ComplianceCase> ComplianceCases() { return kCases; }

std::vector<std::string> RunCompliance(const RigFactory& factory) {
  std::vector<std::string> failures;
  for (const ComplianceCase& one : kCases) {
    for (const std::string& failure : one.run(factory)) failures.push_back(fmt::format("{}: {}", one.name, failure));
  }
  return failures;
}

}  // namespace datahub::source
