#include "datahub/serve/message.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "datahub/base/json.h"

namespace datahub::serve {
namespace {

constexpr size_t kHeadBytes = 256;  // of an answer, about

std::string_view TitleOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
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
    case 406:
      return "Not Acceptable";
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
    case Code::kCorruption:
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

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// What stands before the separator; `rest` begins behind it.
std::string_view CutAt(std::string_view* rest, char separator) {
  const size_t end = rest->find(separator);
  const std::string_view part = rest->substr(0, end);
  *rest = end == std::string_view::npos ? std::string_view() : rest->substr(end + 1);
  return Trim(part);
}

bool SameWord(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// 2: the type itself, 1: type/*, 0: */*, -1: not of the range.
int Precision(std::string_view range, std::string_view type) {
  if (SameWord(range, type)) return 2;
  if (range == "*/*") return 0;
  const size_t slash = type.find('/');
  return range.ends_with("/*") && SameWord(range.substr(0, range.size() - 2), type.substr(0, slash)) ? 1 : -1;
}

// "0.5"; what is no number is 0, so not wanted.
double Weight(std::string_view text) {
  double weight = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), weight);
  return failure == std::errc() && weight > 0 ? weight : 0;
}

// How much the header wants the type: by its most precise range.
double WantedWeight(std::string_view accept, std::string_view type) {
  int precision = -1;
  double wanted = 0;
  while (!accept.empty()) {
    std::string_view parameters = CutAt(&accept, ',');
    const int here = Precision(CutAt(&parameters, ';'), type);
    double weight = 1;
    while (!parameters.empty()) {
      std::string_view value = CutAt(&parameters, ';');
      if (SameWord(CutAt(&value, '='), "q")) weight = Weight(Trim(value));
    }
    if (here > precision) {
      precision = here;
      wanted = weight;
    }
  }
  return wanted;
}

}  // namespace

std::string_view ChooseMedia(std::string_view accept, std::span<const std::string_view> offered) {
  if (Trim(accept).empty()) return offered.front();
  std::string_view best;
  double best_weight = 0;
  for (const std::string_view type : offered) {
    const double weight = WantedWeight(accept, type);
    if (weight <= best_weight) continue;
    best = type;
    best_weight = weight;
  }
  return best;
}

Response Problem(int status, std::string_view detail) {
  json::Writer out;
  out.BeginObject().Key("type").String("about:blank").Key("title").String(TitleOf(status));
  out.Key("status").Number(int64_t(status)).Key("detail").String(detail).EndObject();
  Response response{status, "application/problem+json", std::move(out).Take()};
  if (status == 429 || status == 503 || status == 507) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response Problem(const Error& error) { return Problem(StatusOf(error.code), error.message); }

std::string HeadText(const Response& response, bool keep_alive) {
  std::string text;
  text.reserve(kHeadBytes);
  fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                 response.status, TitleOf(response.status), response.content_type, response.body.size());
  for (const auto& [name, value] : response.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return text;
}

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
    if (!request->query.emplace(*std::move(name), *std::move(value)).second) return false;
  }
  return true;
}

}  // namespace datahub::serve
