#include "datahub/serve/routes.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "datahub/serve/openapi.h"

namespace datahub::serve {
namespace {

constexpr std::string_view kRoutesTextSchema = R"({"type":"string"})";

constexpr std::string_view kNotBlank = R"({"type":"string","pattern":"\\S"})";

constexpr std::string_view kAccepted = R"({"type":"object","required":["accepted"],"properties":{
  "accepted":{"type":"integer","minimum":0,"description":"records taken"},
  "committed":{"type":"boolean","description":"with wait=commit: whether they can be queried now"}}})";

constexpr std::string_view kStatus = R"({"type":"object","required":["pipelines","intake","server"],"properties":{
  "pipelines":{"type":"array","items":{"type":"object","required":["pipeline","state"],"properties":{
    "pipeline":{"type":"string"},"state":{"enum":["starting","running","retrying","stopped"]},
    "failure":{"type":["string","null"]}}}},
  "intake":{"type":"object","properties":{"failure":{"type":["string","null"]}}},"server":{"type":"object"}}})";

Response Text(std::string body) { return {200, "text/plain; charset=utf-8", std::move(body)}; }

void AddEventRoutes(std::vector<Route>& routes) {
  routes.push_back({.method = "POST",
                    .pattern = "/v1/events/{source}",
                    .role = Role::kIngest,
                    .summary = "Post events to a source of kind http: answered when they are durable",
                    .parameters = {{"wait", "query", R"({"enum":["commit"]})",
                                    "commit: answer when the events can be queried; 202 when that takes too long"},
                                   {"Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":255})",
                                    "a post that was taken with it in the last day is not taken again"}},
                    .takes = {{"application/json", R"({"type":["object","array"]})"},
                              {"application/x-ndjson", kNotBlank},
                              {"text/plain", kNotBlank}},
                    .answers = {{200, "The events are durable", {{"application/json", kAccepted}}},
                                {202, "They are durable, and can be queried later", {{"application/json", kAccepted}}}},
                    .problems = {404, 422, 429, 507}});
}

void AddReportRoutes(const SharedSite& site, std::vector<Route>& routes) {
  routes.push_back({.method = "GET",
                    .pattern = "/v1/status",
                    .role = Role::kRead,
                    .summary = "How each pipeline is",
                    .answers = {{200, "Pipelines, intake and server", {{"application/json", kStatus}}}},
                    .handler = [site](const Request&, const PathArguments&) {
                      return Response{200, "application/json", StatusJson(site->parts)};
                    }});
  routes.push_back({.method = "GET",
                    .pattern = "/metrics",
                    .role = Role::kRead,
                    .summary = "Metrics, as Prometheus reads them",
                    .answers = {{200, "Text format, version 0.0.4", {{"text/plain", kRoutesTextSchema}}}},
                    .handler = [site](const Request&, const PathArguments&) {
                      return Response{200, "text/plain; version=0.0.4; charset=utf-8", MetricsText(site->parts)};
                    }});
  routes.push_back({.method = "GET",
                    .pattern = "/healthz",
                    .role = Role::kNobody,
                    .summary = "Whether the process answers",
                    .answers = {{200, "It does", {{"text/plain", kRoutesTextSchema}}}},
                    .handler = [](const Request&, const PathArguments&) { return Text("ok\n"); }});
  routes.push_back({.method = "GET",
                    .pattern = "/readyz",
                    .role = Role::kNobody,
                    .summary = "Whether all pipelines run and the intake log works, and which does not",
                    .answers = {{200, "They do", {{"text/plain", kRoutesTextSchema}}}},
                    .problems = {503},
                    .handler = [site](const Request&, const PathArguments&) {
                      const std::string reasons = NotReady(site->parts);
                      return reasons.empty() ? Text("ready\n") : Problem(503, reasons);
                    }});
}

}  // namespace

Result<uint64_t> CountOf(const Request& request, const std::string& name, uint64_t otherwise, uint64_t max) {
  const auto at = request.query.find(name);
  if (at == request.query.end()) return otherwise;
  const std::string& text = at->second;
  uint64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure == std::errc() && end == text.data() + text.size() && count >= 1 && count <= max) return count;
  return Error{Code::kInvalidInput, fmt::format("{}={} is not a number from 1 to {}", name, text, max)};
}

std::vector<Route> MakeRoutes(Site site_in, std::vector<Route> more) {
  const auto site = std::make_shared<const Site>(std::move(site_in));
  std::vector<Route> routes;
  AddEventRoutes(routes);
  AddTableRoutes(site, routes);
  AddSqlRoutes(site, routes);
  AddQuarantineRoutes(site, routes);
  AddReportRoutes(site, routes);
  for (Route& route : more) routes.push_back(std::move(route));
  routes.push_back({.method = "GET",
                    .pattern = "/openapi.json",
                    .role = Role::kNobody,
                    .summary = "This document",
                    .answers = {{200, "OpenAPI 3.1", {{"application/json", R"({"type":"object"})"}}}}});
  const auto document = std::make_shared<const std::string>(OpenApiJson(site->project, routes));
  routes.back().handler = [document](const Request&, const PathArguments&) {
    return Response{200, "application/json", *document};
  };
  return routes;
}

}  // namespace datahub::serve
