#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"

namespace datahub::source::files {

// How much of a file's beginning, and of what lies before a position, is looked at to know it again.
inline constexpr size_t kIdentityBytes = 4096;

// What a file begins with: a hash of its first `bytes` bytes as stored. A file grows, so both go together: any file whose
// first `bytes` bytes have this hash may be the one.
struct Head {
  uint32_t bytes = 0;
  Hash128 hash;
  bool operator==(const Head&) const = default;
};

// What the file system says. Only a hint for who a file is, but enough to see that nothing happened since the last look.
struct Stat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified_us = 0;
  int64_t changed_us = 0;
  bool operator==(const Stat&) const = default;
};
Stat StatFrom(const struct stat& stat);

// An open file. Move only; closed with its last owner.
class OpenFile {
 public:
  OpenFile() = default;
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;

  // Errors name the path and what the system said. NotFound: no regular file is there.
  static Result<OpenFile> Open(const std::string& path);
  Result<Stat> Look() const;
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  Result<size_t> ReadAt(char* to, size_t size, uint64_t offset) const;
  // Tells the kernel that all of it is read in order.
  void ReadAheadFrom(uint64_t offset) const;

  const std::string& path() const { return path_; }

 private:
  int fd_ = -1;
  std::string path_;
};

// Of the kIdentityBytes bytes before `end`, or all when there are fewer.
Result<Hash128> HashBefore(const OpenFile& file, uint64_t end);

// The first kIdentityBytes bytes of a file: what it is known by and what its content is told by.
class Beginning {
 public:
  static Result<Beginning> Of(const OpenFile& file);

  std::string_view bytes() const { return bytes_; }
  Head head() const { return head(bytes_.size()); }
  Head head(size_t size) const { return {static_cast<uint32_t>(size), HashBytes(bytes().substr(0, size))}; }
  // Whether a file that was known by `head` begins like this one.
  bool Has(const Head& head) const {
    return bytes_.size() >= head.bytes && HashBytes(bytes().substr(0, head.bytes)) == head.hash;
  }

 private:
  std::string bytes_;
};

}  // namespace datahub::source::files
