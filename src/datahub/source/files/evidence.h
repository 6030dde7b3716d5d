#pragma once

#include <cstdint>
#include <string>

#include "datahub/base/result.h"
#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/identity.h"
#include "datahub/source/files/position.h"

namespace datahub::source::files {

// What a file's bytes say to "this was read up to that position". That files begin alike says little: exports of one
// kind do.
enum class Evidence : uint8_t {
  kHolds,       // the bytes before the position are those that were read
  kOther,       // others are there
  kShort,       // it ends before the position
  kUnfinished,  // its compressed data stops before the position, amid a frame: more may come
};

// A file as it is at this moment.
struct Looked {
  OpenFile file;
  uint64_t size = 0;
  Beginning beginning;
  Encoding encoding = Encoding::kPlain;

  // Errors as OpenFile's.
  static Result<Looked> Into(const std::string& path);
};

// Costs a read of kIdentityBytes; for a compressed file whose position does not say what was stored, one decompression
// up to the position. Positions of plain files may be looked for in compressed ones: both count decompressed bytes.
// Errors are the system's; damaged data is kOther.
Result<Evidence> LookForEvidence(const Looked& looked, const Position& position);

// The first kIdentityBytes bytes of what is in a file, decompressed; fewer when it has no more or is damaged.
Result<std::string> ContentBeginning(const Looked& looked);

// Whether the file, or what is compressed in it, begins like the one the position is of.
Result<bool> BeginsLike(const Looked& looked, const Position& position);

}  // namespace datahub::source::files
