#include "datahub/contract/uri.h"

#include <algorithm>

#include "datahub/contract/ascii.h"

namespace datahub::contract {
namespace {

bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsBeyondAscii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool IsEscape(std::string_view text, size_t at) {
  return text[at] == '%' && at + 2 < text.size() && IsHex(text[at + 1]) && IsHex(text[at + 2]);
}

// Runs of the characters a part may hold, with percent-encoded bytes.
bool IsUriText(std::string_view text, std::string_view more, const UriForm& form) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsLetter(c) || IsDigit(c) || IsOneOf(c, "-._~!$&'()*+,;=") || IsOneOf(c, more)) continue;
    if (form.international && IsBeyondAscii(c)) continue;
    if (!IsEscape(text, i)) return false;
    i += 2;
  }
  return true;
}

bool IsAuthority(std::string_view text, const UriForm& form) {
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    if (!IsUriText(text.substr(0, at), ":", form)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, end - 1);
    const bool future = address.size() > 3 && (address[0] == 'v' || address[0] == 'V') && IsUriText(address, ":", {});
    if (!IsIpv6(address) && !future) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
  } else {
    const size_t colon = text.find(':');
    if (!IsUriText(text.substr(0, colon), "", form)) return false;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (!port.empty()) port.remove_prefix(1);
  return std::ranges::all_of(port, IsDigit);
}

bool IsScheme(std::string_view text) {
  return !text.empty() && IsLetter(text[0]) &&
         std::ranges::all_of(text, [](char c) { return IsLetter(c) || IsDigit(c) || IsOneOf(c, "+-."); });
}

// ALPHA, DIGIT, _ and escapes, with single dots between.
bool IsVariable(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsLetter(c) || IsDigit(c) || c == '_' || (c == '.' && text[i - 1] != '.')) continue;
    if (!IsEscape(text, i)) return false;
    i += 2;
  }
  return true;
}

bool IsVariableSpec(std::string_view text) {
  if (text.ends_with('*')) return IsVariable(text.substr(0, text.size() - 1));
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return IsVariable(text);
  const std::string_view length = text.substr(colon + 1);
  return IsVariable(text.substr(0, colon)) && !length.empty() && length.size() <= 4 && length[0] != '0' &&
         std::ranges::all_of(length, IsDigit);
}

bool IsExpression(std::string_view text) {
  if (!text.empty() && IsOneOf(text[0], "+#./;?&=,!@|")) text.remove_prefix(1);
  while (true) {
    const size_t comma = text.find(',');
    if (!IsVariableSpec(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool IsIpv4(std::string_view text) {
  int parts = 0;
  while (true) {
    size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digits < 4 && IsDigit(text[digits])) value = value * 10 + (text[digits++] - '0');
    if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && text[0] == '0')) return false;
    text.remove_prefix(digits);
    ++parts;
    if (text.empty()) return parts == 4;
    if (text[0] != '.' || parts == 4) return false;
    text.remove_prefix(1);
  }
}

bool IsIpv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  } else if (text.starts_with(':')) {
    return false;
  }
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      if (colon != std::string_view::npos || !IsIpv4(group)) return false;
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), IsHex)) return false;
    ++groups;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.starts_with(':')) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
      continue;
    }
    if (text.empty()) return false;
  }
  return gap ? groups <= 7 : groups == 8;
}

bool IsUri(std::string_view text, const UriForm& form) {
  const size_t colon = text.find(':');
  const bool has_scheme = colon != std::string_view::npos && IsScheme(text.substr(0, colon));
  if (!has_scheme && !form.relative) return false;
  std::string_view rest = has_scheme ? text.substr(colon + 1) : text;
  if (const size_t hash = rest.find('#'); hash != std::string_view::npos) {
    if (!IsUriText(rest.substr(hash + 1), ":@/?", form)) return false;
    rest = rest.substr(0, hash);
  }
  if (const size_t question = rest.find('?'); question != std::string_view::npos) {
    if (!IsUriText(rest.substr(question + 1), ":@/?", form)) return false;
    rest = rest.substr(0, question);
  }
  if (!rest.starts_with("//")) {
    // Without a scheme a colon in the first segment would make one.
    if (!has_scheme && rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) return false;
    return IsUriText(rest, ":@/", form);
  }
  rest.remove_prefix(2);
  const size_t slash = rest.find('/');
  if (!IsAuthority(rest.substr(0, slash), form)) return false;
  return slash == std::string_view::npos || IsUriText(rest.substr(slash), ":@/", form);
}

bool IsUriTemplate(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      const size_t end = text.find('}', i);
      if (end == std::string_view::npos || !IsExpression(text.substr(i + 1, end - i - 1))) return false;
      i = end;
    } else if (c == '%') {
      if (!IsEscape(text, i)) return false;
      i += 2;
    } else if (!IsBeyondAscii(c) && (c <= ' ' || c == 127 || IsOneOf(c, "\"<>\\^`|}"))) {
      return false;
    }
  }
  return true;
}

}  // namespace datahub::contract
