#include "datahub/serve/openapi.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/json.h"

namespace datahub::serve {
namespace {

constexpr std::string_view kProblemSchema =
    R"({"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},)"
    R"("title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string","description":"what to do"}}})";

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kNobody:
      return "nobody";
    case Role::kIngest:
      return "ingest";
    case Role::kRead:
      return "read";
    case Role::kAdmin:
      return "admin";
    case Role::kControl:
      return "control";
  }
  return "";
}

std::string_view MeaningOf(int status) {
  switch (status) {
    case 400:
      return "What was sent is wrong; the detail says where";
    case 401:
      return "No token, or none that is known";
    case 403:
      return "The token's roles do not allow it";
    case 404:
      return "There is nothing of that name";
    case 406:
      return "None of the types in Accept can be given";
    case 413:
      return "The body is longer than it may be, or the answer or the memory for it would be";
    case 415:
      return "A Content-Type or Content-Encoding that is not taken";
    case 429:
      return "The intake log is full; try again when events were landed";
    case 431:
      return "The header is too long";
    case 500:
      return "A bug, or damaged data";
    case 503:
      return "Not now; try again";
    case 504:
      return "It takes longer than it may";
    case 507:
      return "The disk is full";
    default:
      return "A problem";
  }
}

// Names in braces, in order.
std::vector<std::string_view> ArgumentsOf(std::string_view pattern) {
  std::vector<std::string_view> names;
  for (size_t at = pattern.find('{'); at != pattern.npos; at = pattern.find('{', at + 1)) {
    names.push_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
  }
  return names;
}

// What the server answers before the route's handler is asked, and what its handler adds.
std::set<int> ProblemsOf(const Route& route) {
  std::set<int> all(route.problems.begin(), route.problems.end());
  all.insert({400, 431});
  if (route.role != Role::kNobody) all.insert({401, 403});
  if (!route.takes.empty()) all.insert({413, 415, 503});
  if (route.pace == Pace::kSql || route.pace == Pace::kLong) all.insert({413, 503, 504});
  if (route.pace != Pace::kQuick) all.insert({500, 503});
  return all;
}

void WriteMedia(json::Writer& out, const std::vector<Media>& media) {
  out.Key("content").BeginObject();
  for (const Media& one : media) out.Key(one.type).BeginObject().Key("schema").Raw(one.schema).EndObject();
  out.EndObject();
}

void WriteParameter(json::Writer& out, const Parameter& parameter) {
  out.BeginObject().Key("name").String(parameter.name).Key("in").String(parameter.in);
  if (parameter.in == "path") out.Key("required").Bool(true);
  if (!parameter.summary.empty()) out.Key("description").String(parameter.summary);
  out.Key("schema").Raw(parameter.schema).EndObject();
}

void WriteParameters(json::Writer& out, const Route& route) {
  const std::vector<std::string_view> arguments = ArgumentsOf(route.pattern);
  if (arguments.empty() && route.parameters.empty()) return;
  out.Key("parameters").BeginArray();
  for (const std::string_view name : arguments) {
    WriteParameter(out, {name, "path", R"({"type":"string","minLength":1})", ""});
  }
  for (const Parameter& parameter : route.parameters) WriteParameter(out, parameter);
  out.EndArray();
}

void WriteResponses(json::Writer& out, const Route& route) {
  out.Key("responses").BeginObject();
  for (const Answered& answer : route.answers) {
    out.Key(fmt::format("{}", answer.status)).BeginObject().Key("description").String(answer.summary);
    WriteMedia(out, answer.media);
    out.EndObject();
  }
  for (const int status : ProblemsOf(route)) {
    out.Key(fmt::format("{}", status)).BeginObject().Key("description").String(MeaningOf(status));
    out.Key("content").BeginObject().Key("application/problem+json").BeginObject().Key("schema").BeginObject();
    out.Key("$ref").String("#/components/schemas/Problem").EndObject().EndObject().EndObject().EndObject();
  }
  out.EndObject();
}

void WriteOperation(json::Writer& out, const Route& route) {
  std::string method(route.method);
  for (char& c : method) c = static_cast<char>(c + 32);
  out.Key(method).BeginObject().Key("summary").String(route.summary);
  out.Key("x-datahub-role").String(RoleName(route.role));
  out.Key("security").BeginArray();
  if (route.role != Role::kNobody) out.BeginObject().Key("bearer").BeginArray().EndArray().EndObject();
  out.EndArray();
  WriteParameters(out, route);
  if (!route.takes.empty()) {
    out.Key("requestBody").BeginObject().Key("required").Bool(true);
    WriteMedia(out, route.takes);
    out.EndObject();
  }
  WriteResponses(out, route);
  out.EndObject();
}

}  // namespace

std::string OpenApiJson(std::string_view project, std::span<const Route> routes) {
  json::Writer out;
  out.BeginObject().Key("openapi").String("3.1.0");
  out.Key("info").BeginObject().Key("title").String(fmt::format("Datahub: {}", project)).Key("version").String("1");
  out.Key("description")
      .String(
          "Errors are problem documents (RFC 9457). Where the project names tokens, all but the routes without "
          "security need "
          "one of them as Authorization: Bearer; its role must be the route's x-datahub-role, or admin.");
  out.EndObject().Key("paths").BeginObject();
  std::map<std::string_view, std::vector<const Route*>> by_path;
  for (const Route& route : routes) {
    if (route.role != Role::kControl) by_path[route.pattern].push_back(&route);
  }
  for (const auto& [pattern, of_path] : by_path) {
    out.Key(pattern).BeginObject();
    for (const Route* route : of_path) WriteOperation(out, *route);
    out.EndObject();
  }
  out.EndObject().Key("components").BeginObject();
  out.Key("schemas").BeginObject().Key("Problem").Raw(kProblemSchema).EndObject();
  out.Key("securitySchemes").BeginObject().Key("bearer").BeginObject();
  out.Key("type").String("http").Key("scheme").String("bearer").EndObject().EndObject().EndObject().EndObject();
  return std::move(out).Take();
}

}  // namespace datahub::serve
