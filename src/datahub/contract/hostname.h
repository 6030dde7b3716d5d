#pragma once

#include <string_view>

namespace datahub::contract {

// A name of letters, digits and hyphens (RFC 1123), at most 253 bytes. Labels that begin with xn-- must decode to a label
// that IDNA 2008 allows (RFC 5891, 5892), but for two things: whether it is stable under normalisation is not checked, and
// of a zero width non-joiner only that it stands behind a virama or in a cursive script.
bool IsHostname(std::string_view text);

// The same with labels of other scripts as they are written, by the rules for decoded ones.
bool IsIdnHostname(std::string_view text);

}  // namespace datahub::contract
