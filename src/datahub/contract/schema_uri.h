#pragma once

#include <string>
#include <string_view>

namespace datahub::contract {

// `reference` against `base` (RFC 3986, section 5.2): what $id and $ref mean.
std::string ResolveUri(std::string_view base, std::string_view reference);

// One step of a JSON pointer decoded: %-encoding, then ~1 and ~0.
std::string DecodePointerToken(std::string_view token);
// And the other way: for keyword and instance pointers.
std::string EncodePointerToken(std::string_view name);

}  // namespace datahub::contract
