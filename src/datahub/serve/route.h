#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datahub/serve/access.h"
#include "datahub/serve/message.h"

namespace datahub::serve {

using PathArguments = std::map<std::string, std::string, std::less<>>;

// Of the query or the header. Those of the path are in the pattern.
struct Parameter {
  std::string_view name;
  std::string_view in;      // "query", "header"
  std::string_view schema;  // JSON Schema, as text
  std::string_view summary;
};

struct Media {
  std::string_view type;
  std::string_view schema;  // JSON Schema, as text
};

struct Answered {
  int status = 200;
  std::string_view summary;
  std::vector<Media> media;
};

// Who answers: the server's own thread, the threads that bodies are parsed by, those that may be kept for long, or those that SQL
// may keep for long: nobody else waits for it.
enum class Pace { kQuick, kSlow, kSql, kLong };

// One thing that can be asked for. The server refuses what a row does not name (parameters of the query, a body), and the
// OpenAPI document is made from these rows, so that it is true.
struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/tables/{table}": a part in braces is an argument
  Role role = Role::kAdmin;
  std::string_view summary;
  Pace pace = Pace::kQuick;
  std::vector<Parameter> parameters{};
  std::vector<Media> takes{};  // what a body may be; empty: there is none
  std::vector<Answered> answers{};
  std::vector<int> problems{};  // besides those that every such route may meet
  std::function<Response(const Request&, const PathArguments&)> handler{};  // null: POST /v1/events, which waits
};

// Whether the path is of the pattern; fills `arguments`.
bool Matches(std::string_view pattern, std::string_view path, PathArguments* arguments);

// Why the query's parameters are not those of the route; empty: they are.
std::string UnknownParameter(const Route& route, const Request& request);

}  // namespace datahub::serve
