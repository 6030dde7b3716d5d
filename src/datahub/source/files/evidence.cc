#include "datahub/source/files/evidence.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace datahub::source::files {
namespace {

// Up to `size` bytes.
Result<std::string> ReadSome(ByteStream& stream, size_t size) {
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const Result<size_t> got = stream.Read(bytes.data() + done, size - done);
    if (!got && got.error().code != Code::kInvalidInput) return got.error();
    if (!got || *got == 0) break;
    done += *got;
  }
  bytes.resize(done);
  return bytes;
}

Result<Evidence> LookInContent(ByteStream& stream, const Position& position) {
  const size_t looked_at = std::min<uint64_t>(position.at, kIdentityBytes);
  const Result<bool> there = stream.SkipTo(position.at - looked_at);
  if (!there && there.error().code == Code::kInvalidInput) return Evidence::kOther;
  if (!there) return there.error();
  const std::string before = DH_TRY(ReadSome(stream, looked_at));
  if (before.size() < looked_at) {
    char more = 0;
    if (!stream.Read(&more, 1)) return Evidence::kOther;  // damaged there
    return stream.whole() ? Evidence::kShort : Evidence::kUnfinished;
  }
  return HashBytes(before) == position.tail ? Evidence::kHolds : Evidence::kOther;
}

}  // namespace

Result<Looked> Looked::Into(const std::string& path) {
  OpenFile file = DH_TRY(OpenFile::Open(path));
  const Stat stat = DH_TRY(file.Look());
  Beginning beginning = DH_TRY(Beginning::Of(file));
  const Encoding encoding = GuessEncoding(beginning.bytes()).encoding;
  return Looked{.file = std::move(file), .size = stat.size, .beginning = std::move(beginning), .encoding = encoding};
}

Result<Evidence> LookForEvidence(const Looked& looked, const Position& position) {
  const bool plain = looked.encoding == Encoding::kPlain;
  if (!plain && !position.stored) {
    const std::unique_ptr<ByteStream> stream = OpenStream(looked.encoding, looked.file, looked.size);
    return LookInContent(*stream, position);
  }
  const uint64_t end = plain ? position.at : position.stored->bytes;
  if (looked.size < end) return Evidence::kShort;
  const Hash128 before = DH_TRY(HashBefore(looked.file, end));
  return before == (plain ? position.tail : position.stored->tail) ? Evidence::kHolds : Evidence::kOther;
}

Result<std::string> ContentBeginning(const Looked& looked) {
  const std::unique_ptr<ByteStream> stream = OpenStream(looked.encoding, looked.file, looked.size);
  return ReadSome(*stream, kIdentityBytes);
}

Result<bool> BeginsLike(const Looked& looked, const Position& position) {
  if (looked.beginning.Has(position.head)) return true;
  if (looked.encoding == Encoding::kPlain) return false;
  const std::string content = DH_TRY(ContentBeginning(looked));
  return content.size() >= position.head.bytes &&
         HashBytes(std::string_view(content).substr(0, position.head.bytes)) == position.head.hash;
}

}  // namespace datahub::source::files
