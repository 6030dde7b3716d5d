#include "journal_format.h"

#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>

namespace forgetful {
namespace {

constexpr uint64_t kMagic = 0x9c1fd0e46b82a357;

struct Header {
  uint64_t magic = kMagic;
  uint64_t bytes = 0;  // that follow
  uint64_t checksum = 0;
};

// FNV-1a: tells a torn record from a whole one.
uint64_t Checksum(std::string_view bytes) {
  uint64_t sum = 0xcbf29ce484222325;
  for (const char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return sum;
}

void Put(std::string& out, uint64_t number) { out.append(reinterpret_cast<const char*>(&number), sizeof(number)); }
void Put(std::string& out, FileId id) {
  Put(out, id.inode);
  Put(out, static_cast<uint64_t>(id.born_ns));
}
void Put(std::string& out, const std::string& text) {
  Put(out, text.size());
  out += text;
}

// The checksum was right, so the fields are there.
class Cursor {
 public:
  explicit Cursor(std::string_view left) : left_(left) {}
  void Take(uint64_t& number) {
    std::memcpy(&number, left_.data(), sizeof(number));
    left_.remove_prefix(sizeof(number));
  }
  void Take(FileId& id) {
    uint64_t born = 0;
    Take(id.inode);
    Take(born);
    id.born_ns = static_cast<int64_t>(born);
  }
  void Take(std::string& text) {
    uint64_t size = 0;
    Take(size);
    text = left_.substr(0, size);
    left_.remove_prefix(size);
  }

 private:
  std::string_view left_;
};

Record DecodeFields(std::string_view fields) {
  Record record;
  Cursor cursor(fields);
  uint64_t kind = 0;
  cursor.Take(kind);
  record.kind = static_cast<Kind>(kind);
  cursor.Take(record.id);
  cursor.Take(record.name);
  cursor.Take(record.id2);
  cursor.Take(record.name2);
  cursor.Take(record.offset);
  cursor.Take(record.old_size);
  cursor.Take(record.bytes);
  cursor.Take(record.kept);
  cursor.Take(record.until);
  return record;
}

}  // namespace

FileId IdOf(int fd) {
  struct statx facts;
  std::memset(&facts, 0, sizeof(facts));
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &facts) != 0) return {};
  return {facts.stx_ino, facts.stx_btime.tv_sec * 1'000'000'000 + facts.stx_btime.tv_nsec};
}

std::string Encode(const Record& record) {
  std::string out(sizeof(Header), '\0');
  Put(out, static_cast<uint64_t>(record.kind));
  Put(out, record.id);
  Put(out, record.name);
  Put(out, record.id2);
  Put(out, record.name2);
  Put(out, record.offset);
  Put(out, record.old_size);
  Put(out, record.bytes);
  Put(out, record.kept);
  Put(out, record.until);
  Header header;
  header.bytes = out.size() - sizeof(Header);
  header.checksum = Checksum(std::string_view(out).substr(sizeof(Header)));
  std::memcpy(out.data(), &header, sizeof(header));
  return out;
}

std::vector<Record> Decode(std::string_view journal) {
  std::vector<Record> records;
  size_t at = 0;
  while (at + sizeof(Header) <= journal.size()) {
    Header header;
    std::memcpy(&header, journal.data() + at, sizeof(header));
    const std::string_view rest = journal.substr(at + sizeof(Header));
    if (header.magic != kMagic || header.bytes > rest.size() ||
        Checksum(rest.substr(0, header.bytes)) != header.checksum) {
      ++at;
      continue;
    }
    records.push_back(DecodeFields(rest.substr(0, header.bytes)));
    records.back().position = at;
    at += sizeof(Header) + header.bytes;
  }
  return records;
}

std::string KeptFolder(const std::string& journal) { return journal + ".kept"; }

std::string KeptPath(const std::string& journal, uint64_t number) {
  return KeptFolder(journal) + "/" + std::to_string(number);
}

}  // namespace forgetful
