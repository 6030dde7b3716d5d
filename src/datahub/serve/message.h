#pragma once

#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::serve {

// A request as handlers see it: whole, its body decompressed.
struct Request {
  std::string method;
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded
  std::string content_type;                  // without parameters, lower case
  std::string accept;                        // of several headers all, with commas between
  std::optional<std::string> idempotency_key;
  std::string body;
  std::stop_token stop{};  // asked for when the server ends: what takes long looks at it

  // Empty when it is not there.
  std::string_view Query(const std::string& name) const {
    const auto at = query.find(name);
    return at == query.end() ? std::string_view() : std::string_view(at->second);
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

// An RFC 9457 problem document; `detail` says what to do.
Response Problem(int status, std::string_view detail);
// The status that says whose turn it is: 400 for InvalidInput, 429 for Limit, 507 for DiskFull, 503 for what may pass…
// with Retry-After where a repetition helps.
Response Problem(const Error& error);

// Which of `offered` an Accept header likes best, the first of equals; empty: none of them. No header: the first.
std::string_view ChooseMedia(std::string_view accept, std::span<const std::string_view> offered);

// Status line and headers, to the empty line.
std::string HeadText(const Response& response, bool keep_alive);

// Target of a request line as path and query; false when an escape is broken, the path is not one, or a
// parameter repeats: which one counts would be a guess.
bool ParseTarget(std::string_view target, Request* request);

}  // namespace datahub::serve
