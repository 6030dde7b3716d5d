// parquet_bench [rows [in-order | picked]]: what the Parquet writer does with events of the demo's shape, in memory, on one thread: whole
// batches in order, and single rows picked for 28 partitions. Bytes go nowhere.

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <random>

#include "datahub/lake/parquet/file_writer.h"

namespace {

using namespace datahub;  // NOLINT(google-build-using-namespace)
using lake::parquet::FileSchema;
using lake::parquet::FileWriter;
using lake::parquet::RowRange;
using lake::parquet::Selection;
using record::Field;
using record::Kind;

constexpr size_t kChunkRows = 18'000;  // about 4 MiB of events
constexpr size_t kChunks = 16;         // buffered before a row group is written: 64 MiB
constexpr size_t kPartitions = 28;

// This thread's time on a core: other work on the machine does not count.
double Now() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Field Column(std::string name, Kind kind, int id) {
  Field field;
  field.name = std::move(name);
  field.kind = kind;
  field.id = id;
  return field;
}

FileSchema EventSchema() {
  FileSchema schema;
  Field address = Column("address", Kind::kStruct, 5);
  address.children = {Column("street", Kind::kString, 6), Column("number", Kind::kInt64, 7),
                      Column("mailAddress", Kind::kBool, 8)};
  schema.schema.fields = {Column("eid", Kind::kString, 1),
                          Column("documentNumber", Kind::kString, 2),
                          Column("name", Kind::kString, 3),
                          Column("age", Kind::kInt64, 4),
                          address,
                          Column("created_at", Kind::kTimestamp, 9)};
  schema.stored.assign(schema.schema.fields.size(), true);
  return schema;
}

struct Batch {
  record::Columns columns;
  size_t json_bytes = 0;
  std::array<std::vector<RowRange>, kPartitions> by_partition;
};

// Events as JSON in a chunk, strings of the columns looking into it, as the walk leaves them.
class EventMaker {
 public:
  Batch Make(const FileSchema& schema) {
    Batch batch;
    record::Columns& columns = batch.columns;
    columns.rows = kChunkRows;
    columns.contract_version = 1;
    columns.arena = std::make_shared<record::Arena>();
    for (const record::Leaf& leaf : LeavesOf(schema.schema)) {
      record::LeafColumn column;
      column.kind = leaf.kind;
      column.max_definition = leaf.max_definition;
      column.definition.assign(kChunkRows, leaf.max_definition);
      columns.leaves.push_back(std::move(column));
    }
    auto chunk = std::make_shared<record::Chunk>();
    chunk->source = "users_inbox";
    chunk->shard = "inbox/users/events-0001.ndjson";
    chunk->received_at_us = 1'767'225'600'000'000;
    chunk->buffer = std::make_shared<record::Buffer>(kChunkRows * 300);
    columns.chunk = chunk;
    at_ = chunk->buffer->data();
    const char* const begin = at_;
    for (size_t row = 0; row < kChunkRows; ++row) {
      columns.offsets.push_back(offset_ + static_cast<uint64_t>(at_ - begin));
      Event(columns);
      const auto picked = static_cast<uint32_t>(row);
      batch.by_partition[random_() % kPartitions].push_back({picked, picked + 1});
    }
    batch.json_bytes = static_cast<size_t>(at_ - begin);
    offset_ += batch.json_bytes;
    return batch;
  }

 private:
  void Event(record::Columns& columns) {
    const uint64_t a = random_();
    const uint64_t b = random_();
    Put("{\"eid\":\"");
    String(columns.leaves[0], fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a >> 16 & 0xFFFF,
                                          a >> 4 & 0xFFF, b >> 52, b & 0xFFFFFFFFFFFF));
    Put("\",\"documentNumber\":\"");
    String(columns.leaves[1], fmt::format("{:011}", random_() % 100'000'000'000));
    Put("\",\"name\":\"");
    String(columns.leaves[2], fmt::format("Person Number{}", random_() % 200));
    const uint64_t age = 18 + random_() % 73;
    columns.leaves[3].int64s.push_back(static_cast<int64_t>(age));
    Put(fmt::format("\",\"age\":{},\"address\":{{\"street\":\"", age));
    String(columns.leaves[4], fmt::format("Long Street Name {}", random_() % 500));
    const uint64_t number = 1 + random_() % 2000;
    columns.leaves[5].int64s.push_back(static_cast<int64_t>(number));
    const bool mail = random_() % 2 == 0;
    columns.leaves[6].bools.push_back(mail);
    Put(fmt::format("\",\"number\":{},\"mailAddress\":{}}},\"created_at\":\"", number, mail));
    columns.leaves[7].int64s.push_back(1'767'225'600'000'000 + static_cast<int64_t>(random_() % 2'419'200'000) * 1000);
    Put("2026-01-01T00:00:00.000Z\"}\n");
  }
  void String(record::LeafColumn& column, const std::string& text) {
    column.bytes.push_back({at_, static_cast<uint32_t>(text.size())});
    Put(text);
  }
  void Put(std::string_view text) {
    std::copy(text.begin(), text.end(), at_);
    at_ += text.size();
  }

  std::mt19937_64 random_{42};
  uint64_t offset_ = 0;
  char* at_ = nullptr;
};

void Must(const Result<void>& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().ToString());
  std::exit(1);
}

struct Totals {
  size_t rows = 0;
  size_t json_bytes = 0;
  size_t file_bytes = 0;
  double seconds = 0;
};

void Print(std::string_view name, const Totals& totals, const lake::parquet::Scratch& scratch) {
  const double compress = static_cast<double>(scratch.compress_us()) / 1e6;
  const auto rows = static_cast<double>(totals.rows);
  fmt::print(
      "{:<22} {:5.2f} M rows/s {:5.0f} MB/s of JSON  {:.3f} s: zstd {:.3f}, encode {:.3f}   {:.1f} bytes a row\n", name,
      rows / totals.seconds / 1e6, static_cast<double>(totals.json_bytes) / totals.seconds / 1e6, totals.seconds,
      compress, totals.seconds - compress, static_cast<double>(totals.file_bytes) / rows);
}

// One file, a row group a round.
Totals InOrder(const FileSchema& schema, const std::vector<Batch>& batches, size_t rounds,
               lake::parquet::Scratch& scratch) {
  Totals totals;
  const double begin = Now();
  const auto sink = [&](std::string_view bytes) -> Result<void> {
    totals.file_bytes += bytes.size();
    return {};
  };
  FileWriter writer(schema, {}, sink, &scratch);
  const std::vector<RowRange> all = {{0, kChunkRows}};
  std::vector<Selection> selections;
  for (const Batch& batch : batches) selections.push_back({&batch.columns, all});
  for (size_t round = 0; round < rounds; ++round) {
    Must(writer.WriteRowGroup(selections));
    for (const Batch& batch : batches) totals.json_bytes += batch.json_bytes;
    totals.rows += batches.size() * kChunkRows;
  }
  Must(writer.Finish());
  totals.seconds = Now() - begin;
  return totals;
}

// A file a partition; each gets a small row group a round.
Totals Picked(const FileSchema& schema, const std::vector<Batch>& batches, size_t rounds,
              lake::parquet::Scratch& scratch) {
  Totals totals;
  const double begin = Now();
  const auto sink = [&](std::string_view bytes) -> Result<void> {
    totals.file_bytes += bytes.size();
    return {};
  };
  std::vector<std::unique_ptr<FileWriter>> writers;
  for (size_t i = 0; i < kPartitions; ++i) {
    writers.push_back(std::make_unique<FileWriter>(schema, lake::parquet::FileOptions{}, sink, &scratch));
  }
  for (size_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < kPartitions; ++i) {
      std::vector<Selection> selections;
      for (const Batch& batch : batches) selections.push_back({&batch.columns, batch.by_partition[i]});
      Must(writers[i]->WriteRowGroup(selections));
    }
    for (const Batch& batch : batches) totals.json_bytes += batch.json_bytes;
    totals.rows += batches.size() * kChunkRows;
  }
  for (const auto& writer : writers) Must(writer->Finish());
  totals.seconds = Now() - begin;
  return totals;
}

}  // namespace

int main(int argc, char** argv) {
  const size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const size_t rounds = rows / (kChunkRows * kChunks) + 1;
  const FileSchema schema = EventSchema();
  EventMaker maker;
  std::vector<Batch> batches;
  for (size_t i = 0; i < kChunks; ++i) batches.push_back(maker.Make(schema));
  const std::string_view only = argc > 2 ? argv[2] : "";
  for (int repeat = 0; repeat < 3; ++repeat) {
    lake::parquet::Scratch scratch_in_order;
    if (only != "picked") Print("in order", InOrder(schema, batches, rounds, scratch_in_order), scratch_in_order);
    lake::parquet::Scratch scratch_picked;
    if (only != "in-order")
      Print("picked, 28 partitions", Picked(schema, batches, rounds, scratch_picked), scratch_picked);
  }
  return 0;
}
