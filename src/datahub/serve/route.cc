#include "datahub/serve/route.h"

#include <algorithm>

#include <fmt/format.h>

namespace datahub::serve {

bool Matches(std::string_view pattern, std::string_view path, PathArguments* arguments) {
  for (;;) {
    const std::string_view wanted = pattern.substr(0, pattern.find('/', 1));
    const std::string_view part = path.substr(0, path.find('/', 1));
    if (wanted.starts_with("/{") && wanted.ends_with('}')) {
      if (part.size() < 2) return false;
      (*arguments)[std::string(wanted.substr(2, wanted.size() - 3))] = std::string(part.substr(1));
    } else if (wanted != part) {
      return false;
    }
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(part.size());
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  }
}

std::string UnknownParameter(const Route& route, const Request& request) {
  const auto is_known = [&](std::string_view name) {
    return std::ranges::any_of(route.parameters, [&](const Parameter& p) { return p.in == "query" && p.name == name; });
  };
  for (const auto& [name, value] : request.query) {
    if (is_known(name)) continue;
    std::string known;
    for (const Parameter& parameter : route.parameters) {
      if (parameter.in == "query") known += fmt::format("{}{}", known.empty() ? "" : ", ", parameter.name);
    }
    return fmt::format("the parameter '{}' is not known here; {}", name,
                       known.empty() ? "there is none" : "those are: " + known);
  }
  return {};
}

}  // namespace datahub::serve
