#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datahub/ledger/ledger.h"
#include "datahub/query/query_process.h"
#include "datahub/query/snapshot.h"
#include "datahub/serve/report.h"
#include "datahub/serve/route.h"

namespace datahub::serve {

struct PipelineFacts {
  std::string name;
  std::string quarantine;  // the table of what it rejects
};

// What one query over HTTP may take.
struct QueryLimits {
  int64_t time_us_max = 30'000'000;
  uint64_t memory_bytes_max = uint64_t(1) << 30;
  uint64_t spill_bytes_max = uint64_t(4) << 30;
  size_t answer_bytes_max = 64u << 20;
  int threads = 0;  // 0: half of the processors, so that events go on coming in
};
// What a process that answers one takes upon itself.
query::EngineOptions EngineOptionsOf(const QueryLimits& limits);

// What routes answer from. All that is named by reference outlives the server.
struct Site {
  Parts parts;
  ledger::Ledger& ledger;
  std::string project;
  std::function<Result<query::Snapshot>(std::string_view sql)> snapshot;
  std::shared_ptr<query::QueryProcesses> queries;  // with the limits below
  std::vector<PipelineFacts> pipelines;
  QueryLimits limits;
};
using SharedSite = std::shared_ptr<const Site>;

// Everything that can be asked for, and `more`.
std::vector<Route> MakeRoutes(Site site, std::vector<Route> more = {});

// By noun; MakeRoutes calls them.
void AddTableRoutes(const SharedSite& site, std::vector<Route>& routes);
void AddQuarantineRoutes(const SharedSite& site, std::vector<Route>& routes);
void AddSqlRoutes(const SharedSite& site, std::vector<Route>& routes);

// Runs one statement, in a process of its own, within the site's limits; all of its answer. Limit when that is longer than
// it may be.
Result<std::string> Ask(const Site& site, std::string_view sql, query::Format format, const std::stop_token& stop);
// The problem that an error of Ask is: what is too much is 413, never "try again".
Response QueryProblem(const Error& error);

// A parameter that counts, within [1, max]. InvalidInput says what it must be.
Result<uint64_t> CountOf(const Request& request, const std::string& name, uint64_t otherwise, uint64_t max);

}  // namespace datahub::serve
