#pragma once

#include <string_view>

namespace datahub::contract {

// Decodes what stands between two quotes into `room`, which has written.size() bytes: no text is longer than its spelling.
// False: an escape that JSON does not know, or a lone surrogate.
bool Unescape(std::string_view written, char* room, std::string_view* text);

}  // namespace datahub::contract
