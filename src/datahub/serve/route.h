#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "datahub/serve/access.h"
#include "datahub/serve/message.h"

namespace datahub::serve {

using PathArguments = std::map<std::string, std::string, std::less<>>;

// One thing that can be asked for. The OpenAPI document is made from these rows.
struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/tables/{table}": a part in braces is an argument
  Role role;
  std::string_view summary;
  bool slow = false;                                                      // answered by a thread of its own
  std::function<Response(const Request&, const PathArguments&)> handler;  // null: POST /v1/events, which waits
};

// Whether the path is of the pattern; fills `arguments`.
bool Matches(std::string_view pattern, std::string_view path, PathArguments* arguments);

}  // namespace datahub::serve
