#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"

namespace datahub::source::files {

// How much of a file's beginning is looked at to see soon that it is another one, and before the end of what is stored.
inline constexpr size_t kIdentityBytes = 4096;

// What a file begins with: a hash of its first `bytes` bytes as stored. A file grows, so both go together: any file whose
// first `bytes` bytes have this hash may be the one.
struct Head {
  uint32_t bytes = 0;
  Hash128 hash;
  bool operator==(const Head&) const = default;
};

// Which file of a file system it is. The inode alone proves nothing: the next file that is made often gets the same one.
struct FileId {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth_ns = 0;     // when it was made; 0 where the file system does not say
  uint32_t generation = 0;  // another one at each use of the inode; 0 where it is not known

  // Whether both, at one path, are one file: nothing says otherwise. Devices are numbered anew when a machine starts or mounts.
  bool MayBe(const FileId& other) const {
    const bool same_life = generation == 0 || other.generation == 0 || generation == other.generation;
    return inode == other.inode && birth_ns == other.birth_ns && same_life;
  }
  bool Is(const FileId& other) const { return birth_ns != 0 && device == other.device && MayBe(other); }
};

// What the file system says: enough to see that nothing happened since the last look.
struct Stat {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t birth_ns = 0;
  uint64_t size = 0;
  int64_t modified_us = 0;
  int64_t changed_us = 0;
  bool operator==(const Stat&) const = default;
  FileId id() const { return {.device = device, .inode = inode, .birth_ns = birth_ns, .generation = 0}; }
};
Stat StatFrom(const struct statx& stat);
// statx with what Stat needs; `path` "" and AT_EMPTY_PATH for `at` itself. 0, or an errno.
int LookAt(int at, const char* path, int flags, struct statx* stat);

// An open file. Move only; closed with its last owner.
class OpenFile {
 public:
  OpenFile() = default;
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;

  // One that a person named: links are followed. NotFound: no regular file is there.
  static Result<OpenFile> Open(const std::string& path);
  // Takes `fd` over, see FileAccess::Open. Errors name the path and what the system said.
  OpenFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Result<Stat> Look() const;
  // With the inode's generation, which only an open file tells.
  Result<FileId> Id() const;
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  Result<size_t> ReadAt(char* to, size_t size, uint64_t offset) const;
  // Tells the kernel that all of it is read in order.
  void ReadAheadFrom(uint64_t offset) const;
  // Where data begins at or behind `offset`: what lies before is a hole, which reads as zeros. `offset` where it is not known.
  uint64_t DataFrom(uint64_t offset, uint64_t size) const;

  const std::string& path() const { return path_; }

 private:
  int fd_ = -1;
  std::string path_;
};

// Of the kIdentityBytes bytes before `end`, or all when there are fewer.
Result<Hash128> HashBefore(const OpenFile& file, uint64_t end);

inline bool BeginsWith(std::string_view bytes, const Head& head) {
  return bytes.size() >= head.bytes && HashBytes(bytes.substr(0, head.bytes)) == head.hash;
}

// The first kIdentityBytes bytes of a file: what it is known by and what its content is told by.
class Beginning {
 public:
  static Result<Beginning> Of(const OpenFile& file);

  std::string_view bytes() const { return bytes_; }
  Head head() const { return head(bytes_.size()); }
  Head head(size_t size) const { return {static_cast<uint32_t>(size), HashBytes(bytes().substr(0, size))}; }
  // Whether a file that was known by `head` begins like this one.
  bool Has(const Head& head) const { return BeginsWith(bytes_, head); }

 private:
  std::string bytes_;
};

}  // namespace datahub::source::files
