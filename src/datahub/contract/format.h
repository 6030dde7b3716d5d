#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace datahub::contract {

// The formats that are asserted. Any other `format` is an error when a contract is loaded.
enum class Format : uint8_t {
  kNone,
  kDateTime,
  kDate,
  kTime,
  kDuration,
  kUuid,
  kEmail,
  kIdnEmail,
  kIpv4,
  kIpv6,
  kUri,
  kUriReference,
  kIri,
  kIriReference,
  kUriTemplate,
  kHostname,
  kIdnHostname,
  kJsonPointer,
  kRelativeJsonPointer,
  kRegex
};

std::optional<Format> FormatNamed(std::string_view name);
std::string_view NameOf(Format format);

// Whether the text is of the format: RFC 3339 (date-time, date, time), RFC 4122 (uuid), RFC 5321 mailbox (email), RFC 2673
// dotted quad (ipv4), RFC 4291 (ipv6), RFC 3986 with a scheme (uri), RFC 1123 (hostname).
bool Matches(Format format, std::string_view text);

}  // namespace datahub::contract
