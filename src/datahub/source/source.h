#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/record/chunk.h"

namespace datahub::intake {
class Log;
}

namespace datahub::source {

// What a reader wants a person to know: a file that was rotated, truncated, rewritten… Not an error. One is given once,
// not at every look at the medium.
struct Notice {
  std::string shard;      // empty when it is about no shard
  std::string kind;       // "rotated", "truncated", "rewritten", "renamed", "incomplete_last_line", …
  std::string message;    // place, what was seen, what is done about it
  bool withheld = false;  // something is there that is not read until a person mends it
};

inline constexpr size_t kChunkBytesMin = 64;
inline constexpr size_t kChunkRecordsMax = 64 * 1024;       // where they are listed
inline constexpr size_t kRecordBytesMax = size_t(1) << 30;  // places inside a chunk are 32 bits

// kChunkBytesMin <= chunk_bytes <= record_bytes_max <= kRecordBytesMax.
struct ReaderOptions {
  // A chunk holds at most this much (and kChunkRecordsMax records, where it lists them), but at least one record.
  size_t chunk_bytes = 4u << 20;
  size_t record_bytes_max = 64u << 20;  // a longer record (with its line end) is handed out cut, see Chunk::cut_from
  intake::Log* log = nullptr;           // what push sources read; outlives the reader
};

// Reads one source from its committed positions on.
//
//   positions -> Open -> { Next -> Chunk }* -> nothing more for now
//
// The promise (source/compliance.h holds every source to it):
//   * records of a shard come in order, each once a life of the reader, with increasing offsets
//   * a reader opened at a chunk's `position_after` hands out exactly what follows that chunk
//   * a bad record (any bytes) is handed out like any other; only the reader's own medium makes an error
//   * Next never blocks for longer than its medium needs; Stop() from another thread ends it soon
// Errors   ShuttingDown after Stop() · what the medium said (Unavailable, NotFound…), naming the place, given only once
//          everything else that could be read was handed out: chunks before it stay good, call Next later to try again
// Memory   one chunk; buffers live as long as their chunk's rows
// Threads  one thread at a time, but Stop() and BytesAhead()
class Reader {
 public:
  virtual ~Reader() = default;

  // The next chunk (one without records only moves its shard's position); null when there is nothing for now (a pull source is then drained: what is left waits for its end).
  // Again after null looks at the medium anew.
  virtual Result<std::shared_ptr<record::Chunk>> Next() = 0;
  // Positions up to these are committed. Again with the same or older ones changes nothing.
  virtual Result<void> Acknowledge(const std::map<std::string, std::string>& positions) = 0;
  // Whether all up to `position` of `shard` lies behind this reader: handed out, or before what it was opened at. Also
  // when its file goes by another shard's name now. When it cannot be told: false.
  virtual bool HasRead(const std::string& shard, const std::string& position) const = 0;
  virtual void Stop() = 0;
  virtual std::vector<Notice> TakeNotices() = 0;
  // Bytes known to lie ahead (as stored), for the progress bar; 0 = none or unknown.
  virtual uint64_t BytesAhead() const = 0;
};

}  // namespace datahub::source
