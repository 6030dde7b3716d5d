#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "datahub/record/chunk.h"
#include "datahub/source/files/position.h"

namespace datahub::source::files {

// Bytes of a file behind the last record that was cut out.
struct Pending {
  std::string_view bytes;
  size_t scanned = 0;  // so many of them were seen before
  uint64_t at = 0;     // where they begin in the file
};

// Where records end in a file's bytes. Sees every byte once, in order.
class Framing {
 public:
  virtual ~Framing() = default;

  // How many of the pending bytes are done with: whole records and what lies between. Where records are given one by one,
  // their places in `pending` are added to `records`.
  virtual size_t Scan(const Pending& pending, std::vector<record::Span>* records) = 0;
  // Whether Scan lists records; otherwise the bytes are handed out as they are.
  virtual bool lists() const = 0;
  // For a record too long to be kept: bytes of `more` up to and with its end; 0 when it goes on.
  virtual size_t ScanToEnd(std::string_view more) = 0;
  // The file ends at `at` for good; `record`: what was begun is handed out as a record.
  virtual void EndHere(uint64_t at, bool record) = 0;

  // Only for arrays: what a position says besides its byte.
  virtual std::optional<ArrayPlace> place() const = 0;
  // Amid a record that Scan or ScanToEnd did not find the end of.
  virtual Passing passing() const = 0;
  // First byte of the file where it is not what its beginning promised.
  virtual std::optional<uint64_t> broken_at() const = 0;
};

// NDJSON: a record a line. Looks for the last line end only.
std::unique_ptr<Framing> LineFraming();

// JSON arrays, one or several after another. Each element is a record: cut out at its delimiters by tracking strings and
// depth, not parsed, so that a broken element is handed out as it is and rejected later like any bad record. Text outside
// of the arrays goes by lines. `place` and `passing` are what was known where the scan begins.
std::unique_ptr<Framing> ArrayFraming(const ArrayPlace& place, const std::optional<Passing>& passing = {});

inline bool IsBlank(char byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }
// The first byte that is not blank; size() when there is none.
size_t FirstNotBlank(std::string_view text);

}  // namespace datahub::source::files
