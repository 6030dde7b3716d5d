#include "datahub/serve/report.h"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "datahub/base/clock.h"
#include "datahub/base/json.h"

namespace datahub::serve {
namespace {

using pipeline::PipelineState;
using pipeline::RunTotals;

double Seconds(int64_t us) { return static_cast<double>(us) / 1e6; }

// Since the oldest record that was read and is not landed.
double UnlandedSeconds(const RunTotals& totals) {
  const int64_t since_us = totals.batch_since_us;
  return since_us == 0 ? 0 : Seconds(std::max<int64_t>(clock::NowUs() - since_us, 0));
}

uint64_t ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  in >> size >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

struct OfPipeline {
  MetricRow row;
  double (*value)(const PipelineState&);
};

const OfPipeline kOfPipeline[] = {
    {{"datahub_pipeline_up", "gauge", "1 while the pipeline reads and lands, 0 while it is stopped or waits to retry"},
     [](const PipelineState& s) { return s.state == "running" ? 1.0 : 0.0; }},
    {{"datahub_pipeline_failures_total", "counter", "times the pipeline failed and was begun again"},
     [](const PipelineState& s) { return static_cast<double>(s.failures); }},
    {{"datahub_records_read_total", "counter", "records read from the sources"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->records); }},
    {{"datahub_records_accepted_total", "counter", "records that passed the contract"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->accepted); }},
    {{"datahub_records_rejected_total", "counter", "records that did not"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->rejected); }},
    {{"datahub_bytes_read_total", "counter", "bytes of records read"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->bytes); }},
    {{"datahub_files_total", "counter", "data files landed"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->files); }},
    {{"datahub_commits_total", "counter", "commits"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->commits); }},
    {{"datahub_withheld_total", "counter", "files that are there and are not read until a person mends them"},
     [](const PipelineState& s) { return static_cast<double>(s.totals->withheld); }},
    {{"datahub_bytes_ahead", "gauge", "bytes that the sources hold and that are not read yet"},
     [](const PipelineState& s) { return static_cast<double>(s.bytes_ahead); }},
    {{"datahub_unlanded_seconds", "gauge", "age of the oldest record that was read and is not landed yet"},
     [](const PipelineState& s) { return UnlandedSeconds(*s.totals); }},
    {{"datahub_last_commit_timestamp_seconds", "gauge", "when the last commit was, since 1970; 0: none yet"},
     [](const PipelineState& s) { return Seconds(s.totals->landed_at_us); }},
    {{"datahub_stage_read_seconds_total", "counter", "thread time spent in reading sources"},
     [](const PipelineState& s) { return Seconds(s.totals->read_us); }},
    {{"datahub_stage_walk_seconds_total", "counter", "thread time spent in parsing and checking"},
     [](const PipelineState& s) { return Seconds(s.totals->walk_us); }},
    {{"datahub_stage_write_seconds_total", "counter", "thread time spent in partitioning and encoding"},
     [](const PipelineState& s) { return Seconds(s.totals->write_us); }},
    {{"datahub_stage_seal_seconds_total", "counter", "thread time spent in ending and syncing data files"},
     [](const PipelineState& s) { return Seconds(s.totals->seal_us); }},
    {{"datahub_stage_commit_seconds_total", "counter", "thread time spent in committing"},
     [](const PipelineState& s) { return Seconds(s.totals->commit_us); }},
};

struct OfProcess {
  MetricRow row;
  double (*value)(const Parts&);
};

const OfProcess kOfProcess[] = {
    {{"datahub_intake_posts_total", "counter", "posts that are durable in the intake log"},
     [](const Parts& p) { return static_cast<double>(p.log.totals().posts); }},
    {{"datahub_intake_bytes_total", "counter", "bytes that they took in it"},
     [](const Parts& p) { return static_cast<double>(p.log.totals().bytes); }},
    {{"datahub_intake_syncs_total", "counter", "frames written and synced: each makes all posts waiting durable"},
     [](const Parts& p) { return static_cast<double>(p.log.totals().frames); }},
    {{"datahub_intake_sync_seconds_total", "counter", "time spent in writing and syncing them"},
     [](const Parts& p) { return Seconds(static_cast<int64_t>(p.log.totals().syncs_us)); }},
    {{"datahub_intake_up", "gauge",
      "1 while the disk does all that the intake log asks of it, 0 while it is tried again"},
     [](const Parts& p) { return p.log.trouble() ? 0.0 : 1.0; }},
    {{"datahub_intake_waiting_bytes", "gauge", "bytes in the intake log that are not landed yet"},
     [](const Parts& p) { return static_cast<double>(p.log.waiting_bytes()); }},
    {{"datahub_http_connections", "gauge", "connections open"},
     [](const Parts& p) { return static_cast<double>(p.server.totals().connections); }},
    {{"datahub_http_requests_total", "counter", "requests begun"},
     [](const Parts& p) { return static_cast<double>(p.server.totals().requests); }},
    {{"datahub_http_refused_total", "counter", "requests answered with a problem"},
     [](const Parts& p) { return static_cast<double>(p.server.totals().refused); }},
    {{"datahub_resident_bytes", "gauge", "memory the process holds"},
     [](const Parts&) { return static_cast<double>(ResidentBytes()); }},
};

void AppendHead(std::string& out, const MetricRow& row) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", row.name, row.help, row.name, row.type);
}

}  // namespace

std::span<const MetricRow> MetricRows() {
  static const std::vector<MetricRow> rows = [] {
    std::vector<MetricRow> all;
    for (const OfPipeline& one : kOfPipeline) all.push_back(one.row);
    for (const OfProcess& one : kOfProcess) all.push_back(one.row);
    return all;
  }();
  return rows;
}

std::string MetricsText(const Parts& parts) {
  const std::vector<PipelineState> states = parts.service.States();
  std::string out;
  for (const OfPipeline& metric : kOfPipeline) {
    AppendHead(out, metric.row);
    for (const PipelineState& state : states) {
      out += fmt::format("{}{{pipeline=\"{}\"}} {}\n", metric.row.name, state.name, metric.value(state));
    }
  }
  for (const OfProcess& metric : kOfProcess) {
    AppendHead(out, metric.row);
    out += fmt::format("{} {}\n", metric.row.name, metric.value(parts));
  }
  return out;
}

std::string StatusJson(const Parts& parts) {
  json::Writer out;
  out.BeginObject().Key("pipelines").BeginArray();
  for (const PipelineState& state : parts.service.States()) {
    const RunTotals& totals = *state.totals;
    out.BeginObject().Key("pipeline").String(state.name).Key("state").String(state.state);
    out.Key("records").Number(totals.records.load()).Key("accepted").Number(totals.accepted.load());
    out.Key("rejected").Number(totals.rejected.load()).Key("bytes").Number(totals.bytes.load());
    out.Key("files").Number(totals.files.load()).Key("commits").Number(totals.commits.load());
    out.Key("bytes_ahead").Number(state.bytes_ahead).Key("unlanded_seconds").Number(UnlandedSeconds(totals));
    out.Key("last_commit");
    const int64_t landed_us = totals.landed_at_us;
    if (landed_us != 0) out.String(clock::ToIso(landed_us));
    if (landed_us == 0) out.Null();
    out.Key("failures").Number(state.failures).Key("failure");
    if (!state.failure.empty()) out.String(state.failure);
    if (state.failure.empty()) out.Null();
    out.EndObject();
  }
  out.EndArray().Key("intake").BeginObject();
  out.Key("posts").Number(parts.log.totals().posts.load()).Key("bytes").Number(parts.log.totals().bytes.load());
  out.Key("waiting_bytes").Number(parts.log.waiting_bytes()).Key("failure");
  const std::optional<Error> trouble = parts.log.trouble();
  if (trouble) out.String(trouble->message);
  if (!trouble) out.Null();
  out.EndObject();
  out.Key("server").BeginObject().Key("started_at").String(clock::ToIso(parts.server.totals().started_at_us));
  out.Key("connections").Number(parts.server.totals().connections.load());
  out.Key("requests").Number(parts.server.totals().requests.load()).EndObject().EndObject();
  return std::move(out).Take();
}

std::string NotReady(const Parts& parts) {
  std::string reasons;
  for (const PipelineState& state : parts.service.States()) {
    if (state.state == "running") continue;
    reasons += fmt::format("{}pipeline {} is {}", reasons.empty() ? "" : "\n", state.name, state.state);
  }
  if (parts.log.trouble()) reasons += fmt::format("{}the intake log cannot be written", reasons.empty() ? "" : "\n");
  return reasons.empty() ? reasons : reasons + "; GET /v1/status says why";  // nobody needs a token to ask this
}

}  // namespace datahub::serve
