#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace datahub::json {

// The first byte that is not part of well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates), or npos.
size_t FindInvalidUtf8(std::string_view text);

// Reads the code point that `text`, not empty and valid UTF-8, begins with; gives its bytes.
size_t DecodeUtf8(std::string_view text, char32_t& point);

// How many code points valid UTF-8 has.
size_t CodePoints(std::string_view text);

// Writes a code point; gives the place behind it. Room for 4 bytes.
char* EncodeUtf8(uint32_t point, char* to);

}  // namespace datahub::json
