// Routes about rejected records.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "datahub/base/json.h"
#include "datahub/query/query_error.h"
#include "datahub/query/table_facts.h"
#include "datahub/serve/routes.h"

namespace datahub::serve {
namespace {

constexpr uint64_t kRecordsMax = 10'000;  // of one answer
constexpr uint64_t kRecordsUsual = 100;
constexpr int kReasonsMax = 1000;  // of one pipeline

constexpr std::string_view kPipelines = R"({"type":"object","required":["pipelines"],"properties":{"pipelines":{
  "type":"array","items":{"type":"object","required":["pipeline","records","files","reasons"],"properties":{
    "pipeline":{"type":"string"},"records":{"type":"integer"},"files":{"type":"integer"},
    "reasons":{"type":"array","description":"the first reason of each record, the most frequent first","items":{
      "type":"object","properties":{"keyword":{"type":["string","null"]},"field":{"type":["string","null"]},
      "records":{"type":"integer"},"example":{"type":["string","null"]}}}}}}}}})";

constexpr std::string_view kRecords = R"({"type":"object","required":["pipeline","records"],"properties":{
  "pipeline":{"type":"string"},"records":{"type":"array","items":{"type":"object","properties":{
    "source":{"type":"string"},"shard":{"type":"string"},"offset":{"type":"integer"},
    "received_at":{"type":"string","format":"date-time"},
    "reasons":{"type":"array","items":{"type":"object"}},
    "raw":{"type":["string","null"],"description":"the record; null when it is not UTF-8"},
    "raw_base64":{"type":["string","null"],"description":"its bytes, when it is not"}}}}}})";

Result<std::string> ListPipelines(const Site& site, const std::stop_token& stop) {
  json::Writer out;
  out.BeginObject().Key("pipelines").BeginArray();
  for (const PipelineFacts& pipeline : site.pipelines) {
    const query::FileSums sums = query::SumsOf(DH_TRY(site.ledger.Files(pipeline.quarantine)));
    out.BeginObject().Key("pipeline").String(pipeline.name);
    out.Key("records").Number(sums.rows).Key("files").Number(sums.files).Key("reasons");
    std::string reasons = "[]";
    if (sums.files > 0) {
      const std::string sql =
          fmt::format("FROM ({}) LIMIT {}", query::QuarantineReasonsSql(pipeline.quarantine), kReasonsMax);
      reasons = DH_TRY(Ask(site, sql, query::Format::kJsonArray, stop));
    }
    out.Raw(reasons).EndObject();
  }
  out.EndArray().EndObject();
  return std::move(out).Take();
}

Result<std::string> ListRecords(const Site& site, const std::string& name, const Request& request) {
  const uint64_t limit = DH_TRY(CountOf(request, "limit", kRecordsUsual, kRecordsMax));
  const auto pipeline = std::ranges::find(site.pipelines, name, &PipelineFacts::name);
  if (pipeline == site.pipelines.end()) {
    std::vector<std::string> known;
    for (const PipelineFacts& one : site.pipelines) known.push_back(one.name);
    const std::string nearest = query::NearestName(name, known);
    return Error{Code::kNotFound,
                 fmt::format("there is no pipeline '{}'{}", name,
                             nearest.empty() ? "; see /v1/quarantine" : fmt::format("; did you mean '{}'?", nearest))};
  }
  const std::vector<ledger::DataFile> files = DH_TRY(site.ledger.Files(pipeline->quarantine));
  std::string records = "[]";
  if (!files.empty()) {
    const std::string sql = fmt::format(
        "SELECT dh_source AS source, dh_shard AS shard, dh_offset::UBIGINT AS \"offset\", dh_received_at AS "
        "received_at, "
        "reasons, try(decode(raw)) AS raw, CASE WHEN try(decode(raw)) IS NULL THEN raw END AS raw_base64 "
        "FROM {} ORDER BY dh_source, dh_shard, dh_offset LIMIT {}",
        pipeline->quarantine, limit);
    records = DH_TRY(Ask(site, sql, query::Format::kJsonArray, request.stop));
  }
  json::Writer out;
  out.BeginObject().Key("pipeline").String(name).Key("records").Raw(records).EndObject();
  return std::move(out).Take();
}

Response AnswerOf(const Result<std::string>& body) {
  return body ? Response{200, "application/json", *body} : QueryProblem(body.error());
}

}  // namespace

void AddQuarantineRoutes(const SharedSite& site, std::vector<Route>& routes) {
  routes.push_back({.method = "GET",
                    .pattern = "/v1/quarantine",
                    .role = Role::kRead,
                    .summary = "How many records each pipeline rejected, and why",
                    .pace = Pace::kLong,
                    .answers = {{200, "All pipelines", {{"application/json", kPipelines}}}},
                    .handler = [site](const Request& request, const PathArguments&) {
                      return AnswerOf(ListPipelines(*site, request.stop));
                    }});
  routes.push_back({.method = "GET",
                    .pattern = "/v1/quarantine/{pipeline}",
                    .role = Role::kRead,
                    .summary = "A pipeline's rejected records, with what is wrong with each",
                    .pace = Pace::kLong,
                    .parameters = {{"limit", "query", R"({"type":"integer","minimum":1,"maximum":10000,"default":100})",
                                    "how many at most"}},
                    .answers = {{200, "The first ones, by source, shard and offset", {{"application/json", kRecords}}}},
                    .problems = {404},
                    .handler = [site](const Request& request, const PathArguments& arguments) {
                      return AnswerOf(ListRecords(*site, arguments.find("pipeline")->second, request));
                    }});
}

}  // namespace datahub::serve
