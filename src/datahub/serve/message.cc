#include "datahub/serve/message.h"

#include <charconv>
#include <optional>

#include "datahub/base/json.h"

namespace datahub::serve {
namespace {

std::string_view TitleOf(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Error";
  }
}

int StatusOf(Code code) {
  switch (code) {
    case Code::kInvalidInput:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kConflict:
      return 409;
    case Code::kLimit:
      return 429;
    case Code::kDiskFull:
      return 507;
    case Code::kTimeout:
      return 504;
    case Code::kInternal:
      return 500;
    default:
      return 503;
  }
}

// Nothing where an escape is broken. In a query + is a space.
std::optional<std::string> Decode(std::string_view text, bool in_query) {
  std::string decoded;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && in_query) {
      decoded += ' ';
    } else if (text[at] == '%') {
      unsigned char byte = 0;
      if (text.size() - at < 3) return std::nullopt;
      const char* const digits = text.data() + at + 1;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
      decoded += static_cast<char>(byte);
      at += 2;
    } else {
      decoded += text[at];
    }
  }
  return decoded;
}

}  // namespace

Response Problem(int status, std::string_view detail) {
  json::Writer out;
  out.BeginObject().Key("type").String("about:blank").Key("title").String(TitleOf(status));
  out.Key("status").Number(int64_t(status)).Key("detail").String(detail).EndObject();
  Response response{status, "application/problem+json", std::move(out).Take()};
  if (status == 429 || status == 503 || status == 507) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response Problem(const Error& error) { return Problem(StatusOf(error.code), error.message); }

bool ParseTarget(std::string_view target, Request* request) {
  if (!target.starts_with('/')) return false;
  const size_t mark = target.find('?');
  std::optional<std::string> path = Decode(target.substr(0, mark), false);
  if (!path || path->find('\0') != std::string::npos) return false;
  request->path = *std::move(path);
  std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equal = pair.find('=');
    std::optional<std::string> name = Decode(pair.substr(0, equal), true);
    std::optional<std::string> value =
        Decode(equal == std::string_view::npos ? std::string_view() : pair.substr(equal + 1), true);
    if (!name || !value) return false;
    request->query[*std::move(name)] = *std::move(value);
  }
  return true;
}

}  // namespace datahub::serve
