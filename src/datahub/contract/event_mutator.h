#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace datahub::contract {

// Events a few edits away from one that was given: bytes, tokens, and whole members and elements, so that many stay
// well-formed. The same seed gives the same events.
class EventMutator {
 public:
  explicit EventMutator(uint64_t seed) : random_(seed) {}

  std::string Mutate(std::string text) {
    for (size_t n = Below(4); n > 0 && !text.empty(); --n) {
      switch (Below(8)) {
        case 0:
          MutateByte(text);
          break;
        case 1:
        case 2:
        case 3:
          MutateValue(text);
          break;
        default:
          MutateToken(text);
          break;
      }
    }
    return text;
  }
  size_t Below(size_t end) { return random_() % end; }

 private:
  struct Token {
    size_t begin;
    size_t size;
  };

  void MutateByte(std::string& text) {
    static const std::string kBytes("\"\\{}[]:,0-.eE \t\r\n\x00\x01\x0c\x1a\x7f\x80\xc3\xff/u", 28);
    const size_t at = Below(text.size());
    const char byte = kBytes[Below(kBytes.size())];
    switch (Below(4)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1);
        break;
      default:
        text.resize(at);
        break;
    }
  }

  void MutateToken(std::string& text) {
    static const char* const kTokens[] = {"1",
                                          "0",
                                          "-5",
                                          "1.0",
                                          "1e2",
                                          "100",
                                          "0.5",
                                          "0.50",
                                          "0.005",
                                          "1e400",
                                          "-0",
                                          "01",
                                          "9007199254740993",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "2147483648",
                                          "12345678901234567890123",
                                          "1.5e-7",
                                          "true",
                                          "false",
                                          "null",
                                          "nul",
                                          "\"\"",
                                          "\"x\"",
                                          "\"red\"",
                                          "\"abcde\"",
                                          "\"éé\"",
                                          "\"\\u0041\\n\"",
                                          "\"\\ud83d\\ude00\"",
                                          "\"\\ud800\"",
                                          "\"\\udc00\"",
                                          "\"\\ud83dx\"",
                                          "\"\\ud83d\\u0041\"",
                                          "\"\\u00g0\"",
                                          "\"\\q\"",
                                          "\"a\"",
                                          "\"\\u0061\"",
                                          "\"x\\\\\"",
                                          "\"2026-11-21\"",
                                          "\"2026-02-30\"",
                                          "\"2026-11-21T23:59:60Z\"",
                                          "\"2026-11-21T06:01:02+05:30\"",
                                          "\"2026-11-21T06:01:02.1234567Z\"",
                                          "\"3e628a05-7a4a-4bf3-8770-084c11601a12\"",
                                          "[]",
                                          "{}",
                                          "[1]",
                                          "[null]",
                                          "[[]]",
                                          "{\"a\":1}",
                                          "{\"a\":1,\"a\":1}",
                                          "{\"x\":\"y\"}",
                                          ",",
                                          ":",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          " ",
                                          "\n",
                                          "\"k\":1,",
                                          ",\"a\":1",
                                          "\"s_b\":\"c\",",
                                          "\"q\":[],",
                                          "3",
                                          "95"};
    const std::vector<Token> tokens = TokensOf(text);
    const Token token = tokens[Below(tokens.size())];
    const Token other = tokens[Below(tokens.size())];
    const std::string with = kTokens[Below(std::size(kTokens))];
    switch (Below(5)) {
      case 0:
        text.insert(token.begin, with);
        break;
      case 1:
        text.insert(token.begin, text.substr(other.begin, other.size));
        break;
      case 2:
        text.insert(token.begin, 1 + Below(2), ' ');
        break;
      default:
        text.replace(token.begin, token.size, with);
        break;
    }
  }

  // Keeps the text well-formed: a member or an element twice, gone, or elsewhere; a key with an escape or another's name.
  void MutateValue(std::string& text) {
    const std::vector<Token> tokens = TokensOf(text);
    const size_t first = Below(tokens.size());
    const bool is_member = first + 2 < tokens.size() && text[tokens[first + 1].begin] == ':';
    const Token key = tokens[first];
    size_t last = is_member ? first + 2 : first;
    for (size_t depth = 0; last < tokens.size(); ++last) {
      const char c = text[tokens[last].begin];
      depth += c == '{' || c == '[';
      depth -= (c == '}' || c == ']') && depth > 0;
      if (depth == 0) break;
    }
    if (last == tokens.size()) return;
    const std::string whole = text.substr(key.begin, tokens[last].begin + tokens[last].size - key.begin);
    switch (Below(is_member ? 5 : 3)) {
      case 0:
        text.insert(key.begin, whole + ",");
        break;
      case 1:
        text.insert(key.begin, whole + "," + whole + ",");
        break;
      case 2: {
        const bool comma = text[key.begin + whole.size()] == ',';
        text.erase(key.begin, whole.size() + comma);
        break;
      }
      case 3: {
        if (key.size < 3 || static_cast<unsigned char>(text[key.begin + 1]) >= 0x80) break;
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(text[key.begin + 1]));
        const std::string escaped = "\"" + std::string(escape) + text.substr(key.begin + 2, key.size - 2);
        Below(2) ? text.replace(key.begin, key.size, escaped) : text.insert(key.begin, escaped + ":1,");
        break;
      }
      default: {
        const Token other = tokens[Below(tokens.size())];
        if (text[other.begin] == '"') text.replace(key.begin, key.size, text.substr(other.begin, other.size));
        break;
      }
    }
  }

  static std::vector<Token> TokensOf(const std::string& text) {
    std::vector<Token> tokens;
    for (size_t at = 0; at < text.size();) {
      size_t end = at + 1;
      if (text[at] == '"') {
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        ++end;
      } else if (std::string_view("{}[]:, ").find(text[at]) == std::string_view::npos) {
        while (end < text.size() && std::string_view("{}[]:,\" ").find(text[end]) == std::string_view::npos) ++end;
      }
      end = std::min(end, text.size());
      tokens.push_back({at, end - at});
      at = end;
    }
    return tokens;
  }

  std::mt19937_64 random_;
};

}  // namespace datahub::contract
