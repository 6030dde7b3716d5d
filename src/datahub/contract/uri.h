#pragma once

#include <string_view>

namespace datahub::contract {

bool IsIpv4(std::string_view text);
bool IsIpv6(std::string_view text);

struct UriForm {
  bool relative = false;       // a reference without a scheme is one too
  bool international = false;  // RFC 3987
};
// RFC 3986, section 3 and 4.1.
bool IsUri(std::string_view text, const UriForm& form);

// RFC 6570, section 2.
bool IsUriTemplate(std::string_view text);

}  // namespace datahub::contract
