#include "datahub/contract/format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "datahub/contract/hostname.h"
#include "datahub/contract/literal.h"

namespace datahub::contract {
namespace {

constexpr std::array<std::pair<std::string_view, Format>, 9> kNames = {{{"date-time", Format::kDateTime},
                                                                        {"date", Format::kDate},
                                                                        {"time", Format::kTime},
                                                                        {"uuid", Format::kUuid},
                                                                        {"email", Format::kEmail},
                                                                        {"ipv4", Format::kIpv4},
                                                                        {"ipv6", Format::kIpv6},
                                                                        {"uri", Format::kUri},
                                                                        {"hostname", Format::kHostname}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// A time is what follows a date: any day does, but a leap second must be the last of its UTC day.
bool IsTime(std::string_view text) {
  if (text.size() > 64) return false;
  char whole[80] = "2000-01-01T";
  std::copy(text.begin(), text.end(), whole + 11);
  return InstantOf(std::string_view(whole, 11 + text.size())).has_value();
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

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

bool IsAtomText(char c) { return IsLetter(c) || IsDigit(c) || IsOneOf(c, "!#$%&'*+-/=?^_`{|}~"); }

bool IsQuotedLocal(std::string_view local) {
  for (size_t i = 1; i + 1 < local.size(); ++i) {
    const char c = local[i];
    if (c == '\\') {
      if (++i + 1 >= local.size()) return false;
      if (local[i] < 32 || local[i] > 126) return false;
    } else if (c == '"' || c < 32 || c > 126) {
      return false;
    }
  }
  return true;
}

bool IsDotAtom(std::string_view local) {
  if (local.empty() || local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return false;
  return std::all_of(local.begin(), local.end(), [](char c) { return c == '.' || IsAtomText(c); });
}

bool IsEmail(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  std::string_view domain = text.substr(at + 1);
  const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  if (quoted ? !IsQuotedLocal(local) : !IsDotAtom(local)) return false;
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    if (domain.starts_with("IPv6:")) return IsIpv6(domain.substr(5));
    return IsIpv4(domain);
  }
  return IsHostname(domain);
}

// Runs of the characters a part may hold, with percent-encoded bytes.
bool IsUriText(std::string_view text, std::string_view more) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsLetter(c) || IsDigit(c) || IsOneOf(c, "-._~!$&'()*+,;=") || IsOneOf(c, more)) continue;
    if (c != '%' || i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

bool IsAuthority(std::string_view text) {
  if (const size_t at = text.find('@'); at != std::string_view::npos) {
    if (!IsUriText(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, end - 1);
    const bool future = address.size() > 3 && (address[0] == 'v' || address[0] == 'V') && IsUriText(address, ":");
    if (!IsIpv6(address) && !future) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
  } else {
    const size_t colon = text.find(':');
    if (!IsUriText(text.substr(0, colon), "")) return false;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (!port.empty()) port.remove_prefix(1);
  return std::all_of(port.begin(), port.end(), IsDigit);
}

bool IsUri(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsLetter(text[0])) return false;
  for (const char c : text.substr(0, colon)) {
    if (!IsLetter(c) && !IsDigit(c) && !IsOneOf(c, "+-.")) return false;
  }
  std::string_view rest = text.substr(colon + 1);
  if (const size_t hash = rest.find('#'); hash != std::string_view::npos) {
    if (!IsUriText(rest.substr(hash + 1), ":@/?")) return false;
    rest = rest.substr(0, hash);
  }
  if (const size_t question = rest.find('?'); question != std::string_view::npos) {
    if (!IsUriText(rest.substr(question + 1), ":@/?")) return false;
    rest = rest.substr(0, question);
  }
  if (!rest.starts_with("//")) return IsUriText(rest, ":@/");
  rest.remove_prefix(2);
  const size_t slash = rest.find('/');
  if (!IsAuthority(rest.substr(0, slash))) return false;
  return slash == std::string_view::npos || IsUriText(rest.substr(slash), ":@/");
}

}  // namespace

std::optional<Format> FormatNamed(std::string_view name) {
  for (const auto& [known, format] : kNames) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string_view NameOf(Format format) {
  for (const auto& [known, value] : kNames) {
    if (value == format) return known;
  }
  return "none";
}

bool Matches(Format format, std::string_view text) {
  switch (format) {
    case Format::kNone:
      return true;
    case Format::kDateTime:
      return InstantOf(text).has_value();
    case Format::kDate:
      return DayOf(text).has_value();
    case Format::kTime:
      return IsTime(text);
    case Format::kUuid:
      return IsUuid(text);
    case Format::kEmail:
      return IsEmail(text);
    case Format::kIpv4:
      return IsIpv4(text);
    case Format::kIpv6:
      return IsIpv6(text);
    case Format::kUri:
      return IsUri(text);
    case Format::kHostname:
      return IsHostname(text);
  }
  return false;
}

}  // namespace datahub::contract
