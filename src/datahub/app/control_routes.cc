#include "datahub/app/control_routes.h"

#include <functional>

#include <unistd.h>

#include <fmt/format.h>

#include "datahub/app/project_reset.h"
#include "datahub/app/quarantine_actions.h"
#include "datahub/app/source_reset.h"
#include "datahub/base/clock.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr std::string_view kReplayed = R"({"type":"object","required":["pipeline","records","accepted","rejected"],
  "properties":{"pipeline":{"type":"string"},"records":{"type":"integer"},"accepted":{"type":"integer"},
    "rejected":{"type":"integer"}}})";
constexpr std::string_view kDropped = R"({"type":"object","required":["pipeline","dropped"],
  "properties":{"pipeline":{"type":"string"},"dropped":{"type":"integer"}}})";

}  // namespace

std::vector<serve::Route> ControlRoutes(const WritingWorkspace& workspace, pipeline::Service& service,
                                        const serve::Server& server, std::function<void()> reset) {
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
  // Read anew, and so landed again, by the pipeline that reads it.
  const auto forget = [&workspace, &service](const Request& request, const PathArguments& arguments) {
    const std::string& source = arguments.at("source");
    const bool with_rows = request.Query("with_rows") == "true";
    const SourceConfig* const config = workspace.project.FindSource(source);
    Result<void> done;
    if (config != nullptr) {
      done = service.Do(config->pipeline, [&](pipeline::Pipeline& pipeline) {
        if (!with_rows) return ForgetSource(workspace, source);
        const auto remove = std::bind_front(&pipeline::Pipeline::Remove, &pipeline);
        return ForgetSourceWithRows(workspace, source, config->pipeline, remove);
      });
    } else if (!with_rows) {
      done = ForgetSource(workspace, source);
    } else {
      done =
          Error{Code::kConflict,
                fmt::format("source '{}' is not in the project any more, so no pipeline of this server can remove its "
                            "rows; stop the server, then reset it",
                            source)};
    }
    return done ? Response{200, "application/json", "{}"} : serve::Problem(done.error());
  };
  const auto forget_all = [&server, reset = std::move(reset)](const Request&, const PathArguments&) {
    reset();
    json::Writer out;
    out.BeginObject().Key("process").Number(int64_t(::getpid()));
    out.Key("started_at").String(clock::ToIso(server.totals().started_at_us)).EndObject();
    return Response{202, "application/json", std::move(out).Take()};
  };
  return {
      {.method = "POST",
       .pattern = "/v1/sources/{source}/reset",
       .role = serve::Role::kControl,
       .summary = "Forget how far a source was read",
       .pace = serve::Pace::kLong,
       .parameters = {{"with_rows", "query", R"({"enum":["true"]})", "true: its rows leave the tables too"}},
       .handler = forget},
      {.method = "POST",
       .pattern = "/v1/reset",
       .role = serve::Role::kControl,
       .summary = "Forget everything",
       .handler = forget_all},
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
