#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "datahub/base/result.h"
#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/file_access.h"
#include "datahub/source/files/identity.h"
#include "datahub/source/files/position.h"

namespace datahub::source::files {

// What a file's bytes say to "this was read up to that position".
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
  FileId id;
  Beginning beginning;
  Encoding encoding = Encoding::kPlain;

  // Errors as OpenFile's.
  static Result<Looked> Into(const std::string& path, const FileAccess& access);
};

// The proof: reads and hashes all (decompressed) bytes before the position. Positions of plain files may be looked for in
// compressed ones: both count decompressed bytes. Errors are the system's, and ShuttingDown; damaged data is kOther.
Result<Evidence> Prove(const Looked& looked, const Position& position, const std::atomic<bool>& stop);

// Enough for a file that path, inode and birth time say is the one: reads at most the two blocks before the position; of a
// compressed file the end of what is stored where the position says that, else as Prove.
Result<Evidence> LookBefore(const Looked& looked, const Position& position, const std::atomic<bool>& stop);

// Goes to byte `to`, hashing what lies before. The stream stands at `hasher.at()` or before it. Not kHolds: it ends before.
// Errors are the stream's, and ShuttingDown.
Result<Evidence> HashUpTo(ByteStream& stream, uint64_t to, PrefixHasher* hasher, const std::atomic<bool>& stop);

// The first kIdentityBytes bytes of what is in a file, decompressed; fewer when it has no more or is damaged.
Result<std::string> ContentBeginning(const Looked& looked);

// Whether the file, or what is compressed in it, begins like the one the position is of.
Result<bool> BeginsLike(const Looked& looked, const Position& position);

}  // namespace datahub::source::files
