#include "datahub/contract/record_cursor.h"

#include <cstring>

namespace datahub::contract {
namespace {

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

bool RecordCursor::Next(RawRecord* record) {
  if (chunk_.records.empty()) return NextLine(record);
  if (at_ == chunk_.records.size()) return false;
  const record::Span span = chunk_.records[at_];
  const uint64_t offset = chunk_.offsets.empty() ? chunk_.first_offset + at_ : chunk_.offsets[at_];
  *record = {chunk_.bytes.data() + span.begin, span.size, offset};
  ++at_;
  return true;
}

bool RecordCursor::NextLine(RawRecord* record) {
  const char* const base = chunk_.bytes.data();
  while (at_ < chunk_.bytes.size()) {
    const char* const begin = base + at_;
    const size_t left = chunk_.bytes.size() - at_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', left));
    size_t size = end == nullptr ? left : static_cast<size_t>(end - begin);
    const uint64_t offset = chunk_.first_offset + at_;
    at_ += end == nullptr ? left : size + 1;
    if (size > 0 && begin[size - 1] == '\r') --size;
    if (size == 0 || (static_cast<unsigned char>(*begin) <= ' ' && IsBlank({begin, size}))) continue;
    *record = {begin, static_cast<uint32_t>(size), offset};
    return true;
  }
  return false;
}

}  // namespace datahub::contract
