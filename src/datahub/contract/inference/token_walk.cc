#include "datahub/contract/inference/token_walk.h"

#include <algorithm>
#include <cstring>

#include "datahub/base/hash.h"
#include "datahub/contract/fast_string.h"
#include "datahub/contract/repeated_text.h"

namespace datahub::contract::inference {
namespace {

// RFC 8259's number.
bool IsNumber(const char* at, const char* end) {
  const auto digits = [&] {
    const char* const first = at;
    while (at < end && static_cast<unsigned char>(*at - '0') <= 9) ++at;
    return at - first;
  };
  if (at < end && *at == '-') ++at;
  const char* const first = at;
  const ptrdiff_t whole = digits();
  if (whole == 0 || (whole > 1 && *first == '0')) return false;
  if (at < end && *at == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == end;
}

}  // namespace

bool TokenWalk::Record(const uint32_t** at, uint32_t end, Evidence& root, TimeReader& times) {
  end_ = end;
  seen_.clear();
  keys_.clear();
  decoded_size_ = 0;
  if (has_escapes_) decoded_.resize(std::max<size_t>(decoded_.size(), end - **at));
  const uint32_t* const behind = Value(root, *at, 0, 0);
  // Exactly one value: it ended within the record, and nothing follows.
  if (behind == nullptr || behind[-1] >= end_ || *behind < end_) return false;
  *at = behind;
  Count(times);
  return true;
}

const uint32_t* TokenWalk::Value(Evidence& evidence, const uint32_t* at, uint32_t position, int depth) {
  if (*at >= end_) return nullptr;
  const char* const begin = base_ + *at;
  switch (*begin) {
    case '"':
      return String(evidence, at, position);
    case '{':
      return Object(evidence, at, position, depth);
    case '[':
      return Array(evidence, at, position, depth);
    default:
      break;
  }
  const char* const end = TokenEnd(at);
  if (end <= begin) return nullptr;
  const std::string_view token(begin, static_cast<size_t>(end - begin));
  Kind kind = Kind::kNumber;
  if (token == "null") {
    kind = Kind::kNull;
  } else if (token == "true") {
    kind = Kind::kTrue;
  } else if (token == "false") {
    kind = Kind::kFalse;
  } else if (!IsNumber(begin, end)) {
    return nullptr;
  }
  seen_.push_back({&evidence, begin, static_cast<uint32_t>(token.size()), position, kind});
  return at + 1;
}

const uint32_t* TokenWalk::String(Evidence& evidence, const uint32_t* at, uint32_t position) {
  const char* const begin = base_ + *at;
  const char* const end = TokenEnd(at) - 1;
  if (end <= begin || *end != '"') return nullptr;
  std::string_view text(begin + 1, static_cast<size_t>(end - begin - 1));
  if (has_escapes_ && std::memchr(text.data(), '\\', text.size()) != nullptr) {
    char* const room = decoded_.data() + decoded_size_;
    decoded_size_ += text.size();
    if (!Unescape(text, room, &text)) return nullptr;
  }
  seen_.push_back({&evidence, text.data(), static_cast<uint32_t>(text.size()), position, Kind::kString});
  return at + 1;
}

bool TokenWalk::Key(const uint32_t* at, std::string_view* key) const {
  if (at[1] >= end_ || base_[*at] != '"' || base_[at[1]] != ':') return false;
  const char* const begin = base_ + *at + 1;
  const char* const end = TokenEnd(at) - 1;
  if (end < begin || *end != '"') return false;
  *key = {begin, static_cast<size_t>(end - begin)};
  return !has_escapes_ || key->find('\\') == std::string_view::npos;
}

const uint32_t* TokenWalk::Object(Evidence& evidence, const uint32_t* at, uint32_t position, int depth) {
  Objects* const objects = evidence.objects.get();
  if (objects == nullptr || objects->given_up || depth >= kDepthMax) return nullptr;
  const uint64_t stamp = ++stamp_;
  const size_t first_key = keys_.size();
  const size_t entry = seen_.size();
  seen_.push_back({&evidence, nullptr, 0, position, Kind::kObject});
  uint32_t keys = 0;
  size_t next = 0;
  ++at;
  if (*at < end_ && base_[*at] == '}') return at + 1;
  for (;; ++at) {
    std::string_view key;
    if (!Key(at, &key)) return nullptr;
    Evidence* child = nullptr;
    if (objects->is_map) {
      child = key.size() > kKeyBytesMax ? nullptr : objects->rest.get();
      keys_.push_back(key);
      seen_.push_back({&evidence, key.data(), static_cast<uint32_t>(key.size()), 0, Kind::kMapKey});
    } else if (Member* const member = objects->Find(key, next, &next)) {
      if (member->stamp == stamp) return nullptr;
      member->stamp = stamp;
      child = member->evidence.get();
      ++next;
    }
    if (child == nullptr) return nullptr;
    at = Value(*child, at + 2, keys++, depth + 1);
    if (at == nullptr || *at >= end_) return nullptr;
    if (base_[*at] == '}') break;
    if (base_[*at] != ',') return nullptr;
  }
  if (objects->is_map && HasRepeated(std::span(keys_).subspan(first_key))) return nullptr;
  keys_.resize(first_key);
  seen_[entry].size = keys;
  return at + 1;
}

const uint32_t* TokenWalk::Array(Evidence& evidence, const uint32_t* at, uint32_t position, int depth) {
  Arrays* const arrays = evidence.arrays.get();
  if (arrays == nullptr || arrays->given_up || depth >= kDepthMax) return nullptr;
  const size_t entry = seen_.size();
  seen_.push_back({&evidence, nullptr, 0, position, Kind::kArray});
  uint32_t items = 0;
  ++at;
  if (*at < end_ && base_[*at] == ']') return at + 1;
  if (arrays->element == nullptr) return nullptr;
  for (;; ++at) {
    at = Value(*arrays->element, at, 0, depth + 1);
    ++items;
    if (at == nullptr || *at >= end_) return nullptr;
    if (base_[*at] == ']') break;
    if (base_[*at] != ',') return nullptr;
  }
  seen_[entry].size = items;
  return at + 1;
}

void TokenWalk::Count(TimeReader& times) {
  for (const Seen& seen : seen_) {
    Evidence& evidence = *seen.evidence;
    evidence.position_sum += seen.position;
    switch (seen.kind) {
      case Kind::kNull:
        evidence.AddNull();
        break;
      case Kind::kTrue:
        evidence.AddBool(true);
        break;
      case Kind::kFalse:
        evidence.AddBool(false);
        break;
      case Kind::kNumber:
        evidence.AddNumber({seen.text, seen.size});
        break;
      case Kind::kString:
        evidence.AddString({seen.text, seen.size}, times);
        break;
      case Kind::kArray:
        evidence.AddArray(seen.size);
        break;
      case Kind::kObject:
        evidence.AddObject(seen.size);
        break;
      case Kind::kMapKey:
        evidence.objects->distinct.Add(HashBytes({seen.text, seen.size}).low);
        break;
    }
  }
}

}  // namespace datahub::contract::inference
