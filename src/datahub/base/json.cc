#include "datahub/base/json.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "datahub/base/json_pool.h"
#include "datahub/base/json_string.h"
#include "datahub/base/key_index.h"

namespace datahub::json {

// One pass without recursion: the children of open arrays and objects are gathered on stacks and copied to the pool when
// their parent closes.
struct Document::Impl {
  // An array or object that is not closed yet.
  struct Open {
    bool is_object = false;
    uint32_t begin = 0;
    size_t base = 0;       // of its children on their stack
    std::string_view key;  // of the member being read
  };
  static constexpr size_t kKeptChildrenMax = 64 * 1024;  // room on the stacks that is kept from text to text

  Pool pool;
  std::vector<Value> values;
  std::vector<Member> members;
  std::vector<Open> open;
  Value root;

  std::string_view text;
  ParseLimits limits;
  size_t at = 0;
  Error error;

  // Of Skim: values are not kept.
  bool skims = false;
  std::vector<std::string_view>* elements = nullptr;
  size_t elements_max = 0;

  bool Fail(size_t offset, const std::string& what) {
    error = Error{Code::kInvalidInput, "byte " + std::to_string(offset) + ": " + what};
    return false;
  }

  // Whether `more` bytes beside what there is are within the limit.
  bool MayTake(size_t more) {
    const size_t held = pool.bytes() + values.capacity() * sizeof(Value) + members.capacity() * sizeof(Member);
    if (held + more <= limits.memory_max) return true;
    Fail(at, "the values up to here take more memory than " + std::to_string(limits.memory_max) + " bytes");
    error.code = Code::kLimit;
    return false;
  }

  // A full stack grows by as much as it has, beside which the old one stays until it is copied.
  template <class T>
  bool Push(std::vector<T>& stack, const T& value) {
    if (stack.size() == stack.capacity() && !MayTake(2 * stack.capacity() * sizeof(T))) return false;
    stack.push_back(value);
    return true;
  }

  bool Keep(const Open& parent, const Value& value) {
    if (!skims) return parent.is_object ? Push(members, Member{parent.key, value}) : Push(values, value);
    if (open.size() > 1 || parent.is_object) return true;
    if (elements->size() == elements_max) {
      Fail(value.begin, "an array of more than " + std::to_string(elements_max) + " elements");
      error.code = Code::kLimit;
      return false;
    }
    elements->push_back(text.substr(value.begin, value.end - value.begin));
    return true;
  }

  bool AtEnd() const { return at == text.size(); }
  void SkipSpace() {
    while (!AtEnd() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) ++at;
  }

  template <class T>
  static void Clear(std::vector<T>& stack) {
    stack.clear();
    if (stack.capacity() > kKeptChildrenMax) stack.shrink_to_fit();
  }

  bool ParseText() {
    Clear(values);
    Clear(members);
    Clear(open);
    pool.Reset();
    at = 0;
    SkipSpace();
    if (AtEnd()) return Fail(at, "the text is empty");
    bool more = true;
    while (more) {
      Value value;
      if (!BeginValue(value)) return false;
      if (!EndValue(value, more)) return false;
    }
    SkipSpace();
    return AtEnd() || Fail(at, "text after the value");
  }

  // Reads a scalar or an empty array or object into `value`; opens those that hold something and goes down to the first
  // scalar in them.
  bool BeginValue(Value& value) {
    for (;;) {
      SkipSpace();
      if (AtEnd()) return Fail(at, "the text ends where a value must be");
      value.begin = static_cast<uint32_t>(at);
      const char c = text[at];
      if (c != '{' && c != '[') return ParseScalar(value);
      if (open.size() >= limits.depth_max) return Fail(at, "nested deeper than " + std::to_string(limits.depth_max));
      const bool is_object = c == '{';
      ++at;
      SkipSpace();
      if (!AtEnd() && text[at] == (is_object ? '}' : ']')) {
        value.type = is_object ? Type::kObject : Type::kArray;
        value.end = static_cast<uint32_t>(++at);
        return true;
      }
      open.push_back({is_object, value.begin, is_object ? members.size() : values.size(), {}});
      if (is_object && !ParseKey()) return false;
    }
  }

  // Gives `value` to its parent and closes all that end behind it.
  bool EndValue(Value value, bool& more) {
    for (;;) {
      if (open.empty()) {
        root = value;
        more = false;
        return true;
      }
      Open& parent = open.back();
      if (!Keep(parent, value)) return false;
      SkipSpace();
      if (AtEnd()) return Fail(parent.begin, parent.is_object ? "an object without an end" : "an array without an end");
      const char c = text[at++];
      if (c == ',') {
        SkipSpace();
        return !parent.is_object || ParseKey();
      }
      if (c != (parent.is_object ? '}' : ']')) {
        return Fail(at - 1, parent.is_object ? "expected ',' or '}' in an object" : "expected ',' or ']' in an array");
      }
      if (!Close(parent, value)) return false;
      open.pop_back();
    }
  }

  bool Close(const Open& parent, Value& value) {
    value = Value{};
    value.begin = parent.begin;
    value.end = static_cast<uint32_t>(at);
    if (!parent.is_object) {
      value.type = Type::kArray;
      if (!MayTake((values.size() - parent.base) * sizeof(Value))) return false;
      value.elements = pool.Copy(values.data() + parent.base, values.size() - parent.base);
      values.resize(parent.base);
      return true;
    }
    value.type = Type::kObject;
    if (!MayTake((members.size() - parent.base) * sizeof(Member))) return false;
    value.members = pool.Copy(members.data() + parent.base, members.size() - parent.base);
    members.resize(parent.base);
    return IndexMembers(value);
  }

  // The index of a wide object; refuses repeated keys.
  bool IndexMembers(Value& object) {
    const std::span<const Member> mine = object.members;
    uint32_t repeated = KeyIndex::kNone;
    if (mine.size() >= KeyIndex::kMembersMin) {
      object.index = KeyIndex::Make(pool.Take(KeyIndex::BytesFor(mine.size())), mine, &repeated);
    } else if (limits.unique_keys) {
      for (uint32_t i = 1; i < mine.size() && repeated == KeyIndex::kNone; ++i) {
        for (uint32_t j = 0; j < i; ++j) {
          if (mine[i].key == mine[j].key) repeated = i;
        }
      }
    }
    if (!limits.unique_keys || repeated == KeyIndex::kNone) return true;
    constexpr size_t kShownMax = 100;
    const Member& member = mine[repeated];
    return Fail(PlaceOfKey(member), "the key \"" + std::string(member.key.substr(0, kShownMax)) + "\" is repeated");
  }

  // A key without escapes is a view into the text; of another one only the value's place is kept.
  size_t PlaceOfKey(const Member& member) const {
    const char* const key = member.key.data();
    const bool is_view = std::less_equal<>()(text.data(), key) && std::less<>()(key, text.data() + text.size());
    return is_view ? static_cast<size_t>(key - text.data()) - 1 : member.value.begin;
  }

  // Reads `"key" :`.
  bool ParseKey() {
    if (AtEnd() || text[at] != '"') return Fail(at, "expected a key in an object");
    if (!ParseString(open.back().key)) return false;
    SkipSpace();
    if (AtEnd() || text[at] != ':') return Fail(at, "expected ':' after the key");
    ++at;
    return true;
  }

  bool ParseString(std::string_view& out) {
    const char* const wrong = StringReader{text, pool}.Read(at, out);
    if (skims) pool.Reset();
    return wrong == nullptr || Fail(at, wrong);
  }

  bool ParseScalar(Value& value) {
    bool parsed = false;
    switch (text[at]) {
      case '"':
        value.type = Type::kString;
        parsed = ParseString(value.text);
        break;
      case 't':
        parsed = ParseWord(value, "true", Type::kTrue);
        break;
      case 'f':
        parsed = ParseWord(value, "false", Type::kFalse);
        break;
      case 'n':
        parsed = ParseWord(value, "null", Type::kNull);
        break;
      default:
        parsed = ParseNumber(value);
        break;
    }
    value.end = static_cast<uint32_t>(at);
    return parsed;
  }

  bool ParseWord(Value& value, std::string_view word, Type type) {
    if (!text.substr(at).starts_with(word)) return Fail(at, "not a JSON value");
    at += word.size();
    value.type = type;
    return true;
  }

  size_t SkipDigits() {
    const size_t first = at;
    while (!AtEnd() && static_cast<unsigned char>(text[at] - '0') < 10) ++at;
    return at - first;
  }

  bool ParseNumber(Value& value) {
    const size_t begin = at;
    if (text[at] == '-') ++at;
    const size_t first = at;
    const size_t whole = SkipDigits();
    if (whole == 0) return Fail(begin, "not a JSON value");
    if (whole > 1 && text[first] == '0') return Fail(begin, "a number may not begin with 0");
    if (!AtEnd() && text[at] == '.') {
      ++at;
      if (SkipDigits() == 0) return Fail(at, "a digit must follow the point");
    }
    if (!AtEnd() && (text[at] == 'e' || text[at] == 'E')) {
      ++at;
      if (!AtEnd() && (text[at] == '+' || text[at] == '-')) ++at;
      if (SkipDigits() == 0) return Fail(at, "a digit must follow the exponent");
    }
    value.type = Type::kNumber;
    value.text = text.substr(begin, at - begin);
    return true;
  }
};

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<const Value*> Document::Parse(std::string_view text, const ParseLimits& limits) {
  const size_t bytes_max = std::min<size_t>(limits.bytes_max, uint32_t(-1));
  if (text.size() > bytes_max) {
    return Error{Code::kLimit,
                 "the text has " + std::to_string(text.size()) + " bytes, more than " + std::to_string(bytes_max)};
  }
  impl_->text = text;
  impl_->limits = limits;
  if (!impl_->ParseText()) return impl_->error;
  return static_cast<const Value*>(&impl_->root);
}

Result<const Value*> Document::Skim(std::string_view text, const ParseLimits& limits,
                                    std::vector<std::string_view>* elements, size_t elements_max) {
  DH_ASSERT(!limits.unique_keys);  // no key is kept to compare with
  impl_->skims = true;
  impl_->elements = elements;
  impl_->elements_max = elements_max;
  Result<const Value*> skimmed = Parse(text, limits);
  impl_->skims = false;
  return skimmed;
}

const Value* Value::Find(std::string_view key) const {
  if (index != nullptr) {
    const uint32_t at = index->Find(members, key);
    return at == KeyIndex::kNone ? nullptr : &members[at].value;
  }
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
