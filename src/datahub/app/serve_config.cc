#include "datahub/app/serve_config.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "datahub/app/diagnostic_codes.h"
#include "datahub/app/fields.h"

namespace datahub::app {
namespace {

constexpr size_t kTokenBytesMin = 16;

void ReadToken(const YamlNode& node, ServeConfig& config, std::set<std::string>& names, Diagnostics& diagnostics) {
  static constexpr serve::Role kRoleOf[] = {serve::Role::kIngest, serve::Role::kRead, serve::Role::kAdmin};
  Fields fields(node, "a token", kTokenFields, diagnostics);
  Values values(diagnostics);
  serve::Token token;
  if (const YamlNode* name = fields.Require("name", "name: ci")) {
    if (const auto text = values.Name(*name, "name", "a token")) token.name = *text;
    if (!names.insert(token.name).second) {
      diagnostics.Add(code::kNameTwice, name->place, fmt::format("there are two tokens '{}'", token.name),
                      "give one of them another name");
    }
  }
  if (const YamlNode* secret = fields.Require("token", "token: ${env:CI_TOKEN}")) {
    if (const auto text = values.Text(*secret, "token")) token.secret = *text;
    if (token.secret.size() < kTokenBytesMin) {
      diagnostics.Add(code::kWrongValue, secret->place, fmt::format("a token has at least {} bytes", kTokenBytesMin),
                      "make one with: openssl rand -hex 24");
    }
  }
  if (const YamlNode* roles = fields.Require("roles", "roles: [ingest]")) {
    for (const YamlNode* role : values.Texts(*roles, "roles")) {
      const auto word = values.Choice(*role, "roles", kRoles);
      if (!word) continue;
      const auto at = std::ranges::find(kRoles, *word) - std::begin(kRoles);
      token.roles.push_back(kRoleOf[at]);
    }
  }
  fields.Finish();
  config.server.tokens.push_back(std::move(token));
}

void ReadQuery(const YamlNode& node, serve::QueryLimits& limits, Diagnostics& diagnostics) {
  Fields fields(node, "query of serve", kQueryFields, diagnostics);
  if (const auto us = fields.DurationUs("time")) limits.time_us_max = *us;
  if (const auto bytes = fields.Bytes("memory")) limits.memory_bytes_max = *bytes;
  if (const auto bytes = fields.Bytes("spill")) limits.spill_bytes_max = *bytes;
  if (const auto bytes = fields.Bytes("answer")) limits.answer_bytes_max = *bytes;
  fields.Finish();
}

}  // namespace

Result<void> ParseListen(std::string_view text, serve::ServerOptions& options) {
  const size_t colon = text.rfind(':');
  const auto wrong = [&] {
    return Error{Code::kInvalidInput,
                 fmt::format("'{}' is not an address to listen on; write HOST:PORT, for example 127.0.0.1:8080", text)};
  };
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (failure != std::errc() || end != port.data() + port.size() || port.empty()) return wrong();
  options.host = host;
  return {};
}

void ReadServe(const YamlNode& node, ServeConfig& config, Diagnostics& diagnostics) {
  Fields fields(node, "serve", kServeFields, diagnostics);
  Values values(diagnostics);
  if (const YamlNode* listen = fields.Take("listen")) {
    if (const auto text = values.Text(*listen, "listen")) {
      const Result<void> parsed = ParseListen(*text, config.server);
      if (!parsed) diagnostics.Add(code::kWrongValue, listen->place, WithoutVariables(parsed.error().message, *listen));
    }
  }
  if (const auto bytes = fields.Bytes("body")) config.server.body_bytes_max = *bytes;
  if (const auto count = fields.Count("connections")) config.server.connections_max = *count;
  if (const auto us = fields.DurationUs("grace")) config.grace_us = *us;
  if (const YamlNode* query = fields.Take("query")) ReadQuery(*query, config.query, diagnostics);
  if (const YamlNode* tokens = fields.Take("tokens")) {
    std::set<std::string> names;
    if (!tokens->is_list()) {
      diagnostics.Add(code::kWrongType, tokens->place,
                      fmt::format("tokens is a list, here it is {}", KindName(tokens->kind)),
                      "tokens: [{name: ci, token: ${env:CI_TOKEN}, roles: [ingest]}]");
    }
    for (const YamlNode& item : tokens->items) ReadToken(item, config, names, diagnostics);
  }
  fields.Finish();
}

void ReadIntake(const YamlNode& node, intake::LogOptions& options, Diagnostics& diagnostics) {
  Fields fields(node, "intake", kIntakeFields, diagnostics);
  if (const auto bytes = fields.Bytes("bytes")) options.log_bytes_max = *bytes;
  if (const auto us = fields.DurationUs("age")) options.age_us_max = *us;
  fields.Finish();
}

}  // namespace datahub::app
