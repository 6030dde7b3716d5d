#include "datahub/contract/pattern_tree.h"

#include <algorithm>

#include "datahub/base/json_utf8.h"

namespace datahub::contract {
namespace {

using Ranges = PatternNode::Ranges;

constexpr char32_t kLast = 0x10FFFF;

void Sort(Ranges& ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges apart;
  for (const auto& [from, to] : ranges) {
    if (!apart.empty() && from <= apart.back().second + 1) {
      apart.back().second = std::max(apart.back().second, to);
    } else {
      apart.emplace_back(from, to);
    }
  }
  ranges = std::move(apart);
}

Ranges Without(Ranges ranges) {
  Sort(ranges);
  Ranges rest;
  char32_t next = 0;
  for (const auto& [from, to] : ranges) {
    if (from > next) rest.emplace_back(next, from - 1);
    next = to + 1;
  }
  if (next <= kLast) rest.emplace_back(next, kLast);
  return rest;
}

const Ranges kDigits = {{'0', '9'}};
const Ranges kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
// ECMA-262's WhiteSpace and LineTerminator.
const Ranges kSpace = {{'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                       {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const Ranges kLineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<PatternNode> Parse() {
    PatternNode node = Choice();
    if (!right_ || at_ != text_.size()) return std::nullopt;
    return node;
  }

 private:
  static constexpr size_t kDepthMax = 100;

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void Refuse() { right_ = false; }

  PatternNode Choice() {
    PatternNode choice;
    choice.kind = PatternNode::Kind::kChoice;
    if (++depth_ > kDepthMax) Refuse();
    do {
      choice.children.push_back(Sequence());
    } while (right_ && Take('|'));
    --depth_;
    return choice.children.size() == 1 ? std::move(choice.children[0]) : choice;
  }

  PatternNode Sequence() {
    PatternNode sequence;
    sequence.kind = PatternNode::Kind::kSequence;
    while (right_ && !AtEnd() && Peek() != '|' && Peek() != ')') {
      if (++parts_ > kPatternPartsMax) Refuse();
      sequence.children.push_back(Quantified(Term()));
    }
    return sequence;
  }

  PatternNode Term() {
    PatternNode node;
    if (Take('^')) {
      node.kind = PatternNode::Kind::kBegin;
    } else if (Take('$')) {
      node.kind = PatternNode::Kind::kEnd;
    } else if (Take('(')) {
      if (Take('?') && !Take(':')) Refuse();  // looks around, or has a name
      node = Choice();
      if (!Take(')')) Refuse();
    } else {
      node.kind = PatternNode::Kind::kClass;
      if (Take('[')) {
        node.ranges = Class();
      } else if (Take('.')) {
        node.ranges = Without(kLineEnds);
      } else if (Take('\\')) {
        node.ranges = Escape(false);
      } else if (std::string_view("*+?{}]").find(Peek()) != std::string_view::npos) {
        Refuse();
      } else {
        const char32_t point = Point();
        node.ranges = {{point, point}};
      }
      Sort(node.ranges);
    }
    return node;
  }

  PatternNode Quantified(PatternNode node) {
    uint32_t min = 1;
    uint32_t max = 1;
    if (Take('*')) {
      min = 0;
      max = PatternNode::kUnbounded;
    } else if (Take('+')) {
      max = PatternNode::kUnbounded;
    } else if (Take('?')) {
      min = 0;
    } else if (Take('{')) {
      min = max = Number();
      if (Take(',')) max = Peek() == '}' ? PatternNode::kUnbounded : Number();
      if (!Take('}') || max < min) Refuse();
    } else {
      return node;
    }
    Take('?');  // lazy: what is found is the same
    const bool asserts = node.kind == PatternNode::Kind::kBegin || node.kind == PatternNode::Kind::kEnd;
    if (asserts || Peek() == '*' || Peek() == '+' || Peek() == '?' || Peek() == '{') Refuse();
    PatternNode repeat;
    repeat.kind = PatternNode::Kind::kRepeat;
    repeat.min = min;
    repeat.max = max;
    repeat.children.push_back(std::move(node));
    return repeat;
  }

  uint32_t Number() {
    constexpr uint32_t kMost = 10'000;
    if (Peek() < '0' || Peek() > '9') Refuse();
    uint32_t number = 0;
    while (Peek() >= '0' && Peek() <= '9') {
      number = number * 10 + static_cast<uint32_t>(text_[at_++] - '0');
      if (number > kMost) {
        Refuse();
        return 0;
      }
    }
    return number;
  }

  char32_t Point() {
    char32_t point = 0;
    if (AtEnd()) {
      Refuse();
      return point;
    }
    at_ += json::DecodeUtf8(text_.substr(at_), point);
    return point;
  }

  Ranges Class() {
    const bool negated = Take('^');
    Ranges ranges;
    while (right_ && !AtEnd() && Peek() != ']') {
      const Ranges first = ClassPart();
      if (Peek() == '-' && Peek(1) != ']' && Peek(1) != '\0') {
        ++at_;
        const Ranges last = ClassPart();
        const bool single = first.size() == 1 && first[0].first == first[0].second && last.size() == 1 &&
                            last[0].first == last[0].second && first[0].first <= last[0].first;
        if (!single) {
          Refuse();
          return ranges;
        }
        ranges.emplace_back(first[0].first, last[0].first);
      } else {
        ranges.insert(ranges.end(), first.begin(), first.end());
      }
    }
    if (!Take(']')) Refuse();
    return negated ? Without(ranges) : ranges;
  }

  Ranges ClassPart() {
    if (Take('\\')) return Escape(true);
    const char32_t point = Point();
    return {{point, point}};
  }

  Ranges Escape(bool in_class) {
    const char c = Peek();
    ++at_;
    switch (c) {
      case 'd':
        return kDigits;
      case 'D':
        return Without(kDigits);
      case 'w':
        return kWord;
      case 'W':
        return Without(kWord);
      case 's':
        return kSpace;
      case 'S':
        return Without(kSpace);
      case 't':
        return {{'\t', '\t'}};
      case 'n':
        return {{'\n', '\n'}};
      case 'v':
        return {{'\v', '\v'}};
      case 'f':
        return {{'\f', '\f'}};
      case 'r':
        return {{'\r', '\r'}};
      default:
        break;
    }
    const auto code = static_cast<unsigned char>(c);
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos || (in_class && c == '-')) {
      return {{code, code}};
    }
    Refuse();
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t parts_ = 0;
  bool right_ = true;
};

}  // namespace

std::optional<PatternNode> ParsePattern(std::string_view expression) { return Parser(expression).Parse(); }

}  // namespace datahub::contract
