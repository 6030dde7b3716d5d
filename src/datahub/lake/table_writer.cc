#include "datahub/lake/table_writer.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/hash.h"
#include "datahub/lake/data_file_writer.h"
#include "datahub/lake/partition_index.h"
#include "datahub/lake/row_buffer.h"

namespace datahub::lake {
namespace {

// Over budget, what waits is written, largest partition first. Partitions smaller than a quarter of the average are kept,
// so that stragglers of many days do not become many tiny row groups, up to a quarter of the budget: they are copied
// together. Keeping more of evenly mixed partitions was tried: row groups hardly grow, and the copying costs.
constexpr size_t kSmallDivisor = 4;
constexpr size_t kKeptDivisor = 4;
// Above this share of the budget after that (rows of very different sizes), once more.
constexpr size_t kFullDivisor = 2;

// An open file keeps an entry a column and row group until its footer is written: thousands of columns in hundreds of
// partitions are gigabytes. Above this share of the budget, files are sealed.
constexpr size_t kFootersDivisor = 4;
constexpr size_t kFootersBytesMin = 1u << 20;
constexpr size_t kColumnEntryBytes = 320;  // about

parquet::FileSchema FileSchemaOf(const TableSpec& spec) {
  parquet::FileSchema schema{spec.schema, std::vector<bool>(spec.schema.fields.size(), true)};
  for (const PartitionField& field : spec.partition_by) {
    if (field.transform != Transform::kIdentity) continue;
    for (size_t i = 0; i < spec.schema.fields.size(); ++i) {
      if (spec.schema.fields[i].name == field.column) schema.stored[i] = false;
    }
  }
  return schema;
}

}  // namespace

struct TableWriter::Impl {
  struct OpenFile {
    std::unique_ptr<DataFileWriter> writer;
    std::string key;
    uint64_t touched = 0;  // the count of writes when it was written last
    size_t footer_bytes = 0;
  };

  Impl(storage::Store& store_in, TableSpec spec_in, std::string incarnation_in, std::string file_stem_in)
      : store(store_in),
        spec(std::move(spec_in)),
        incarnation(std::move(incarnation_in)),
        file_stem(std::move(file_stem_in)),
        file_schema(FileSchemaOf(spec)),
        layout(fmt::format("{:016x}", HashBytes(record::ToJson(spec.schema)).low)),
        row_group_bytes(record::LeavesOf(spec.schema).size() * kColumnEntryBytes),
        index(spec.partition_by, spec.schema) {}

  Result<std::vector<LandingFailure>> Append(std::shared_ptr<record::Columns> columns);
  Result<void> MakeRoom();
  Result<void> Drain(uint32_t partition);
  Result<OpenFile*> FileOf(uint32_t partition);
  Result<void> SealLongestUntouched();
  Result<void> Seal(uint32_t partition);
  Result<std::vector<ledger::DataFile>> Finish();
  size_t files() const { return sealed.size() + index.remembered(); }

  storage::Store& store;
  const TableSpec spec;
  const std::string incarnation;
  const std::string file_stem;
  const parquet::FileSchema file_schema;
  const std::string layout;
  const size_t row_group_bytes;  // of a footer
  PartitionIndex index;
  RowBuffer buffer;
  parquet::Scratch scratch;  // one encoder works at a time
  parquet::ColumnHistory history;
  std::map<uint32_t, OpenFile> open;  // by partition
  std::vector<ledger::DataFile> sealed;
  std::vector<uint32_t> partition_of_row;  // reused
  uint64_t files_named = 0;
  uint64_t writes = 0;
  uint64_t encoded_bytes = 0;
  uint64_t rows = 0;
  const size_t footers_bytes_max = std::max(spec.buffer_bytes_max / kFootersDivisor, kFootersBytesMin);
  size_t footers_bytes = 0;  // of open files, about
  bool spent = false;        // finished, or failed: a file may end in half a row group
};

Result<std::vector<LandingFailure>> TableWriter::Impl::Append(std::shared_ptr<record::Columns> columns) {
  std::vector<LandingFailure> failures = index.Assign(*columns, partition_of_row);
  if (files() > spec.files_max) {
    return Error{Code::kLimit,
                 fmt::format("table {}: a batch has more than {} files, of {} values of its partition keys: "
                             "partition by something coarser, or land fewer records at a time",
                             spec.table, spec.files_max, index.remembered())};
  }
  rows += columns->rows - failures.size();
  buffer.Append(std::move(columns), partition_of_row, PartitionIndex::kCannotLand);
  if (buffer.bytes() > spec.buffer_bytes_max) DH_TRY(MakeRoom());
  return failures;
}

Result<void> TableWriter::Impl::MakeRoom() {
  const size_t kept = spec.buffer_bytes_max / kKeptDivisor;
  std::vector<uint32_t> order = buffer.LargestFirst();
  while (!order.empty()) {
    const size_t small = buffer.live_bytes() / order.size() / kSmallDivisor;
    for (const uint32_t partition : order) {  // at least the first is written, so that rounds end
      if (partition != order.front() && buffer.live_bytes() <= kept && buffer.live_bytes(partition) < small) break;
      DH_TRY(Drain(partition));
    }
    buffer.Compact();
    if (buffer.bytes() <= spec.buffer_bytes_max / kFullDivisor) break;
    order = buffer.LargestFirst();
  }
  return {};
}

Result<void> TableWriter::Impl::Drain(uint32_t partition) {
  OpenFile& file = *DH_TRY(FileOf(partition));
  const uint64_t before = file.writer->bytes();
  DH_TRY(file.writer->Write(buffer.Selections(partition), spec.row_group_rows_max));
  buffer.Release(partition);
  encoded_bytes += file.writer->bytes() - before;
  file.touched = ++writes;
  file.footer_bytes += row_group_bytes;
  footers_bytes += row_group_bytes;
  const bool is_full = file.footer_bytes > footers_bytes_max;
  if (is_full || file.writer->bytes() >= spec.file_bytes_max) return Seal(partition);
  return {};
}

Result<TableWriter::Impl::OpenFile*> TableWriter::Impl::FileOf(uint32_t partition) {
  if (const auto found = open.find(partition); found != open.end()) return &found->second;
  while (open.size() >= spec.files_open_max || (!open.empty() && footers_bytes > footers_bytes_max)) {
    DH_TRY(SealLongestUntouched());
  }
  const std::string key =
      fmt::format("{}/{}{}-{}.parquet", spec.folder, index.partition(partition).path, file_stem, files_named++);
  parquet::FileOptions options;
  options.zstd_level = spec.zstd_level;
  options.history = &history;
  options.encodings = spec.encodings;
  auto writer =
      DH_TRY(DataFileWriter::Open(store, incarnation, storage::ObjectKey{key}, file_schema, options, scratch));
  footers_bytes += row_group_bytes;  // the schema's names
  return &open.emplace(partition, OpenFile{std::move(writer), key, 0, row_group_bytes}).first->second;
}

Result<void> TableWriter::Impl::SealLongestUntouched() {
  const auto longest = std::min_element(
      open.begin(), open.end(), [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; });
  return longest == open.end() ? Result<void>() : Seal(longest->first);
}

Result<void> TableWriter::Impl::Seal(uint32_t partition) {
  const auto found = open.find(partition);
  const OpenFile file = std::move(found->second);
  open.erase(found);
  footers_bytes -= file.footer_bytes;
  const uint64_t before = file.writer->bytes();
  const uint64_t file_rows = file.writer->rows();
  storage::UnseenObject object = DH_TRY(std::move(*file.writer).Seal());
  encoded_bytes += object.bytes - before;

  ledger::DataFile& data_file = sealed.emplace_back();
  data_file.table = spec.table;
  data_file.key = file.key;
  data_file.unseen = std::move(object.unseen);
  data_file.bytes = object.bytes;
  data_file.checksum = object.checksum.ToHex();
  data_file.rows = file_rows;
  data_file.partition = index.partition(partition).values;
  data_file.schema_version = spec.schema_version;
  data_file.layout = layout;
  data_file.contract_version = file.writer->contract_version();
  return {};
}

Result<std::vector<ledger::DataFile>> TableWriter::Impl::Finish() {
  for (uint32_t partition = 0; partition < index.size(); ++partition) {
    if (buffer.rows(partition) > 0) DH_TRY(Drain(partition));
    if (open.contains(partition)) DH_TRY(Seal(partition));
  }
  return std::move(sealed);
}

TableWriter::TableWriter(storage::Store& store, TableSpec spec, std::string incarnation, std::string file_stem)
    : impl_(std::make_unique<Impl>(store, std::move(spec), std::move(incarnation), std::move(file_stem))) {}

TableWriter::~TableWriter() = default;

Result<std::vector<LandingFailure>> TableWriter::Append(std::shared_ptr<record::Columns> rows) {
  DH_ASSERT(!impl_->spent);
  auto failures = impl_->Append(std::move(rows));
  impl_->spent = !failures;
  return failures;
}

std::vector<std::shared_ptr<record::Columns>> TableWriter::TakeSpent() { return impl_->buffer.TakeSpent(); }

uint64_t TableWriter::encoded_bytes() const { return impl_->encoded_bytes; }

uint64_t TableWriter::rows() const { return impl_->rows; }

size_t TableWriter::buffered_bytes() const { return impl_->buffer.bytes(); }

size_t TableWriter::files() const { return impl_->files(); }

size_t TableWriter::partitions_open() const { return impl_->index.remembered(); }

Result<std::vector<ledger::DataFile>> TableWriter::Finish() {
  DH_ASSERT(!impl_->spent);
  impl_->spent = true;
  return impl_->Finish();
}

}  // namespace datahub::lake
