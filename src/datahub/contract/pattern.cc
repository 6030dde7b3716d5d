#include "datahub/contract/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace datahub::contract {
namespace {

constexpr const char* kSpaceMembers = "\\p{Xsp}\\x{feff}";
constexpr const char* kAnyButLineEnd = "[^\\n\\r\\x{2028}\\x{2029}]";

struct Category {
  std::string_view name;
  std::string_view code;
};

// General categories by their long names (Unicode, PropertyValueAliases); PCRE2 knows the short ones.
constexpr std::array<Category, 16> kCategories = {{{"Letter", "L"},
                                                   {"Lowercase_Letter", "Ll"},
                                                   {"Uppercase_Letter", "Lu"},
                                                   {"Titlecase_Letter", "Lt"},
                                                   {"Modifier_Letter", "Lm"},
                                                   {"Other_Letter", "Lo"},
                                                   {"Mark", "M"},
                                                   {"Number", "N"},
                                                   {"Decimal_Number", "Nd"},
                                                   {"digit", "Nd"},
                                                   {"Punctuation", "P"},
                                                   {"punct", "P"},
                                                   {"Symbol", "S"},
                                                   {"Separator", "Z"},
                                                   {"Space_Separator", "Zs"},
                                                   {"Other", "C"}}};

// ECMA-262 spelling in, PCRE2 spelling out.
class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  Result<std::string> Run() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '\\') {
        DH_TRY(Escape());
      } else if (in_class_) {
        DH_TRY(InClass(c));
      } else {
        DH_TRY(Outside(c));
      }
    }
    return std::move(out_);
  }

 private:
  Error Refuse(const std::string& what) const {
    return Error{Code::kInvalidInput, fmt::format("at character {}: {}", at_, what)};
  }

  Result<void> InClass(char c) {
    if (c == '[' && at_ + 1 < in_.size() && (in_[at_ + 1] == ':' || in_[at_ + 1] == '.' || in_[at_ + 1] == '=')) {
      return Refuse("'[:' in a class means something else elsewhere; write \\[:");
    }
    if (c == ']') in_class_ = false;
    out_ += c;
    ++at_;
    return {};
  }

  Result<void> Outside(char c) {
    if (c == '.') {
      out_ += kAnyButLineEnd;
    } else if (c == '[') {
      in_class_ = true;
      out_ += c;
      if (in_.substr(at_ + 1, 1) == "^") {
        out_ += '^';
        ++at_;
      }
    } else if (c == '(') {
      DH_TRY(Group());
      out_ += c;
    } else if (c == '+' && at_ > 0 && (in_[at_ - 1] == '+' || in_[at_ - 1] == '*' || in_[at_ - 1] == '?' || in_[at_ - 1] == '}') &&
               !(at_ > 1 && in_[at_ - 2] == '\\')) {
      return Refuse("a possessive quantifier is not ECMA-262");
    } else {
      out_ += c;
    }
    ++at_;
    return {};
  }

  // Of what follows "(?" ECMA-262 knows ':', '=', '!', '<=', '<!' and '<name>'.
  Result<void> Group() const {
    const std::string_view rest = in_.substr(at_ + 1);
    if (rest.starts_with('*')) return Refuse("'(*' is not ECMA-262");
    if (!rest.starts_with('?')) return {};
    const char kind = rest.size() > 1 ? rest[1] : '\0';
    if (kind == ':' || kind == '=' || kind == '!' || kind == '<') return {};
    return Refuse(fmt::format("'(?{}' is not ECMA-262", kind));
  }

  Result<void> Escape() {
    if (at_ + 1 >= in_.size()) return Refuse("a backslash at the end");
    const char kind = in_[at_ + 1];
    switch (kind) {
      case 's':
        out_ += in_class_ ? std::string(kSpaceMembers) : fmt::format("[{}]", kSpaceMembers);
        at_ += 2;
        return {};
      case 'S':
        out_ += in_class_ ? std::string("\\P{Xsp}") : fmt::format("[^{}]", kSpaceMembers);
        at_ += 2;
        return {};
      case 'u': return CodePoint();
      case 'x': return TwoDigits();
      case 'c': return Control();
      case 'p':
      case 'P': return Property();
      case 'v':
        out_ += "\\x{0b}";
        at_ += 2;
        return {};
      case 'k':
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 'b':
      case 'B':
      case 'f':
      case 'n':
      case 'r':
      case 't': break;
      case '0':
        out_ += "\\x{00}";
        at_ += 2;
        return {};
      default:
        if ((kind >= 'a' && kind <= 'z') || (kind >= 'A' && kind <= 'Z')) {
          return Refuse(fmt::format("'\\{}' is not ECMA-262 in Unicode mode", kind));
        }
    }
    out_ += '\\';
    out_ += kind;
    at_ += 2;
    return {};
  }

  // Hexadecimal digits at `from`; -1 when there are fewer than `count`.
  int64_t Hex(size_t from, size_t count) const {
    if (from + count > in_.size()) return -1;
    int64_t value = 0;
    for (const char c : in_.substr(from, count)) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  Result<void> CodePoint() {
    int64_t point = -1;
    size_t size = 6;
    if (in_.substr(at_ + 2, 1) == "{") {
      const size_t end = in_.find('}', at_);
      if (end != std::string_view::npos && end - at_ - 3 <= 6) point = Hex(at_ + 3, end - at_ - 3);
      size = end - at_ + 1;
    } else {
      point = Hex(at_ + 2, 4);
      if (point >= 0xD800 && point <= 0xDBFF && in_.substr(at_ + 6, 2) == "\\u") {
        const int64_t low = Hex(at_ + 8, 4);
        if (low >= 0xDC00 && low <= 0xDFFF) {
          point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
          size = 12;
        }
      }
    }
    if (point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return Refuse("'\\u' names no character");
    out_ += fmt::format("\\x{{{:x}}}", point);
    at_ += size;
    return {};
  }

  Result<void> TwoDigits() {
    const int64_t point = Hex(at_ + 2, 2);
    if (point < 0) return Refuse("'\\x' needs two hexadecimal digits");
    out_ += fmt::format("\\x{{{:x}}}", point);
    at_ += 4;
    return {};
  }

  Result<void> Control() {
    const char letter = at_ + 2 < in_.size() ? in_[at_ + 2] : '\0';
    if (!((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))) return Refuse("'\\c' needs a letter");
    out_ += fmt::format("\\x{{{:x}}}", letter % 32);
    at_ += 3;
    return {};
  }

  Result<void> Property() {
    const size_t end = in_.find('}', at_);
    if (in_.substr(at_ + 2, 1) != "{" || end == std::string_view::npos) return Refuse("'\\p' needs {a property}");
    std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
    for (const std::string_view prefix : {"General_Category=", "gc="}) {
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    }
    const auto known = std::find_if(kCategories.begin(), kCategories.end(), [&](const Category& c) { return c.name == name; });
    out_ += fmt::format("\\{}{{{}}}", in_[at_ + 1], known == kCategories.end() ? name : known->code);
    at_ = end + 1;
    return {};
  }

  std::string_view in_;
  size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

// A thread's memory for searches, kept from search to search.
struct SearchMemory {
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);

  SearchMemory() {
    pcre2_set_match_limit(context, Pattern::kStepsMax);
    pcre2_set_depth_limit(context, Pattern::kDepthMax);
  }
  ~SearchMemory() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
};

}  // namespace

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view expression) {
  if (expression.size() > kTextBytesMax) {
    return Error{Code::kLimit, fmt::format("a pattern of {} bytes; {} are allowed", expression.size(), kTextBytesMax)};
  }
  const std::string translated = DH_TRY(Translator(expression).Run());
  int failure = 0;
  size_t place = 0;
  constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                                PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(), kOptions, &failure,
                                   &place, nullptr);
  if (code == nullptr) {
    char message[256] = {};
    pcre2_get_error_message(failure, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof(message));
    return Error{Code::kInvalidInput, fmt::format("not a regular expression: {}", message)};
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // without it searches are slower, not wrong
  return std::shared_ptr<const Pattern>(new Pattern(std::string(expression), code));
}

Pattern::~Pattern() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

Pattern::Outcome Pattern::Search(std::string_view text) const {
  thread_local SearchMemory memory;
  const int found = pcre2_match(static_cast<pcre2_code*>(code_), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                                PCRE2_NO_UTF_CHECK, memory.data, memory.context);
  if (found >= 0) return Outcome::kFound;
  return found == PCRE2_ERROR_NOMATCH ? Outcome::kNotFound : Outcome::kLimit;
}

}  // namespace datahub::contract
