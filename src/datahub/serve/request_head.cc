#include "datahub/serve/request_head.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

namespace datahub::serve {
namespace {

namespace http = boost::beast::http;

bool SameText(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Without its port.
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  return authority.substr(0, authority.find(':'));
}

bool IsAddressOrLocalhost(std::string_view host) {
  if (SameText(host, "localhost")) return true;
  boost::system::error_code failure;
  boost::asio::ip::make_address(host, failure);
  return !failure;
}

}  // namespace

std::optional<Response> ReadHead(const Head& head, Request* request) {
  request->method = std::string_view(head.method_string());
  if (head.version() >= 11 && head.count(http::field::host) != 1) {
    return Problem(400, "a request of HTTP/1.1 has one Host header");
  }
  // The parser takes the last coding for all of them, which another server in front may see otherwise.
  const std::string_view transfer(head[http::field::transfer_encoding]);
  if (head.count(http::field::transfer_encoding) > 1 || (!transfer.empty() && !SameText(transfer, "chunked"))) {
    return Problem(400, "of transfer codings only chunked is taken, once");
  }
  if (head.count("Idempotency-Key") > 1) return Problem(400, "a request has one Idempotency-Key");
  if (!ParseTarget(std::string_view(head.target()), request)) {
    return Problem(400, "the request's target is not a path, or a parameter repeats");
  }
  return std::nullopt;
}

std::optional<Response> RefuseOtherPlaces(const Head& head) {
  const std::string_view host(head[http::field::host]);
  if (!host.empty() && !IsAddressOrLocalhost(HostOf(host))) {
    return Problem(403, fmt::format("without tokens (serve: {{tokens: …}}) the server is asked by its address, not as "
                                    "'{}'",
                                    host));
  }
  const auto origin = head.find(http::field::origin);
  if (origin == head.end()) return std::nullopt;
  std::string_view place(origin->value());
  place.remove_prefix(std::min(place.size(), place.find("://") == place.npos ? 0 : place.find("://") + 3));
  if (SameText(place, host)) return std::nullopt;
  return Problem(403, fmt::format("without tokens (serve: {{tokens: …}}) pages of another place, '{}', may not ask",
                                  std::string_view(origin->value())));
}

}  // namespace datahub::serve
