#include "datahub/contract/schema_uri.h"

#include <vector>

namespace datahub::contract {
namespace {

struct Parts {
  std::string_view scheme;     // with ':'
  std::string_view authority;  // with "//"
  std::string_view path;
  std::string_view query;     // with '?'
  std::string_view fragment;  // with '#'
};

Parts SplitUri(std::string_view text) {
  Parts parts;
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    parts.fragment = text.substr(hash);
    text = text.substr(0, hash);
  }
  if (const size_t question = text.find('?'); question != std::string_view::npos) {
    parts.query = text.substr(question);
    text = text.substr(0, question);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon > 0 && text.substr(0, colon).find('/') == std::string_view::npos) {
    parts.scheme = text.substr(0, colon + 1);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    const size_t slash = text.find('/', 2);
    parts.authority = text.substr(0, slash);
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
  }
  parts.path = text;
  return parts;
}

std::string RemoveDots(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool absolute = path.starts_with('/');
  size_t at = absolute ? 1 : 0;
  bool folder = false;
  while (at <= path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    folder = segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0 || absolute) out += '/';
    out += kept[i];
  }
  if (folder) out += '/';
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Join(std::string_view scheme, std::string_view authority, std::string_view path, const Parts& last) {
  std::string out(scheme);
  out.append(authority).append(path).append(last.query).append(last.fragment);
  return out;
}

}  // namespace

std::string ResolveUri(std::string_view base, std::string_view reference) {
  const Parts from = SplitUri(base);
  Parts to = SplitUri(reference);
  if (!to.scheme.empty()) return std::string(reference);
  if (!to.authority.empty()) return Join(from.scheme, to.authority, RemoveDots(to.path), to);
  if (to.path.empty()) {
    if (to.query.empty()) to.query = from.query;
    return Join(from.scheme, from.authority, from.path, to);
  }
  if (to.path.starts_with('/')) return Join(from.scheme, from.authority, RemoveDots(to.path), to);
  const size_t slash = from.path.rfind('/');
  std::string path(slash == std::string_view::npos ? std::string_view() : from.path.substr(0, slash + 1));
  if (path.empty() && !from.authority.empty()) path = "/";
  path += to.path;
  return Join(from.scheme, from.authority, RemoveDots(path), to);
}

std::string DecodePointerToken(std::string_view token) {
  std::string bytes;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '%' && i + 2 < token.size() && HexDigit(token[i + 1]) >= 0 && HexDigit(token[i + 2]) >= 0) {
      bytes += static_cast<char>(HexDigit(token[i + 1]) * 16 + HexDigit(token[i + 2]));
      i += 2;
    } else {
      bytes += token[i];
    }
  }
  std::string name;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '~' && i + 1 < bytes.size() && (bytes[i + 1] == '0' || bytes[i + 1] == '1')) {
      name += bytes[++i] == '0' ? '~' : '/';
    } else {
      name += bytes[i];
    }
  }
  return name;
}

std::string EncodePointerToken(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

}  // namespace datahub::contract
