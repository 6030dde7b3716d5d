#include "datahub/app/event_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/identity.h"

namespace datahub::app {
namespace {

using source::files::ByteStream;
using source::files::Encoding;
using source::files::EncodingGuess;
using source::files::GuessEncoding;

constexpr size_t kBlockBytes = 1u << 20;

// Up to `size` bytes; 0 = the end.
using ReadSome = std::function<Result<size_t>(char* to, size_t size)>;

// What the path leads to, as S_IFMT has it; 0: nothing.
mode_t KindOf(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & S_IFMT : 0;
}

Result<size_t> ReadFrom(int file, const std::string& name, char* to, size_t size) {
  for (;;) {
    const ssize_t got = ::read(file, to, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) return ErrnoError(errno, "cannot read " + name);
  }
}

Error Unsupported(const std::string& path, std::string_view what) {
  return {Code::kInvalidInput,
          fmt::format("{} is {}; events are read as lines of JSON, plain, gzip or zstd", path, what)};
}

// Hands out what ends with a line and keeps the rest for the next block.
Result<void> Cut(const ReadSome& read, const LineTaker& taker) {
  std::vector<char> buffer(kBlockBytes);
  size_t kept = 0;  // the beginning of a line
  bool passing_over = false;
  for (;;) {
    if (kept == kEventBytesMax) {
      taker.pass_over();
      passing_over = true;
      kept = 0;
    }
    if (kept == buffer.size()) buffer.resize(std::min(buffer.size() * 2, kEventBytesMax));
    const size_t got = DH_TRY(read(buffer.data() + kept, buffer.size() - kept));
    if (got == 0) break;
    const size_t size = kept + got;
    const void* const last = ::memrchr(buffer.data() + kept, '\n', got);
    size_t begin = 0;
    size_t end = last == nullptr ? 0 : static_cast<size_t>(static_cast<const char*>(last) - buffer.data()) + 1;
    if (passing_over && last != nullptr) {
      begin = static_cast<size_t>(std::find(buffer.data(), buffer.data() + end, '\n') - buffer.data()) + 1;
      passing_over = false;
    } else if (passing_over) {
      begin = end = size;
    }
    if (begin < end) taker.take({buffer.data() + begin, end - begin});
    end = std::max(begin, end);
    kept = size - end;
    std::memmove(buffer.data(), buffer.data() + end, kept);
  }
  if (kept > 0) taker.take({buffer.data(), kept});
  return {};
}

Result<void> ReadPipe(int file, const std::string& name, const LineTaker& taker) {
  bool is_first = true;
  const ReadSome read = [&](char* to, size_t size) -> Result<size_t> {
    const size_t got = DH_TRY(ReadFrom(file, name, to, size));
    if (!std::exchange(is_first, false)) return got;
    const EncodingGuess guess = GuessEncoding({to, got});
    if (!guess.unsupported.empty()) return Unsupported(name, guess.unsupported);
    if (guess.encoding == Encoding::kPlain) return got;
    return Error{Code::kInvalidInput,
                 name + " is compressed, and no file; name the file, or pipe it through gzip -dc or zstd -dc"};
  };
  return Cut(read, taker);
}

}  // namespace

Result<void> ReadLines(const std::string& path, const LineTaker& taker) {
  if (path == "-") return ReadPipe(STDIN_FILENO, "standard input", taker);
  const mode_t kind = KindOf(path);
  if (kind == S_IFDIR) return Error{Code::kInvalidInput, path + " is a folder; name the files in it"};
  if (kind == S_IFIFO || kind == S_IFCHR) {
    const int pipe = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (pipe < 0) return ErrnoError(errno, "cannot read " + path);
    Result<void> read = ReadPipe(pipe, path, taker);
    ::close(pipe);
    return read;
  }
  const auto file = DH_TRY(source::files::OpenFile::Open(path));
  const auto look = DH_TRY(file.Look());
  const auto beginning = DH_TRY(source::files::Beginning::Of(file));
  const EncodingGuess guess = GuessEncoding(beginning.bytes());
  if (!guess.unsupported.empty()) return Unsupported(path, guess.unsupported);
  const std::unique_ptr<ByteStream> stream = OpenStream(guess.encoding, file, look.size);
  DH_TRY(Cut([&](char* to, size_t size) { return stream->Read(to, size); }, taker));
  if (stream->whole()) return {};
  return Error{Code::kInvalidInput, fmt::format("{} ends amid its compressed data: it was cut", path)};
}

}  // namespace datahub::app
