#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "datahub/base/hash.h"
#include "datahub/base/result.h"
#include "datahub/source/files/identity.h"
#include "datahub/source/files/prefix_hash.h"

namespace datahub::source::files {

// Inside a JSON array positions count elements too.
struct ArrayPlace {
  uint64_t elements = 0;
  bool inside = false;  // the array goes on: more elements or its end are to come
};

// Amid a record longer than the limit, whose beginning was handed out: what is left of it is passed over.
struct Passing {
  bool line = true;    // up to a line's end; otherwise an array's element, amid which:
  uint64_t depth = 0;  // so many values are open
  bool in_string = false;
  bool escaped = false;
};

// For compressed files: that the stored bytes up to here were read to their end, so that an unchanged file need not be
// decompressed again to find nothing.
struct StoredPlace {
  uint64_t bytes = 0;
  Hash128 tail;  // of the kIdentityBytes stored bytes before
};

// How far a file was read, and by what it is known again. As text it is the position of a shard.
struct Position {
  std::string path;  // where it was last seen, as in the shard's name
  FileId id;         // what it was then
  int64_t modified_us = 0;
  Head head;
  uint64_t at = 0;  // bytes, decompressed ones in a compressed file
  PrefixHash hash;  // of all of them
  std::optional<ArrayPlace> array;
  std::optional<Passing> passing;
  std::optional<StoredPlace> stored;
  bool emptied = false;  // the file was seen without any bytes: what stands at its path now is another one
};

// Of the format that ToText writes.
inline constexpr uint64_t kPositionFormat = 2;

std::string ToText(const Position& position);
// InvalidInput says what is wrong with the text; Conflict: it is of another format.
Result<Position> PositionFromText(std::string_view text);

// "inbox/a.ndjson#1f2e3d4c": the path and the first 8 digits of the head's hash.
std::string ShardName(const std::string& path, const Head& head);

// A path as text that columns, logs and JSON can hold: what is not UTF-8, control characters and % become %XX. Two paths
// never give one text.
std::string PathText(std::string_view path);
std::string PathFromText(std::string_view text);

}  // namespace datahub::source::files
