#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "datahub/base/result.h"
#include "datahub/source/files/identity.h"

namespace datahub::source::files {

enum class Encoding : uint8_t { kPlain, kGzip, kZstd };

struct EncodingGuess {
  Encoding encoding = Encoding::kPlain;
  bool undecided = false;             // too short to tell: wait for more
  std::string_view unsupported = {};  // not empty: what it is instead, "a bzip2 file"
};
// By content, never by name.
EncodingGuess GuessEncoding(std::string_view beginning);

// The bytes of one file in order, decompressed where it is compressed. Ends where the file ended when it was opened: what
// is appended meanwhile comes with the next look, so that a file that grows as fast as it is read starves no other.
//
// Memory   bounded whatever the content: output goes where the caller says, input through one buffer of 256 KiB (and what
//          zstd needs to look back, at most 128 MiB; a frame that needs more is an error)
// Errors   what the system said, naming the file and the byte · InvalidInput: the compressed data is damaged
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Up to `size` bytes; 0 = the end, see whole().
  virtual Result<size_t> Read(char* to, size_t size) = 0;
  // Goes on at byte `offset` (of the decompressed bytes), at or after where it is. True when there are that many; when not,
  // the stream is at its end.
  virtual Result<bool> SkipTo(uint64_t offset) = 0;
  // Passes over zeros that need not be read (a hole), at most `most`; how many.
  virtual uint64_t SkipHole(uint64_t) { return 0; }
  // At the end: false when a compressed file stops amid a frame.
  virtual bool whole() const = 0;
  // Stored bytes read so far.
  virtual uint64_t stored_bytes() const = 0;
};

// `file` must outlive the stream; `size` is where it ends.
std::unique_ptr<ByteStream> OpenStream(Encoding encoding, const OpenFile& file, uint64_t size);

}  // namespace datahub::source::files
