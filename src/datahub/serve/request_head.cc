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

// "localhost", "127.0.0.1" or "[::1]", each with or without a port, and nothing else.
bool IsAddressOrLocalhost(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const size_t bracket = authority.find(']');
  if (bracketed && bracket == authority.npos) return false;
  const size_t end = bracketed ? bracket + 1 : std::min(authority.find(':'), authority.size());
  const std::string_view port = authority.substr(end);
  if (!port.empty() && (port[0] != ':' || port.find_first_not_of("0123456789", 1) != port.npos)) return false;
  boost::system::error_code failure;
  if (bracketed) {
    boost::asio::ip::make_address_v6(authority.substr(1, bracket - 1), failure);
    return !failure;
  }
  const std::string_view host = authority.substr(0, end);
  if (SameText(host, "localhost")) return true;
  boost::asio::ip::make_address_v4(host, failure);
  return !failure;
}

// Of which two would leave it to the reader which one counts.
constexpr http::field kOnce[] = {http::field::host,         http::field::origin,           http::field::authorization,
                                 http::field::content_type, http::field::content_encoding, http::field::expect};

}  // namespace

std::optional<Response> ReadHead(const Head& head, Request* request) {
  request->method = std::string_view(head.method_string());
  for (const http::field name : kOnce) {
    if (head.count(name) > 1)
      return Problem(400, fmt::format("a request has one {}", std::string_view(to_string(name))));
  }
  const auto host = head.find(http::field::host);
  if (host == head.end() ? head.version() >= 11 : host->value().empty()) {
    return Problem(400, "a request of HTTP/1.1 has a Host header, and no request an empty one");
  }
  // The parser takes the last coding for all of them, which another server in front may see otherwise.
  const std::string_view transfer(head[http::field::transfer_encoding]);
  if (head.version() < 11 && head.count(http::field::transfer_encoding) > 0) {
    return Problem(400, "HTTP/1.0 has no Transfer-Encoding");
  }
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
  if (!host.empty() && !IsAddressOrLocalhost(host)) {
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
