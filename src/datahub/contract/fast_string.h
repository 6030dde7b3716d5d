#pragma once

#include <string_view>

#include "datahub/contract/plan.h"

namespace datahub::contract {

// Everything a schema asserts of a string; `text` is decoded and valid UTF-8.
bool Passes(const StringPlan& checks, std::string_view text);

// Decodes what stands between two quotes into `room`, which has written.size() bytes: no text is longer than its spelling.
// False: an escape that JSON does not know, or a lone surrogate.
bool Unescape(std::string_view written, char* room, std::string_view* text);

}  // namespace datahub::contract
