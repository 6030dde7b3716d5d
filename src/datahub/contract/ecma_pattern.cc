#include "datahub/contract/ecma_pattern.h"

#include <algorithm>

#include <fmt/format.h>

#include "datahub/base/json_utf8.h"
#include "datahub/contract/ascii.h"
#include "datahub/contract/ecma_property.h"

namespace datahub::contract {
namespace {

constexpr char32_t kPointMax = 0x10FFFF;

// ECMA-262 WhiteSpace and LineTerminator, and all but these, as members of a class.
constexpr std::string_view kSpaces =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNotSpaces =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kAnyButLineEnd = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view kAny = R"([\x{0}-\x{10ffff}])";
constexpr std::string_view kNever = "(?!)";

bool IsNameByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '$' || (c & 0x80) != 0; }

void AppendPoint(std::string& out, char32_t point) {
  if (point < 0x80 && (IsLetter(static_cast<char>(point)) || IsDigit(static_cast<char>(point)))) {
    out += static_cast<char>(point);
  } else {
    out += fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(point));
  }
}

}  // namespace

Result<std::string> EcmaPattern::ToPcre2(std::string_view expression) {
  EcmaPattern pattern(expression);
  DH_TRY(pattern.FindGroups());
  while (pattern.at_ < expression.size()) DH_TRY(pattern.Step());
  if (!pattern.open_.empty()) return pattern.Refuse("a group is not closed");
  return std::move(pattern.out_);
}

Error EcmaPattern::Refuse(const std::string& what) const {
  return Error{Code::kInvalidInput, fmt::format("at byte {}: {}", at_, what)};
}

// Back references may come before their groups, so the groups are counted first.
Result<void> EcmaPattern::FindGroups() {
  bool in_class = false;
  for (at_ = 0; at_ < in_.size(); ++at_) {
    if (in_[at_] == '\\') {
      ++at_;
    } else if (in_class || in_[at_] == '[') {
      in_class = in_[at_] != ']';
    } else if (in_[at_] == '(' && Peek(1) != '?') {
      ++groups_;
    } else if (At("(?<") && Peek(3) != '=' && Peek(3) != '!') {
      ++groups_;
      size_t end = at_ + 3;
      while (end < in_.size() && IsNameByte(in_[end])) ++end;
      const std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
      if (name.empty() || IsDigit(name[0]) || end == in_.size() || in_[end] != '>')
        return Refuse("'(?<' without a name");
      if (!names_.emplace(name, groups_).second) return Refuse(fmt::format("two groups are named '{}'", name));
    }
  }
  at_ = 0;
  return {};
}

Result<void> EcmaPattern::Step() {
  switch (in_[at_]) {
    case '\\':
      return Escape();
    case '[':
      return Class();
    case '(':
      return OpenGroup();
    case ')':
      return CloseGroup();
    case '*':
    case '+':
    case '?':
      return Repeat();
    case '{':
      // A brace that counts nothing is itself.
      if (IsDigit(Peek(1))) {
        size_t end = at_ + 1;
        while (end < in_.size() && IsDigit(in_[end])) ++end;
        if (end < in_.size() && in_[end] == ',') ++end;
        while (end < in_.size() && IsDigit(in_[end])) ++end;
        if (end < in_.size() && in_[end] == '}') return Repeat();
      }
      break;
    case '^':
    case '$':
    case '|':
      out_ += in_[at_++];
      last_ = Last::kNothing;
      return {};
    case '.':
      ++at_;
      out_ += kAnyButLineEnd;
      last_ = Last::kAtom;
      return {};
    default:
      break;
  }
  AppendPoint(out_, ReadCharacter());
  last_ = Last::kAtom;
  return {};
}

// Of what may follow "(?" ECMA-262 knows ':', '=', '!', '<=', '<!' and '<name>'. Groups go by number.
Result<void> EcmaPattern::OpenGroup() {
  last_ = Last::kNothing;
  if (Peek(1) == '*') return Refuse("'(*' is not ECMA-262");
  if (Peek(1) != '?') {
    ++at_;
    out_ += '(';
    open_.push_back(false);
    return {};
  }
  for (const std::string_view kind : {"(?:", "(?=", "(?!", "(?<=", "(?<!"}) {
    if (!At(kind)) continue;
    at_ += kind.size();
    out_ += kind;
    open_.push_back(kind != "(?:");
    return {};
  }
  if (!At("(?<")) return Refuse(fmt::format("'{}' is not ECMA-262", in_.substr(at_, 3)));
  at_ = in_.find('>', at_) + 1;
  out_ += '(';
  open_.push_back(false);
  return {};
}

Result<void> EcmaPattern::CloseGroup() {
  if (open_.empty()) return Refuse("')' closes no group");
  ++at_;
  out_ += ')';
  last_ = open_.back() ? Last::kNothing : Last::kAtom;
  open_.pop_back();
  return {};
}

Result<void> EcmaPattern::Repeat() {
  if (in_[at_] == '?' && last_ == Last::kQuantifier) {  // as few as possible
    out_ += in_[at_++];
    last_ = Last::kNothing;
    return {};
  }
  if (last_ != Last::kAtom) return Refuse(fmt::format("'{}' repeats nothing", in_[at_]));
  const size_t size = in_[at_] == '{' ? in_.find('}', at_) + 1 - at_ : 1;
  out_ += in_.substr(at_, size);
  at_ += size;
  last_ = Last::kQuantifier;
  return {};
}

Result<void> EcmaPattern::Escape() {
  const char kind = Peek(1);
  if (kind == 'b' || kind == 'B') {
    out_ += in_.substr(at_, 2);
    at_ += 2;
    last_ = Last::kNothing;
    return {};
  }
  last_ = Last::kAtom;
  if (kind == 'k' || (kind >= '1' && kind <= '9')) return BackReference();
  const std::string set = DH_TRY(ReadSet());
  if (!set.empty()) {
    out_.append("[").append(set).append("]");
    return {};
  }
  const char32_t point = DH_TRY(ReadCharacterEscape());
  AppendPoint(out_, point);
  return {};
}

Result<void> EcmaPattern::BackReference() {
  size_t group = 0;
  size_t end = at_ + 1;
  if (Peek(1) == 'k') {
    end = in_.find('>', at_);
    if (Peek(2) != '<' || end == std::string_view::npos) return Refuse("'\\k' needs <a group's name>");
    const auto named = names_.find(in_.substr(at_ + 3, end - at_ - 3));
    if (named == names_.end()) return Refuse("'\\k' names no group");
    group = named->second;
    ++end;
  } else {
    for (; end < in_.size() && IsDigit(in_[end]) && group <= groups_; ++end) {
      group = group * 10 + static_cast<size_t>(in_[end] - '0');
    }
    if (group > groups_) return Refuse(fmt::format("there is no group {}", group));
  }
  out_ += fmt::format("\\g{{{}}}", group);
  at_ = end;
  return {};
}

Result<void> EcmaPattern::Class() {
  const size_t begin = at_++;
  const bool negated = Peek(0) == '^';
  at_ += negated ? 1 : 0;
  std::string members;
  while (at_ < in_.size() && in_[at_] != ']') {
    const ClassAtom first = DH_TRY(ReadClassAtom());
    const bool is_range = Peek(0) == '-' && at_ + 1 < in_.size() && Peek(1) != ']';
    if (!is_range) {
      first.is_set ? void(members += first.spelling) : AppendPoint(members, first.point);
      continue;
    }
    ++at_;
    const ClassAtom last = DH_TRY(ReadClassAtom());
    if (first.is_set || last.is_set) return Refuse("a range between sets; write \\- for a dash");
    if (first.point > last.point) return Refuse("a range that runs backwards");
    AppendPoint(members, first.point);
    members += '-';
    AppendPoint(members, last.point);
  }
  if (at_ == in_.size()) {
    at_ = begin;
    return Refuse("a class is not closed");
  }
  ++at_;
  last_ = Last::kAtom;
  if (members.empty()) {
    out_ += negated ? kAny : fmt::format("(?:{})", kNever);
  } else {
    out_.append(negated ? "[^" : "[").append(members).append("]");
  }
  return {};
}

Result<EcmaPattern::ClassAtom> EcmaPattern::ReadClassAtom() {
  ClassAtom atom;
  if (in_[at_] != '\\') {
    atom.point = ReadCharacter();
    return atom;
  }
  if (Peek(1) == 'b') {
    at_ += 2;
    atom.point = 0x08;
    return atom;
  }
  atom.spelling = DH_TRY(ReadSet());
  atom.is_set = !atom.spelling.empty();
  if (!atom.is_set) atom.point = DH_TRY(ReadCharacterEscape());
  return atom;
}

Result<std::string> EcmaPattern::ReadSet() {
  const char kind = Peek(1);
  if (kind == 'p' || kind == 'P') return ReadProperty();
  std::string set;
  if (kind == 'd' || kind == 'D' || kind == 'w' || kind == 'W') set = in_.substr(at_, 2);  // ASCII in both
  if (kind == 's') set = kSpaces;
  if (kind == 'S') set = kNotSpaces;
  if (!set.empty()) at_ += 2;
  return set;
}

Result<std::string> EcmaPattern::ReadProperty() {
  const size_t end = in_.find('}', at_);
  if (Peek(2) != '{' || end == std::string_view::npos) return Refuse("'\\p' needs {a property}");
  const std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
  const std::string known = Pcre2Property(name);
  if (known.empty()) return Refuse(fmt::format("'{}' is not a property of ECMA-262 that is supported", name));
  const bool negated = (Peek(1) == 'P') != known.starts_with('^');
  at_ = end + 1;
  return fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', known.substr(known.starts_with('^') ? 1 : 0));
}

Result<char32_t> EcmaPattern::ReadCharacterEscape() {
  const char kind = Peek(1);
  if (at_ + 1 == in_.size()) return Refuse("a backslash at the end");
  const auto is = [&](char32_t point, size_t size) {
    at_ += size;
    return point;
  };
  switch (kind) {
    case 'f':
      return is(0x0C, 2);
    case 'n':
      return is(0x0A, 2);
    case 'r':
      return is(0x0D, 2);
    case 't':
      return is(0x09, 2);
    case 'v':
      return is(0x0B, 2);
    case 'u':
      return ReadUnicodeEscape();
    case 'x': {
      const int64_t point = HexAt(at_ + 2, 2);
      if (point < 0) return Refuse("'\\x' needs two hexadecimal digits");
      return is(static_cast<char32_t>(point), 4);
    }
    case 'c':
      if (!IsLetter(Peek(2))) return Refuse("'\\c' needs a letter");
      return is(static_cast<char32_t>(Peek(2) % 32), 3);
    case '0':
      if (IsDigit(Peek(2))) return Refuse("octal escapes are not ECMA-262 in Unicode mode");
      return is(0, 2);
    default:
      break;
  }
  if (IsLetter(kind) || IsDigit(kind)) return Refuse(fmt::format("'\\{}' is not ECMA-262 in Unicode mode here", kind));
  ++at_;
  return ReadCharacter();
}

Result<char32_t> EcmaPattern::ReadUnicodeEscape() {
  int64_t point = -1;
  size_t end = at_ + 6;
  if (Peek(2) == '{') {
    constexpr size_t kDigitsMax = 8;
    const size_t brace = in_.find('}', at_);
    if (brace != std::string_view::npos && brace > at_ + 3 && brace - at_ - 3 <= kDigitsMax) {
      point = HexAt(at_ + 3, brace - at_ - 3);
      end = brace + 1;
    }
  } else {
    point = HexAt(at_ + 2, 4);
    const int64_t low = in_.substr(std::min(end, in_.size())).starts_with("\\u") ? HexAt(end + 2, 4) : -1;
    if (point >= 0xD800 && point <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      end += 6;
    }
  }
  if (point < 0 || point > static_cast<int64_t>(kPointMax) || (point >= 0xD800 && point <= 0xDFFF)) {
    return Refuse("'\\u' names no character");
  }
  at_ = end;
  return static_cast<char32_t>(point);
}

char32_t EcmaPattern::ReadCharacter() {
  char32_t point = 0;
  at_ += json::DecodeUtf8(in_.substr(at_), point);
  return point;
}

int64_t EcmaPattern::HexAt(size_t from, size_t digits) const {
  if (digits == 0 || from + digits > in_.size()) return -1;
  int64_t value = 0;
  for (const char c : in_.substr(from, digits)) {
    const int digit = IsDigit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace datahub::contract
