#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/identity.h"

namespace datahub::source::files {

// The largest window a zstd frame may ask for: 2^27 = 128 MiB, what `zstd -d` allows by itself. More memory than that for
// one file is not given.
inline constexpr int kZstdWindowLogMax = 27;

// One compression format: turns stored bytes into bytes, frame after frame (gzip: member).
class Decoder {
 public:
  virtual ~Decoder() = default;

  struct Step {
    size_t taken = 0;  // of the input
    size_t given = 0;  // to the output
    bool frame_ended = false;
    std::string damage;  // not empty: the data is broken, and how
  };
  virtual Step Decode(std::string_view input, char* to, size_t size) = 0;
  // Whether what follows a frame belongs to it no more: padding that is passed over.
  virtual bool IsPadding(char byte) const = 0;
  // Before the next frame.
  virtual void Reset() = 0;
};

std::unique_ptr<ByteStream> OpenGzipStream(const OpenFile& file, uint64_t size);
std::unique_ptr<ByteStream> OpenZstdStream(const OpenFile& file, uint64_t size);

}  // namespace datahub::source::files
