#include "datahub/lake/parquet/chunk_writer.h"

#include <fmt/format.h>

#include <utility>

namespace datahub::lake::parquet {
namespace {

// Sizes in page headers are signed 32-bit numbers.
constexpr size_t kRawBytesMax = (1u << 31) - (16u << 20);

// Behind a first page that gets no smaller than this many 32nds, a chunk's pages are left as they are.
constexpr size_t kWorth32nds = 31;

}  // namespace

void ChunkWriter::Begin(PhysicalType type, const std::vector<std::string>& path, bool dictionary) {
  chunk_ = {};
  chunk_.type = type;
  chunk_.path = &path;
  chunk_.begin = static_cast<int64_t>(out_.position());
  pages_.Clear();
  waiting_ = dictionary;
  stored_ = false;
}

template <class AppendHeader>
Result<int64_t> ChunkWriter::Append(std::string_view raw, uint32_t width, AppendHeader header, ByteBuffer& to) {
  if (raw.size() > kRawBytesMax) {
    return Error{Code::kLimit,
                 fmt::format("a page of column `{}` has {} bytes, Parquet ends at 2 GiB: a single value or row "
                             "is too large; reject it by a maxLength or maxItems in the contract",
                             fmt::join(*chunk_.path, "."), raw.size())};
  }
  if (raw.empty()) return Error{Code::kInternal, "a Parquet page without bytes"};
  const size_t begin = to.size();
  const auto raw_bytes = static_cast<int32_t>(raw.size());
  // The header comes first and knows the compressed size: guess its length by a likely size, mend a wrong guess.
  header(raw_bytes, raw_bytes / 2, to);
  const size_t guessed = to.size() - begin;
  const size_t room = Compressor::BytesMax(raw.size());
  to.Reserve(room);
  size_t size = 0;
  if (stored_) {
    size = Compressor::Store(raw, to.end(), room);
  } else {
    size = DH_TRY(compressor_.Compress(raw, width, to.end(), room));
    const bool undecided = chunk_.pages.empty() && !chunk_.has_dictionary && !waiting_;
    stored_ = undecided && size >= raw.size() / 32 * kWorth32nds;
  }
  to.Truncate(begin);
  ByteBuffer exact;
  header(raw_bytes, static_cast<int32_t>(size), exact);
  if (exact.size() != guessed) std::memmove(to.data() + begin + exact.size(), to.data() + begin + guessed, size);
  std::memcpy(to.data() + begin, exact.data(), exact.size());
  to.Extend(exact.size() + size);
  chunk_.uncompressed_bytes += static_cast<int64_t>(exact.size() + raw.size());
  chunk_.compressed_bytes += static_cast<int64_t>(exact.size() + size);
  return static_cast<int64_t>(to.size() - begin);
}

Result<void> ChunkWriter::AddPage(RawPage& page, PageEntry entry, uint32_t width) {
  const auto header = [&](int32_t raw, int32_t compressed, ByteBuffer& to) {
    AppendDataPageHeader(entry, raw, compressed, to);
  };
  entry.bytes = DH_TRY(Append(page.Join(), width, header, pages_));
  page.Clear();
  chunk_.pages.push_back(std::move(entry));
  if (waiting_ || pages_.size() < kWriteBytesMin) return {};
  return out_.Write(pages_);
}

Result<void> ChunkWriter::AddDictionary(size_t entries, RawPage& page) {
  DH_ASSERT(waiting_);
  ByteBuffer dictionary;
  const auto header = [&](int32_t raw, int32_t compressed, ByteBuffer& to) {
    AppendDictionaryPageHeader(static_cast<int32_t>(entries), raw, compressed, to);
  };
  chunk_.has_dictionary = true;
  chunk_.dictionary_bytes = DH_TRY(Append(page.Join(), 0, header, dictionary));
  page.Clear();
  waiting_ = false;
  DH_TRY(out_.Write(dictionary));
  return out_.Write(pages_);
}

Result<ColumnChunk> ChunkWriter::Finish() {
  DH_ASSERT(!waiting_);
  DH_TRY(out_.Write(pages_));
  return std::move(chunk_);
}

}  // namespace datahub::lake::parquet
