#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::contract {

// Spells a regular expression of ECMA-262 (Unicode mode) the way PCRE2 spells it, so that both mean the same; what PCRE2
// cannot do, and what only PCRE2 knows, is refused. Escapes of punctuation and braces that repeat nothing, which Unicode
// mode forbids, are taken as themselves: browsers do, and contracts are full of them.
//
// Known to differ: a group inside a repetition keeps what it captured in an earlier round.
class EcmaPattern {
 public:
  // `expression` is valid UTF-8. InvalidInput: "at byte 3: '(?i' is not ECMA-262".
  static Result<std::string> ToPcre2(std::string_view expression);

 private:
  // What a quantifier would repeat.
  enum class Last { kNothing, kAtom, kQuantifier };
  // One member of a class: a code point, or a set that has its own spelling.
  struct ClassAtom {
    bool is_set = false;
    char32_t point = 0;
    std::string spelling;
  };

  explicit EcmaPattern(std::string_view in) : in_(in) {}

  Result<void> FindGroups();
  Result<void> Step();
  Result<void> OpenGroup();
  Result<void> CloseGroup();
  Result<void> Repeat();
  Result<void> Escape();
  Result<void> BackReference();
  Result<void> Class();
  Result<ClassAtom> ReadClassAtom();
  // A character's escape (\n, \x41, \u{1F600}, \-) from the backslash on.
  Result<char32_t> ReadCharacterEscape();
  Result<char32_t> ReadUnicodeEscape();
  // \d \D \w \W \s \S \p{…} \P{…} as members of a class; nothing when it is none of these.
  Result<std::string> ReadSet();
  Result<std::string> ReadProperty();
  char32_t ReadCharacter();
  // `digits` hexadecimal digits at `from`, or -1.
  int64_t HexAt(size_t from, size_t digits) const;

  bool At(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  char Peek(size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  Error Refuse(const std::string& what) const;

  std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  Last last_ = Last::kNothing;
  std::vector<bool> open_;  // groups: whether they look around
  size_t groups_ = 0;
  std::map<std::string_view, size_t> names_;
};

}  // namespace datahub::contract
