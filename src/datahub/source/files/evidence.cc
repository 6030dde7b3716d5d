#include "datahub/source/files/evidence.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

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

// In pieces that stay in the processor's cache.
constexpr size_t kReadBytes = 256 << 10;

// From where `hasher` stands.
Result<Evidence> Compare(const Looked& looked, const Position& position, PrefixHasher hasher,
                         const std::atomic<bool>& stop) {
  const std::unique_ptr<ByteStream> stream = OpenStream(looked.encoding, looked.file, looked.size);
  const Result<Evidence> there = HashUpTo(*stream, position.at, &hasher, stop);
  if (!there && there.error().code == Code::kInvalidInput) return Evidence::kOther;  // damaged
  if (!there || *there != Evidence::kHolds) return there;
  return hasher.Digest().all == position.hash.all ? Evidence::kHolds : Evidence::kOther;
}

}  // namespace

Result<Looked> Looked::Into(const std::string& path, const FileAccess& access) {
  OpenFile file(DH_TRY(access.Open(path)), path);
  const Stat stat = DH_TRY(file.Look());
  const FileId id = DH_TRY(file.Id());
  Beginning beginning = DH_TRY(Beginning::Of(file));
  const Encoding encoding = GuessEncoding(beginning.bytes()).encoding;
  return Looked{
      .file = std::move(file), .size = stat.size, .id = id, .beginning = std::move(beginning), .encoding = encoding};
}

Result<Evidence> HashUpTo(ByteStream& stream, uint64_t to, PrefixHasher* hasher, const std::atomic<bool>& stop) {
  if (!DH_TRY(stream.SkipTo(hasher->at()))) return stream.whole() ? Evidence::kShort : Evidence::kUnfinished;
  std::vector<char> bytes(std::min<uint64_t>(kReadBytes, to - std::min(to, hasher->at())));
  while (hasher->at() < to) {
    if (stop.load(std::memory_order_relaxed)) return Error{Code::kShuttingDown, "the reader was stopped"};
    if (const uint64_t hole = stream.SkipHole(to - hasher->at()); hole > 0) {
      hasher->AddZeros(hole);
      continue;
    }
    const size_t got = DH_TRY(stream.Read(bytes.data(), std::min<uint64_t>(bytes.size(), to - hasher->at())));
    if (got == 0) return stream.whole() ? Evidence::kShort : Evidence::kUnfinished;
    hasher->Add({bytes.data(), got});
  }
  return Evidence::kHolds;
}

Result<Evidence> Prove(const Looked& looked, const Position& position, const std::atomic<bool>& stop) {
  if (looked.encoding == Encoding::kPlain && looked.size < position.at) return Evidence::kShort;
  return Compare(looked, position, PrefixHasher(), stop);
}

Result<Evidence> LookBefore(const Looked& looked, const Position& position, const std::atomic<bool>& stop) {
  if (looked.encoding == Encoding::kPlain) {
    if (looked.size < position.at) return Evidence::kShort;
    return Compare(looked, position, PrefixHasher(PrefixHasher::ResumeAt(position.at), position.hash.chain), stop);
  }
  if (!position.stored) return Prove(looked, position, stop);
  if (looked.size < position.stored->bytes) return Evidence::kShort;
  const Hash128 tail = DH_TRY(HashBefore(looked.file, position.stored->bytes));
  return tail == position.stored->tail ? Evidence::kHolds : Evidence::kOther;
}

Result<std::string> ContentBeginning(const Looked& looked) {
  const std::unique_ptr<ByteStream> stream = OpenStream(looked.encoding, looked.file, looked.size);
  return ReadSome(*stream, kIdentityBytes);
}

Result<bool> BeginsLike(const Looked& looked, const Position& position) {
  if (looked.beginning.Has(position.head)) return true;
  if (looked.encoding == Encoding::kPlain) return false;
  const std::string content = DH_TRY(ContentBeginning(looked));
  return BeginsWith(content, position.head);
}

}  // namespace datahub::source::files
