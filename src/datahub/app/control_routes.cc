#include "datahub/app/control_routes.h"

#include "datahub/app/quarantine_actions.h"
#include "datahub/base/json.h"

namespace datahub::app {

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
      {"POST", "/v1/quarantine/{pipeline}/replay", serve::Role::kAdmin,
       "judge rejected records again with the contract of now", true, replay},
      {"POST", "/v1/quarantine/{pipeline}/drop", serve::Role::kAdmin, "forget rejected records for good", true, drop},
  };
}

}  // namespace datahub::app
