// `run`: reads the sources until they are drained.

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/progress.h"
#include "datahub/app/workspace.h"
#include "datahub/base/clock.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/base/units.h"
#include "datahub/pipeline/pipeline.h"

namespace datahub::app {
namespace {

std::atomic<bool> g_stop{false};

// The first signal ends the batch and commits it; the second ends the process, which recovery is for.
void OnSignal(int number) {
  if (g_stop.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

uint64_t PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

std::string SummaryJson(const pipeline::RunTotals& totals, double seconds) {
  const auto stage = [](const std::atomic<int64_t>& us) { return static_cast<double>(us.load()) / 1e6; };
  json::Writer out;
  out.BeginObject().Key("records").Number(totals.records.load()).Key("accepted").Number(totals.accepted.load());
  out.Key("rejected").Number(totals.rejected.load()).Key("bytes").Number(totals.bytes.load());
  out.Key("files").Number(totals.files.load()).Key("commits").Number(totals.commits.load());
  out.Key("withheld").Number(totals.withheld.load());
  out.Key("seconds").Number(seconds).Key("peak_memory_bytes").Number(PeakBytes());
  out.Key("stages").BeginObject();
  out.Key("read").Number(stage(totals.read_us)).Key("walk").Number(stage(totals.walk_us));
  out.Key("write").Number(stage(totals.write_us)).Key("seal").Number(stage(totals.seal_us));
  out.Key("commit").Number(stage(totals.commit_us)).EndObject().EndObject();
  return std::move(out).Take();
}

std::string SummaryLine(const pipeline::RunTotals& totals, double seconds) {
  return fmt::format(
      "{} records read, {} accepted, {} rejected, {} in {:.2f} s ({}/s), {} file{} in {} commit{}, peak {}",
      HumanCount(totals.records), HumanCount(totals.accepted), HumanCount(totals.rejected), HumanBytes(totals.bytes),
      seconds, HumanBytes(static_cast<uint64_t>(static_cast<double>(totals.bytes) / std::max(seconds, 1e-6))),
      HumanCount(totals.files), totals.files == 1 ? "" : "s", HumanCount(totals.commits),
      totals.commits == 1 ? "" : "s", HumanBytes(PeakBytes()));
}

Result<void> DrainOne(WritingWorkspace& workspace, const PipelineConfig& config, const pipeline::RunOptions& options,
                      pipeline::RunTotals& totals, Progress& progress) {
  pipeline::PipelineSpec spec = MakePipelineSpec(workspace.project, config);
  std::erase_if(spec.sources, [](const source::SourceSpec& source) {
    const bool pushed = source::FindKind(source.kind)->delivery == source::Delivery::kPush;
    if (pushed) log::Info("source {} takes what is posted to it: `datahub serve` reads it, this does not", source.name);
    return pushed;
  });
  if (spec.sources.empty()) return {};
  pipeline::Pipeline pipeline(std::move(spec), *workspace.store, *workspace.ledger, *workspace.committer, options);
  DH_TRY(pipeline.Open());
  progress.Begin(pipeline);
  auto drained = pipeline.Drain(g_stop, totals);
  progress.End();
  return drained;
}

// Errors that concern more than the pipeline they were met in.
bool StopsAll(const Error& error) {
  return error.code != Code::kInvalidInput && error.code != Code::kNotFound && error.code != Code::kUnavailable &&
         error.code != Code::kLimit;
}

}  // namespace

int RunCommand(const Globals& globals, const RunArguments& arguments) {
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  const int64_t start_us = clock::MonotonicUs();
  int exit_code = kOk;
  ClaimOptions claim{.take_over = arguments.take_over};
  if (const Result<void> good = claim.ReadGrace(arguments.reader_grace); !good) {
    Fail(good.error());
    return kUsage;
  }
  auto workspace = OpenForWriting(globals.folder, claim, &exit_code);
  if (!workspace) return exit_code;
  const Result<std::vector<const PipelineConfig*>> chosen = ChoosePipelines(workspace->project, arguments.pipelines);
  if (!chosen) {
    Fail(chosen.error());
    return kUsage;
  }

  const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const pipeline::RunOptions options{.threads = arguments.threads > 0 ? arguments.threads : processors,
                                     .accept_loss = arguments.accept_loss};
  pipeline::RunTotals totals;
  Progress progress(totals, globals.quiet);
  for (const PipelineConfig* config : *chosen) {
    totals.stopped_by_reject = false;
    auto drained = DrainOne(*workspace, *config, options, totals, progress);
    if (!drained) {
      Fail(drained.error());
      if (exit_code == kOk) exit_code = totals.stopped_by_reject ? kDataQuality : kFailure;
      if (StopsAll(drained.error())) return exit_code;
    }
    if (g_stop) break;
  }
  (void)workspace->committer->DiscardUnseen();

  if (exit_code != kOk && totals.commits == 0 && totals.records == 0) return exit_code;
  const double seconds = static_cast<double>(clock::MonotonicUs() - start_us) / 1e6;
  if (globals.json) {
    fmt::print("{}\n", SummaryJson(totals, seconds));
  } else if (!globals.quiet) {
    fmt::print("{}\n", SummaryLine(totals, seconds));
    if (totals.rejected > 0) log::Info("see `datahub quarantine ls` for what was rejected and why");
    if (totals.withheld > 0) log::Warn("{} file(s) were not read, see above", totals.withheld.load());
  }
  if (g_stop) return kInterrupted;
  if (exit_code != kOk) return exit_code;
  return arguments.fail_on_reject && totals.rejected > 0 ? kDataQuality : kOk;
}

}  // namespace datahub::app
