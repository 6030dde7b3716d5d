#include "datahub/base/json.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <vector>

#include "datahub/base/json_utf8.h"

namespace datahub::json {
namespace {

// Objects wider than this are searched and checked for repeated keys by hash.
constexpr size_t kLinearMembersMax = 12;
constexpr size_t kBlockBytes = 64 * 1024;

// Bump memory that is kept from text to text.
class Pool {
 public:
  void Reset() {
    block_ = 0;
    used_ = 0;
  }

  char* Take(size_t size) {
    size = (size + 15) & ~size_t(15);
    while (block_ < blocks_.size() && used_ + size > blocks_[block_].size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const size_t bytes = std::max(size, kBlockBytes);
      blocks_.push_back({std::unique_ptr<char[]>(new char[bytes]), bytes});
    }
    char* at = blocks_[block_].bytes.get() + used_;
    used_ += size;
    return at;
  }

  template <class T>
  std::span<const T> Copy(const T* from, size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* to = reinterpret_cast<T*>(Take(count * sizeof(T)));
    std::uninitialized_copy(from, from + count, to);
    return {to, count};
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0;
  size_t used_ = 0;
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

// A recursive descent over the text; children are gathered on stacks and copied to the pool when their parent ends.
struct Document::Impl {
  Pool pool;
  std::vector<Value> values;
  std::vector<Member> members;
  std::vector<uint64_t> seen;  // hashes of a wide object's keys, sorted to find repeats
  Value root;

  std::string_view text;
  ParseLimits limits;
  size_t at = 0;
  Error error;

  bool Fail(size_t offset, const std::string& what) {
    error = Error{Code::kInvalidInput, "byte " + std::to_string(offset) + ": " + what};
    return false;
  }

  void SkipSpace() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) ++at;
  }

  bool ParseText() {
    values.clear();
    members.clear();
    pool.Reset();
    at = 0;
    SkipSpace();
    if (at == text.size()) return Fail(at, "the text is empty");
    if (!ParseValue(root, 0)) return false;
    SkipSpace();
    if (at != text.size()) return Fail(at, "text after the value");
    return true;
  }

  bool ParseValue(Value& value, size_t depth) {
    value = Value{};
    value.begin = static_cast<uint32_t>(at);
    if (at == text.size()) return Fail(at, "the text ends where a value must be");
    bool parsed = false;
    switch (text[at]) {
      case '{': parsed = ParseObject(value, depth); break;
      case '[': parsed = ParseArray(value, depth); break;
      case '"':
        value.type = Type::kString;
        parsed = ParseString(value.text);
        break;
      case 't': parsed = ParseWord(value, "true", Type::kTrue); break;
      case 'f': parsed = ParseWord(value, "false", Type::kFalse); break;
      case 'n': parsed = ParseWord(value, "null", Type::kNull); break;
      default: parsed = ParseNumber(value); break;
    }
    value.end = static_cast<uint32_t>(at);
    return parsed;
  }

  bool ParseWord(Value& value, std::string_view word, Type type) {
    if (text.substr(at, word.size()) != word) return Fail(at, "not a JSON value");
    at += word.size();
    value.type = type;
    return true;
  }

  bool ParseNumber(Value& value) {
    const size_t begin = at;
    const auto digits = [&] {
      const size_t first = at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      return at - first;
    };
    if (text[at] == '-') ++at;
    const size_t first = at;
    const size_t whole = digits();
    if (whole == 0) return Fail(begin, "not a JSON value");
    if (whole > 1 && text[first] == '0') return Fail(begin, "a number may not begin with 0");
    if (at < text.size() && text[at] == '.') {
      ++at;
      if (digits() == 0) return Fail(at, "a digit must follow the point");
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
      ++at;
      if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
      if (digits() == 0) return Fail(at, "a digit must follow the exponent");
    }
    value.type = Type::kNumber;
    value.text = text.substr(begin, at - begin);
    return true;
  }

  // `at` is on the opening quote. Without escapes the string is a view into the text.
  bool ParseString(std::string_view& out) {
    const size_t begin = ++at;
    while (at < text.size() && text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
    if (at < text.size() && text[at] == '"') {
      out = text.substr(begin, at - begin);
      const size_t bad = FindInvalidUtf8(out);
      if (bad != std::string_view::npos) return Fail(begin + bad, "invalid UTF-8");
      ++at;
      return true;
    }
    return ParseEscaped(begin, out);
  }

  bool ParseEscaped(size_t begin, std::string_view& out) {
    // The decoded text is never longer than the written one.
    size_t end = at;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return Fail(begin - 1, "a string without an end");
    char* to = pool.Take(end - begin);
    char* const start = to;
    for (at = begin; at < end;) {
      const auto c = static_cast<unsigned char>(text[at]);
      if (c < 0x20) return Fail(at, "a control character in a string");
      if (c != '\\') {
        *to++ = text[at++];
        continue;
      }
      if (!ParseEscape(to)) return false;
    }
    out = std::string_view(start, to - start);
    const size_t bad = FindInvalidUtf8(text.substr(begin, end - begin));
    if (bad != std::string_view::npos) return Fail(begin + bad, "invalid UTF-8");
    at = end + 1;
    return true;
  }

  bool ParseEscape(char*& to) {
    const size_t begin = at;
    const char kind = text[at + 1];
    at += 2;
    switch (kind) {
      case '"': *to++ = '"'; return true;
      case '\\': *to++ = '\\'; return true;
      case '/': *to++ = '/'; return true;
      case 'b': *to++ = '\b'; return true;
      case 'f': *to++ = '\f'; return true;
      case 'n': *to++ = '\n'; return true;
      case 'r': *to++ = '\r'; return true;
      case 't': *to++ = '\t'; return true;
      case 'u': break;
      default: return Fail(begin, "an escape that JSON does not know");
    }
    uint32_t point = 0;
    if (!ParseHex(point)) return Fail(begin, "\\u must be followed by four hexadecimal digits");
    if (point >= 0xDC00 && point <= 0xDFFF) return Fail(begin, "a lone low surrogate");
    if (point >= 0xD800 && point <= 0xDBFF) {
      uint32_t low = 0;
      if (text.substr(at, 2) != "\\u") return Fail(begin, "a lone high surrogate");
      at += 2;
      if (!ParseHex(low) || low < 0xDC00 || low > 0xDFFF) return Fail(begin, "a lone high surrogate");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    to = EncodeUtf8(point, to);
    return true;
  }

  bool ParseHex(uint32_t& point) {
    if (text.size() - at < 4) return false;
    point = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = HexDigit(text[at + i]);
      if (digit < 0) return false;
      point = point * 16 + static_cast<uint32_t>(digit);
    }
    at += 4;
    return true;
  }

  bool ParseArray(Value& value, size_t depth) {
    if (depth >= limits.depth_max) return Fail(at, "nested deeper than " + std::to_string(limits.depth_max));
    value.type = Type::kArray;
    const size_t base = values.size();
    ++at;
    SkipSpace();
    if (at < text.size() && text[at] == ']') {
      ++at;
      return true;
    }
    for (;;) {
      SkipSpace();
      Value element;
      if (!ParseValue(element, depth + 1)) return false;
      values.push_back(element);
      SkipSpace();
      if (at == text.size()) return Fail(value.begin, "an array without an end");
      const char c = text[at++];
      if (c == ']') break;
      if (c != ',') return Fail(at - 1, "expected ',' or ']' in an array");
    }
    value.elements = pool.Copy(values.data() + base, values.size() - base);
    values.resize(base);
    return true;
  }

  bool ParseObject(Value& value, size_t depth) {
    if (depth >= limits.depth_max) return Fail(at, "nested deeper than " + std::to_string(limits.depth_max));
    value.type = Type::kObject;
    const size_t base = members.size();
    ++at;
    SkipSpace();
    if (at < text.size() && text[at] == '}') {
      ++at;
      return true;
    }
    for (;;) {
      SkipSpace();
      if (at == text.size() || text[at] != '"') return Fail(at, "expected a key in an object");
      Member member;
      if (!ParseString(member.key)) return false;
      SkipSpace();
      if (at == text.size() || text[at] != ':') return Fail(at, "expected ':' after the key");
      ++at;
      SkipSpace();
      if (!ParseValue(member.value, depth + 1)) return false;
      members.push_back(member);
      SkipSpace();
      if (at == text.size()) return Fail(value.begin, "an object without an end");
      const char c = text[at++];
      if (c == '}') break;
      if (c != ',') return Fail(at - 1, "expected ',' or '}' in an object");
    }
    if (limits.unique_keys && !CheckUnique(base)) return false;
    value.members = pool.Copy(members.data() + base, members.size() - base);
    members.resize(base);
    return true;
  }

  bool CheckUnique(size_t base) {
    const std::span<const Member> mine(members.data() + base, members.size() - base);
    const auto repeated = [&](const Member& member) {
      return Fail(member.value.begin, "the key \"" + std::string(member.key.substr(0, 100)) + "\" is repeated");
    };
    if (mine.size() <= kLinearMembersMax) {
      for (size_t i = 1; i < mine.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
          if (mine[i].key == mine[j].key) return repeated(mine[i]);
        }
      }
      return true;
    }
    order.resize(mine.size());
    for (size_t i = 0; i < mine.size(); ++i) order[i] = static_cast<uint32_t>(i);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return mine[a].key < mine[b].key; });
    for (size_t i = 1; i < order.size(); ++i) {
      if (mine[order[i]].key == mine[order[i - 1]].key) return repeated(mine[std::max(order[i], order[i - 1])]);
    }
    return true;
  }

  std::vector<uint32_t> order;
};

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<const Value*> Document::Parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error{Code::kLimit, "the text has " + std::to_string(text.size()) + " bytes, more than " +
                                   std::to_string(limits.bytes_max)};
  }
  impl_->text = text;
  impl_->limits = limits;
  if (!impl_->ParseText()) return impl_->error;
  return static_cast<const Value*>(&impl_->root);
}

const Value* Value::Find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Place PlaceOf(std::string_view text, size_t offset) {
  Place place;
  offset = std::min(offset, text.size());
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
  return place;
}

}  // namespace datahub::json
