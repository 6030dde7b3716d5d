#include "datahub/source/files/byte_stream.h"

#include <algorithm>

#include "datahub/source/files/compressed_stream.h"

namespace datahub::source::files {
namespace {

struct Magic {
  std::string_view bytes;
  Encoding encoding = Encoding::kPlain;
  std::string_view unsupported;
};

using namespace std::string_view_literals;

constexpr Magic kMagics[] = {
    {"\x1f\x8b"sv, Encoding::kGzip, ""},
    {"\x28\xb5\x2f\xfd"sv, Encoding::kZstd, ""},
    {"BZh"sv, Encoding::kPlain, "a bzip2 file"},
    {"\xfd\x37\x7a\x58\x5a\x00"sv, Encoding::kPlain, "an xz file"},
    {"\x04\x22\x4d\x18"sv, Encoding::kPlain, "an lz4 file"},
    {"PK\x03\x04"sv, Encoding::kPlain, "a zip file"},
    {"PAR1"sv, Encoding::kPlain, "a Parquet file"},
    {"Obj\x01"sv, Encoding::kPlain, "an Avro file"},
    {"\xff\xfe"sv, Encoding::kPlain, "UTF-16 text"},
    {"\xfe\xff"sv, Encoding::kPlain, "UTF-16 text"},
};

// zstd's skippable frames: 50 2A 4D 18 to 5F 2A 4D 18, little-endian.
bool BeginsSkippable(std::string_view beginning) {
  return (static_cast<unsigned char>(beginning.front()) & 0xF0) == 0x50 &&
         std::string_view("\x2a\x4d\x18").starts_with(beginning.substr(1, 3));
}

class PlainStream final : public ByteStream {
 public:
  PlainStream(const OpenFile& file, uint64_t size) : file_(file), size_(size) {}

  Result<size_t> Read(char* to, size_t size) override {
    if (at_ >= size_) return size_t(0);
    const size_t got = DH_TRY(file_.ReadAt(to, std::min<uint64_t>(size, size_ - at_), at_));
    at_ += got;
    return got;
  }
  Result<bool> SkipTo(uint64_t offset) override {
    at_ = std::min(offset, size_);
    file_.ReadAheadFrom(at_);
    return offset <= size_;
  }
  uint64_t SkipHole(uint64_t most) override {
    if (at_ >= size_) return 0;
    const uint64_t hole = std::min(file_.DataFrom(at_, size_) - at_, most);
    at_ += hole;
    return hole;
  }
  bool whole() const override { return true; }
  uint64_t stored_bytes() const override { return at_; }

 private:
  const OpenFile& file_;
  uint64_t size_;
  uint64_t at_ = 0;
};

}  // namespace

EncodingGuess GuessEncoding(std::string_view beginning) {
  if (beginning.empty()) return {.undecided = true};
  for (const Magic& magic : kMagics) {
    if (beginning.starts_with(magic.bytes)) return {.encoding = magic.encoding, .unsupported = magic.unsupported};
    if (magic.bytes.starts_with(beginning)) return {.undecided = true};
  }
  if (BeginsSkippable(beginning)) {
    return beginning.size() >= 4 ? EncodingGuess{.encoding = Encoding::kZstd} : EncodingGuess{.undecided = true};
  }
  return {};
}

std::unique_ptr<ByteStream> OpenStream(Encoding encoding, const OpenFile& file, uint64_t size) {
  switch (encoding) {
    case Encoding::kGzip:
      return OpenGzipStream(file, size);
    case Encoding::kZstd:
      return OpenZstdStream(file, size);
    case Encoding::kPlain:
      break;
  }
  return std::make_unique<PlainStream>(file, size);
}

}  // namespace datahub::source::files
