#include "datahub/contract/format.h"

#include <algorithm>
#include <utility>

#include "datahub/contract/ascii.h"
#include "datahub/contract/fast_literal.h"
#include "datahub/contract/hostname.h"
#include "datahub/contract/literal.h"
#include "datahub/contract/pattern.h"
#include "datahub/contract/uri.h"

namespace datahub::contract {
namespace {

constexpr std::pair<std::string_view, Format> kFormatNames[] = {{"date-time", Format::kDateTime},
                                                                {"date", Format::kDate},
                                                                {"time", Format::kTime},
                                                                {"duration", Format::kDuration},
                                                                {"uuid", Format::kUuid},
                                                                {"email", Format::kEmail},
                                                                {"idn-email", Format::kIdnEmail},
                                                                {"ipv4", Format::kIpv4},
                                                                {"ipv6", Format::kIpv6},
                                                                {"uri", Format::kUri},
                                                                {"uri-reference", Format::kUriReference},
                                                                {"iri", Format::kIri},
                                                                {"iri-reference", Format::kIriReference},
                                                                {"uri-template", Format::kUriTemplate},
                                                                {"hostname", Format::kHostname},
                                                                {"idn-hostname", Format::kIdnHostname},
                                                                {"json-pointer", Format::kJsonPointer},
                                                                {"relative-json-pointer", Format::kRelativeJsonPointer},
                                                                {"regex", Format::kRegex}};

// A time is what follows a date: any day does, but a leap second must be the last of its UTC day.
bool IsTime(std::string_view text) {
  if (text.size() > 64) return false;
  char whole[80] = "2000-01-01T";
  std::copy(text.begin(), text.end(), whole + 11);
  return InstantOf(std::string_view(whole, 11 + text.size())).has_value();
}

// n followed by its unit, the units in their order; RFC 3339 leaves none out between two.
bool IsDurationPart(std::string_view text, std::string_view units) {
  size_t unit = units.npos;
  while (!text.empty()) {
    size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) ++digits;
    if (digits == 0 || digits == text.size()) return false;
    const size_t at = units.find(text[digits]);
    if (at == units.npos || (unit != units.npos && at != unit + 1)) return false;
    unit = at;
    text.remove_prefix(digits + 1);
  }
  return unit != units.npos;
}

bool IsDuration(std::string_view text) {
  if (!text.starts_with('P')) return false;
  text.remove_prefix(1);
  if (text.ends_with('W')) return IsDurationPart(text, "W");
  const size_t time = text.find('T');
  const std::string_view date = text.substr(0, time);
  if (time == text.npos) return IsDurationPart(date, "YMD");
  return (date.empty() || IsDurationPart(date, "YMD")) && IsDurationPart(text.substr(time + 1), "HMS");
}

bool IsJsonPointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  }
  return true;
}

bool IsRelativeJsonPointer(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  text.remove_prefix(digits);
  return text == "#" || IsJsonPointer(text);
}

bool IsAtomText(char c) { return IsLetter(c) || IsDigit(c) || IsOneOf(c, "!#$%&'*+-/=?^_`{|}~"); }

bool IsQuotedLocal(std::string_view local, bool international) {
  for (size_t i = 1; i + 1 < local.size(); ++i) {
    const char c = local[i];
    if (international && static_cast<unsigned char>(c) >= 0x80) continue;
    if (c == '\\') {
      if (++i + 1 >= local.size()) return false;
      if (local[i] < 32 || local[i] > 126) return false;
    } else if (c == '"' || c < 32 || c > 126) {
      return false;
    }
  }
  return true;
}

bool IsDotAtom(std::string_view local, bool international) {
  if (local.empty() || local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return false;
  return std::all_of(local.begin(), local.end(), [&](char c) {
    return c == '.' || IsAtomText(c) || (international && static_cast<unsigned char>(c) >= 0x80);
  });
}

bool IsEmail(std::string_view text, bool international) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  std::string_view domain = text.substr(at + 1);
  const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
  if (quoted ? !IsQuotedLocal(local, international) : !IsDotAtom(local, international)) return false;
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    if (domain.starts_with("IPv6:")) return IsIpv6(domain.substr(5));
    return IsIpv4(domain);
  }
  return international ? IsIdnHostname(domain) : IsHostname(domain);
}

}  // namespace

std::optional<Format> FormatNamed(std::string_view name) {
  for (const auto& [known, format] : kFormatNames) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::string_view NameOf(Format format) {
  for (const auto& [known, value] : kFormatNames) {
    if (value == format) return known;
  }
  return "none";
}

bool Matches(Format format, std::string_view text) {
  switch (format) {
    case Format::kNone:
      return true;
    case Format::kDateTime:
      return IsPlainInstant(text) || InstantOf(text).has_value();
    case Format::kDate:
      return DayOf(text).has_value();
    case Format::kTime:
      return IsTime(text);
    case Format::kUuid:
      return IsUuid(text);
    case Format::kEmail:
      return IsEmail(text, false);
    case Format::kIdnEmail:
      return IsEmail(text, true);
    case Format::kDuration:
      return IsDuration(text);
    case Format::kIpv4:
      return IsIpv4(text);
    case Format::kIpv6:
      return IsIpv6(text);
    case Format::kUri:
      return IsUri(text, {});
    case Format::kUriReference:
      return IsUri(text, {.relative = true});
    case Format::kIri:
      return IsUri(text, {.international = true});
    case Format::kIriReference:
      return IsUri(text, {.relative = true, .international = true});
    case Format::kUriTemplate:
      return IsUriTemplate(text);
    case Format::kIdnHostname:
      return IsIdnHostname(text);
    case Format::kJsonPointer:
      return IsJsonPointer(text);
    case Format::kRelativeJsonPointer:
      return IsRelativeJsonPointer(text);
    case Format::kRegex:
      return Pattern::Compile(text).has_value();
    case Format::kHostname:
      return IsHostname(text);
  }
  return false;
}

}  // namespace datahub::contract
