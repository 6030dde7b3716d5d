// The route that takes SQL.

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/query/query_process.h"
#include "datahub/serve/routes.h"

namespace datahub::serve {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kLines = "application/x-ndjson";
constexpr std::string_view kCsv = "text/csv";
constexpr std::string_view kArrow = "application/vnd.apache.arrow.stream";
constexpr std::array kOffered = {kJson, kLines, kCsv, kArrow};

constexpr std::string_view kTextSchema = R"({"type":"string"})";

query::Format FormatOf(std::string_view media) {
  if (media == kCsv) return query::Format::kCsv;
  if (media == kLines) return query::Format::kJson;
  return media == kArrow ? query::Format::kArrow : query::Format::kJsonArray;
}

// {"sql": "…"} and nothing else in it.
Result<std::string> SqlOfJson(std::string_view body) {
  static constexpr std::string_view kWanted = R"(the body must be {"sql": "SELECT …"})";
  json::Document document;
  const Result<const json::Value*> parsed = document.Parse(body);
  if (!parsed) return Error{Code::kInvalidInput, fmt::format("{}: {}", kWanted, parsed.error().message)};
  const json::Value& value = **parsed;
  if (!value.is_object()) return Error{Code::kInvalidInput, std::string(kWanted)};
  for (const json::Member& member : value.members) {
    if (member.key != "sql") {
      return Error{Code::kInvalidInput, fmt::format("{}: '{}' is not known", kWanted, member.key)};
    }
  }
  const json::Value* const sql = value.Find("sql");
  if (sql == nullptr || !sql->is_string()) return Error{Code::kInvalidInput, std::string(kWanted)};
  return std::string(sql->text);
}

Response PostSql(const Site& site, const Request& request) {
  const std::string_view media = ChooseMedia(request.accept, kOffered);
  if (media.empty()) {
    return Problem(406, fmt::format("Accept: {} cannot be given; {} can", request.accept, fmt::join(kOffered, ", ")));
  }
  const bool is_text =
      request.content_type.empty() || request.content_type == "text/plain" || request.content_type == "application/sql";
  if (!is_text && request.content_type != kJson) {
    return Problem(415, fmt::format("'{}' is not SQL; send Content-Type: application/sql, or application/json with "
                                    "{{\"sql\": \"…\"}}",
                                    request.content_type));
  }
  std::string sql = request.body;
  if (!is_text) {
    Result<std::string> found = SqlOfJson(request.body);
    if (!found) return Problem(found.error());
    sql = *std::move(found);
  }
  Result<std::string> answer = Ask(site, sql, FormatOf(media), request.stop);
  if (!answer) return QueryProblem(answer.error());
  return {200, std::string(media) + (media == kCsv ? "; charset=utf-8" : ""), *std::move(answer)};
}

}  // namespace

query::EngineOptions EngineOptionsOf(const QueryLimits& limits) {
  query::EngineOptions engine;
  engine.threads = limits.threads > 0 ? limits.threads : std::max(1, int(std::thread::hardware_concurrency() / 2));
  engine.memory_bytes_max = limits.memory_bytes_max;
  engine.temp_bytes_max = limits.spill_bytes_max;
  engine.statements_max = 1;
  engine.time_us_max = limits.time_us_max;
  engine.yields_processor = true;
  return engine;
}

Result<std::string> Ask(const Site& site, std::string_view sql, query::Format format, const std::stop_token& stop) {
  query::QueryTask task;
  task.snapshot = DH_TRY(site.snapshot(sql));
  task.sql = sql;
  task.output.format = format;
  const size_t bytes_max = site.limits.answer_bytes_max;
  std::string answer;
  const query::Sink sink = [&](std::string_view text) -> Result<void> {
    if (answer.size() + text.size() > bytes_max) {
      return Error{Code::kLimit,
                   fmt::format("the answer is longer than {} bytes: add a LIMIT, or select fewer columns", bytes_max)};
    }
    answer += text;
    return {};
  };
  DH_TRY(site.queries->Run(task, sink, stop));
  return answer;
}

Response QueryProblem(const Error& error) {
  return error.code == Code::kLimit ? Problem(413, error.message) : Problem(error);
}

void AddSqlRoutes(const SharedSite& site, std::vector<Route>& routes) {
  routes.push_back(
      {.method = "POST",
       .pattern = "/v1/sql",
       .role = Role::kRead,
       .summary = "Ask one statement of SQL, which only reads",
       .pace = Pace::kSql,
       .takes = {{"application/sql", kTextSchema},
                 {"text/plain", kTextSchema},
                 {kJson, R"({"type":"object","required":["sql"],"additionalProperties":false,"properties":{
                   "sql":{"type":"string","minLength":1}}})"}},
       .answers =
           {{200,
             "All rows. As JSON an array of one object a row; integers and decimals with all their digits, which a "
             "reader must not make floats of; times as ISO 8601, bytes as base64, nan and inf as null. As CSV a "
             "header, then the rows; null is nothing, an empty text is \"\". As Arrow an IPC stream",
             {{kJson, R"({"type":"array","items":{"type":"object"}})"},
              {kLines, kTextSchema},
              {kCsv, kTextSchema},
              {kArrow, R"({"type":"string","format":"binary"})"}}}},
       .problems = {406},
       .handler = [site](const Request& request, const PathArguments&) { return PostSql(*site, request); }});
}

}  // namespace datahub::serve
