#include "datahub/intake/post.h"

#include <cstring>

namespace datahub::intake {
namespace {

struct EntryHeader {
  uint32_t bytes = 0;  // of the whole entry
  Form form = Form::kLines;
  uint8_t source_bytes = 0;
  uint8_t key_bytes = 0;
  uint8_t reserved = 0;
};
static_assert(sizeof(EntryHeader) == 8);

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

size_t EntryBytes(const Post& post) {
  size_t bytes = sizeof(EntryHeader) + post.source.size() + post.key.size() + post.body.size();
  if (!post.key.empty()) bytes += sizeof(Hash128);
  for (const std::string_view record : post.list) bytes += sizeof(uint32_t) + record.size();
  return bytes;
}

void AppendEntry(const Post& post, FrameBuilder& frame) {
  DH_ASSERT(!post.source.empty() && post.source.size() <= kSourceBytesMax && post.key.size() <= kKeyBytesMax);
  EntryHeader header;
  header.bytes = static_cast<uint32_t>(EntryBytes(post));
  header.form = post.form;
  header.source_bytes = static_cast<uint8_t>(post.source.size());
  header.key_bytes = static_cast<uint8_t>(post.key.size());
  frame.Append(&header, sizeof(header));
  frame.Append(post.source.data(), post.source.size());
  if (!post.key.empty()) {
    frame.Append(post.key.data(), post.key.size());
    frame.Append(&post.digest, sizeof(post.digest));
  }
  frame.Append(post.body.data(), post.body.size());
  for (const std::string_view record : post.list) {
    const auto size = static_cast<uint32_t>(record.size());
    frame.Append(&size, sizeof(size));
    frame.Append(record.data(), record.size());
  }
  frame.CountEntry();
}

Result<bool> EntryCursor::Next(Entry* entry) {
  if (at_ == entries_.size()) return false;
  const std::string_view rest = entries_.substr(at_);
  EntryHeader header;
  if (rest.size() < sizeof(header)) return Error{Code::kCorruption, "an entry is cut"};
  std::memcpy(&header, rest.data(), sizeof(header));
  const size_t before =
      sizeof(header) + header.source_bytes + header.key_bytes + (header.key_bytes > 0 ? sizeof(Hash128) : 0);
  const bool known = header.form >= Form::kLines && header.form <= Form::kList;
  if (!known || header.source_bytes == 0 || header.bytes < before || header.bytes > rest.size()) {
    return Error{Code::kCorruption, "an entry's header does not fit its frame"};
  }
  entry->form = header.form;
  entry->source = rest.substr(sizeof(header), header.source_bytes);
  entry->key = rest.substr(sizeof(header) + header.source_bytes, header.key_bytes);
  entry->digest = {};
  if (header.key_bytes > 0) std::memcpy(&entry->digest, rest.data() + before - sizeof(Hash128), sizeof(Hash128));
  entry->body = rest.substr(before, header.bytes - before);
  entry->body_offset = stream_offset_ + at_ + before;
  at_ += header.bytes;
  entry->end_offset = stream_offset_ + at_;
  return true;
}

bool RecordsOfEntry::Next(std::string_view* record, size_t* place) {
  while (at_ < body_.size()) {
    std::string_view rest = body_.substr(at_);
    *place = at_;
    if (form_ == Form::kOne) {
      at_ = body_.size();
      *record = rest;
      return true;
    }
    if (form_ == Form::kList) {
      uint32_t size = 0;
      if (rest.size() < sizeof(size)) return false;
      std::memcpy(&size, rest.data(), sizeof(size));
      *place += sizeof(size);
      *record = rest.substr(sizeof(size), size);
      at_ += sizeof(size) + record->size();
      return true;
    }
    const size_t end = rest.find('\n');
    at_ += end == std::string_view::npos ? rest.size() : end + 1;
    *record = rest.substr(0, end);
    if (record->ends_with('\r')) record->remove_suffix(1);
    if (!IsBlank(*record)) return true;
  }
  return false;
}

}  // namespace datahub::intake
