#include "datahub/app/control_routes.h"

#include "datahub/app/quarantine_actions.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr std::string_view kReplayed = R"({"type":"object","required":["pipeline","records","accepted","rejected"],
  "properties":{"pipeline":{"type":"string"},"records":{"type":"integer"},"accepted":{"type":"integer"},
    "rejected":{"type":"integer"}}})";
constexpr std::string_view kDropped = R"({"type":"object","required":["pipeline","dropped"],
  "properties":{"pipeline":{"type":"string"},"dropped":{"type":"integer"}}})";

}  // namespace

std::vector<serve::Route> ControlRoutes(const Workspace& workspace, pipeline::Service& service) {
  using serve::PathArguments;
  using serve::Request;
  using serve::Response;
  const auto replay = [&workspace, &service](const Request&, const PathArguments& arguments) {
    pipeline::RunTotals totals;
    const Result<void> done = service.Do(arguments.at("pipeline"), [&](pipeline::Pipeline& pipeline) {
      return ReplayQuarantine(workspace, pipeline, totals);
    });
    if (!done) return serve::Problem(done.error());
    json::Writer out;
    out.BeginObject().Key("pipeline").String(arguments.at("pipeline")).Key("records").Number(totals.records.load());
    out.Key("accepted").Number(totals.accepted.load()).Key("rejected").Number(totals.rejected.load()).EndObject();
    return Response{200, "application/json", std::move(out).Take()};
  };
  const auto drop = [&workspace, &service](const Request&, const PathArguments& arguments) {
    uint64_t dropped = 0;
    const Result<void> done = service.Do(arguments.at("pipeline"), [&](pipeline::Pipeline& pipeline) -> Result<void> {
      dropped = DH_TRY(DropQuarantine(workspace, pipeline));
      return {};
    });
    if (!done) return serve::Problem(done.error());
    json::Writer out;
    out.BeginObject().Key("pipeline").String(arguments.at("pipeline")).Key("dropped").Number(dropped).EndObject();
    return Response{200, "application/json", std::move(out).Take()};
  };
  return {
      {.method = "POST",
       .pattern = "/v1/quarantine/{pipeline}/replay",
       .role = serve::Role::kAdmin,
       .summary = "Judge rejected records again with the contract of now",
       .pace = serve::Pace::kLong,
       .answers = {{200, "What became of them", {{"application/json", kReplayed}}}},
       .problems = {404},
       .handler = replay},
      {.method = "POST",
       .pattern = "/v1/quarantine/{pipeline}/drop",
       .role = serve::Role::kAdmin,
       .summary = "Forget rejected records for good",
       .pace = serve::Pace::kLong,
       .answers = {{200, "How many", {{"application/json", kDropped}}}},
       .problems = {404},
       .handler = drop},
  };
}

}  // namespace datahub::app
