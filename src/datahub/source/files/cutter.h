#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/record/buffer_pool.h"
#include "datahub/record/chunk.h"
#include "datahub/source/files/byte_stream.h"
#include "datahub/source/files/framing.h"
#include "datahub/source/files/prefix_hash.h"

namespace datahub::source::files {

// What is handed out of a record that is longer than record_bytes_max: enough to see what it is.
inline constexpr size_t kCutBytesMax = 1 << 20;
// So much of such a record is passed over for one piece. It is rejected whatever follows, so its beginning does not wait for
// its end, and how far it was passed over is in the position.
inline constexpr uint64_t kPassBytesMax = 256 << 20;

// Whole records as they are handed out; see record::Chunk.
struct Piece {
  std::shared_ptr<record::Buffer> buffer;
  std::string_view bytes = {};
  std::vector<record::Span> records = {};
  uint64_t first_offset = 0;
  uint64_t cut_from = 0;  // at least so long
};

// Where a file was read to.
struct Place {
  uint64_t at = 0;
  std::optional<ArrayPlace> array;
  std::optional<Passing> passing;
};

// Cuts a file's bytes into pieces of whole records.
//
//   ByteStream -> Cutter -> Piece
//
// Reads straight into the buffer that is handed out; what is left behind the last whole record is copied to the next one.
// Memory   one buffer of the pool's size; up to record_bytes_max while a record does not fit into one
// Threads  one at a time
// Owns     nothing by reference: stream, pool and stop flag must outlive it
class Cutter {
 public:
  struct Options {
    size_t record_bytes_max = 0;
    bool lines_only = false;  // an array is not looked for
    bool complete = false;    // the stream's end is the end: what is left there is a record too
  };

  // The stream and the hash stand at `place.at`.
  Cutter(ByteStream& stream, record::BufferPool& pool, Place place, PrefixHasher hasher, const Options& options,
         const std::atomic<bool>& stop);

  // The next piece (one without bytes only records how far a record that is too long was passed over); nothing at the
  // stream's end. Errors are the stream's, or ShuttingDown.
  Result<std::optional<Piece>> Next();

  // Behind the last piece.
  const Place& place() const { return place_; }
  PrefixHash hash() const { return hasher_.Digest(); }
  // The stream's end was seen, and no byte that is not blank waits there.
  bool drained() const { return ended_ && !waits(); }
  // At the end: a record is there that is not ended.
  bool waits() const { return FirstNotBlank(pending()) < pending().size(); }
  // For JSON arrays, where the scan is; nothing for lines.
  std::optional<ArrayPlace> array() const { return framing_ ? framing_->place() : std::nullopt; }
  std::optional<uint64_t> broken_at() const { return framing_ ? framing_->broken_at() : std::nullopt; }

 private:
  std::string_view pending() const {
    return buffer_ ? std::string_view(buffer_->data() + begin_, filled_ - begin_) : std::string_view();
  }
  size_t pending_max() const;
  uint64_t first_offset() const;
  void MakeRoom();
  Result<void> Fill();
  bool ChooseFraming();
  Piece Emit(size_t size, std::vector<record::Span> records);
  std::optional<Piece> EmitRest();
  Result<std::optional<Piece>> EmitTooLong();
  Result<bool> PassOver(uint64_t most);
  Result<std::optional<Piece>> PassOn();
  void Pass(std::string_view bytes);

  ByteStream& stream_;
  record::BufferPool& pool_;
  Place place_;
  PrefixHasher hasher_;
  Options options_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Framing> framing_;
  std::shared_ptr<record::Buffer> buffer_;
  size_t begin_ = 0;         // of what is pending in the buffer
  size_t filled_ = 0;        // its end
  size_t scanned_ = 0;       // of what is pending
  bool handed_out_ = false;  // others look into the buffer: it is not written to any more
  bool ended_ = false;
  std::optional<Error> failed_;  // the stream, behind what is pending
};

}  // namespace datahub::source::files
