#include "datahub/query/statement_text.h"

#include <algorithm>
#include <array>

namespace datahub::query {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsLetter(char c) {
  return (Lower(c) >= 'a' && Lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsWord(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void AppendQuoted(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
}

// Past the closing quote; a doubled quote does not close, nor does one behind a backslash where these escape.
size_t PastQuote(std::string_view sql, size_t at, bool backslashes) {
  const char quote = sql[at++];
  while (at < sql.size()) {
    if (backslashes && sql[at] == '\\') {
      at += 2;
    } else if (sql[at] != quote) {
      ++at;
    } else if (at + 1 < sql.size() && sql[at + 1] == quote) {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return sql.size();
}

// $$…$$ and $tag$…$tag$; a '$' that begins neither is passed alone.
size_t PastDollar(std::string_view sql, size_t at) {
  size_t end = at + 1;
  while (end < sql.size() && IsWord(sql[end])) ++end;
  const bool parameter = end > at + 1 && !IsLetter(sql[at + 1]);
  if (end == sql.size() || sql[end] != '$' || parameter) return at + 1;
  const std::string_view tag = sql.substr(at, end + 1 - at);
  const size_t close = sql.find(tag, end + 1);
  return close == sql.npos ? sql.size() : close + tag.size();
}

size_t PastBlockComment(std::string_view sql, size_t at) {
  int depth = 0;
  while (at < sql.size()) {
    if (sql.substr(at, 2) == "/*") {
      ++depth;
      at += 2;
    } else if (sql.substr(at, 2) == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return sql.size();
}

bool BeginsComment(std::string_view sql, size_t at) { return sql.substr(at, 2) == "--" || sql.substr(at, 2) == "/*"; }

// Past one token: a comment, a quoted piece, a word, or a single character.
size_t PastToken(std::string_view sql, size_t at) {
  const char c = sql[at];
  if (sql.substr(at, 2) == "--") return std::min(sql.find('\n', at), sql.size());
  if (sql.substr(at, 2) == "/*") return PastBlockComment(sql, at);
  if (c == '\'' || c == '"') return PastQuote(sql, at, false);
  if (c == '$') return PastDollar(sql, at);
  if (Lower(c) == 'e' && at + 1 < sql.size() && sql[at + 1] == '\'') return PastQuote(sql, at + 1, true);
  if (!IsWord(c)) return at + 1;
  while (at < sql.size() && (IsWord(sql[at]) || sql[at] == '$')) ++at;
  return at;
}

size_t PastBlank(std::string_view sql, size_t at) {
  while (at < sql.size() && (IsSpace(sql[at]) || BeginsComment(sql, at))) {
    at = IsSpace(sql[at]) ? at + 1 : PastToken(sql, at);
  }
  return at;
}

size_t PastParentheses(std::string_view sql, size_t at) {
  int depth = 0;
  while (at < sql.size()) {
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')') --depth;
    at = PastToken(sql, at);
    if (depth == 0) break;
  }
  return at;
}

}  // namespace

void AppendQuotedText(std::string& out, std::string_view text) { AppendQuoted(out, text, '\''); }

std::string QuotedText(std::string_view text) {
  std::string out;
  AppendQuoted(out, text, '\'');
  return out;
}

std::string QuotedName(std::string_view name) {
  std::string out;
  AppendQuoted(out, name, '"');
  return out;
}

std::vector<std::string> SplitStatements(std::string_view script) {
  std::vector<std::string> statements;
  size_t begin = 0;
  for (size_t at = 0; begin < script.size();) {
    if (at < script.size() && script[at] != ';') {
      at = PastToken(script, at);
      continue;
    }
    const std::string_view statement = script.substr(begin, at - begin);
    if (PastBlank(statement, 0) < statement.size()) statements.emplace_back(statement);
    begin = ++at;
  }
  return statements;
}

std::string FirstWord(std::string_view statement) {
  const size_t begin = PastBlank(statement, 0);
  if (begin == statement.size()) return {};
  std::string word(statement.substr(begin, PastToken(statement, begin) - begin));
  std::transform(word.begin(), word.end(), word.begin(), Lower);
  return word;
}

bool IsReadingWord(std::string_view word) {
  static constexpr std::array<std::string_view, 13> kReading = {"select",    "with",    "from",   "values",   "table",
                                                                "(",         "explain", "show",   "describe", "desc",
                                                                "summarize", "pivot",   "unpivot"};
  return std::find(kReading.begin(), kReading.end(), word) != kReading.end();
}

std::string_view ExplainedStatement(std::string_view explain) {
  size_t at = PastToken(explain, PastBlank(explain, 0));
  for (const std::string_view option : {"analyze", "verbose"}) {
    if (FirstWord(explain.substr(at)) == option) at = PastToken(explain, PastBlank(explain, at));
  }
  const size_t open = PastBlank(explain, at);
  // What reads in parentheses is a statement, not options.
  if (FirstWord(explain.substr(at)) == "(" && !IsReadingWord(FirstWord(explain.substr(open + 1)))) {
    const size_t past = PastParentheses(explain, PastBlank(explain, at));
    if (PastBlank(explain, past) < explain.size()) at = past;
  }
  return explain.substr(at);
}

bool Mentions(std::string_view sql, std::string_view name) {
  const auto same = [](char a, char b) { return Lower(a) == Lower(b); };
  return std::search(sql.begin(), sql.end(), name.begin(), name.end(), same) != sql.end();
}

}  // namespace datahub::query
