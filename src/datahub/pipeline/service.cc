#include "datahub/pipeline/service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "datahub/base/clock.h"
#include "datahub/base/log.h"

namespace datahub::pipeline {
namespace {

constexpr int64_t kFirstPauseUs = 500'000;
constexpr int64_t kLongestPauseUs = 60'000'000;
// Without a failure for so long, the next one is the first again.
constexpr int64_t kWellUs = 60'000'000;

bool EndsAll(const Error& error) { return error.code == Code::kFenced || error.code == Code::kCorruption; }

}  // namespace

struct Service::One {
  One(PipelineSpec spec, storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& incarnation,
      int part, const RunOptions& options)
      : committer(store, ledger, incarnation, part), pipeline(std::move(spec), store, ledger, committer, options) {}

  RunTotals totals;
  Committer committer;
  Pipeline pipeline;
  // Of Service::mutex_.
  std::string state = "starting";
  std::string failure;
  int64_t failed_at_us = 0;
  uint64_t failures = 0;
  const Task* task = nullptr;  // to be done
  std::optional<Result<void>> task_done;
  std::atomic<bool> pause = false;  // for it

  std::jthread thread;  // last: ends before what it uses
};

Service::Service(std::vector<PipelineSpec> specs, storage::Store& store, ledger::Ledger& ledger,
                 const ledger::Incarnation& incarnation, const RunOptions& options, Landed landed, Ended ended)
    : ledger_(ledger), landed_(std::move(landed)), ended_(std::move(ended)) {
  RunOptions shared = options;
  shared.pipelines = std::max<size_t>(specs.size(), 1);
  int part = 0;
  for (PipelineSpec& spec : specs) {
    pipelines_.push_back(std::make_unique<One>(std::move(spec), store, ledger, incarnation, ++part, shared));
  }
}

Service::~Service() { Drain(0); }

void Service::Start() {
  running_ = pipelines_.size();
  for (const std::unique_ptr<One>& one : pipelines_) one->thread = std::jthread([this, &one] { Run(*one); });
}

void Service::Run(One& one) {
  int64_t pause_us = kFirstPauseUs;
  bool first = true;
  bool open = false;
  for (;;) {
    const auto serve = [&]() -> Result<void> {
      if (!open) {
        if (!first) DH_TRY(one.committer.Settle(one.pipeline.spec().name));
        DH_TRY(one.pipeline.Open());
        open = true;
        landed_();  // perhaps more than anybody heard of: a commit whose answer was lost
      }
      {
        std::lock_guard lock(mutex_);
        one.state = "running";
      }
      return one.pipeline.Serve({drain_, stop_, one.pause}, one.totals, landed_);
    };
    const int64_t began_us = clock::MonotonicUs();
    const Result<void> served = serve();
    first = false;
    if (served && RunTask(one)) {
      open = false;  // it may have moved positions
      continue;
    }
    if (served) break;
    open = false;
    log::Error("pipeline {}: {}", one.pipeline.spec().name, served.error().message);
    if (clock::MonotonicUs() - began_us > kWellUs) pause_us = kFirstPauseUs;
    {
      std::lock_guard lock(mutex_);
      one.state = "retrying";
      one.failure = served.error().message;
      one.failed_at_us = clock::NowUs();
      ++one.failures;
      if (EndsAll(served.error()) && !failure_) failure_ = served.error();
      if (failure_) stop_ = true;
    }
    one_ended_.notify_all();
    if (!Pause(pause_us)) break;
    pause_us = std::min(pause_us * 2, kLongestPauseUs);
  }
  bool ended = false;
  {
    std::lock_guard lock(mutex_);
    one.state = "stopped";
    --running_;
    ended = failure_.has_value();
  }
  one_ended_.notify_all();
  if (!ended) return;
  ending_.notify_all();
  Wake();
  ended_();
}

// False: there is none.
bool Service::RunTask(One& one) {
  const Task* task = nullptr;
  {
    std::lock_guard lock(mutex_);
    task = one.task;
  }
  if (task == nullptr) return false;
  Result<void> done = (*task)(one.pipeline);
  {
    std::lock_guard lock(mutex_);
    one.task = nullptr;
    one.pause = false;
    one.task_done = std::move(done);
  }
  one_ended_.notify_all();
  return true;
}

Result<void> Service::Do(const std::string& pipeline, const Task& task) {
  const auto at = std::ranges::find(pipelines_, pipeline, [](const auto& one) { return one->pipeline.spec().name; });
  if (at == pipelines_.end()) return Error{Code::kNotFound, "there is no pipeline '" + pipeline + "'"};
  One& one = **at;
  std::unique_lock lock(mutex_);
  one_ended_.wait(lock, [&] { return one.task == nullptr && !one.task_done; });  // one after the other
  if (one.state != "running" || drain_) {
    return Error{Code::kUnavailable, "pipeline " + pipeline + " is " + (drain_ ? "ending" : one.state) +
                                         (one.failure.empty() ? "" : ": " + one.failure)};
  }
  one.task = &task;
  one.pause = true;
  lock.unlock();
  one.pipeline.Wake();
  lock.lock();
  one_ended_.wait(lock, [&] { return one.task_done || one.state == "stopped" || one.state == "retrying"; });
  Result<void> done;
  if (one.task_done) {
    done = *std::move(one.task_done);
  } else {
    done = Error{Code::kUnavailable, "pipeline " + pipeline + " ended before that could be done: " + one.failure};
  }
  one.task = nullptr;
  one.pause = false;
  one.task_done.reset();
  lock.unlock();
  one_ended_.notify_all();
  return done;
}

// False: the service ends, and what failed is left for the next start.
bool Service::Pause(int64_t us) {
  std::unique_lock lock(mutex_);
  ending_.wait_for(lock, std::chrono::microseconds(us), [&] { return drain_ || stop_; });
  return !drain_ && !stop_;
}

void Service::Wake() {
  for (const std::unique_ptr<One>& one : pipelines_) one->pipeline.Wake();
}

bool Service::Flush(const std::string& source) {
  for (const std::unique_ptr<One>& one : pipelines_) {
    const std::vector<source::SourceSpec>& sources = one->pipeline.spec().sources;
    if (std::ranges::find(sources, source, &source::SourceSpec::name) == sources.end()) continue;
    one->pipeline.RequestFlush();
    return true;
  }
  return false;
}

void Service::Drain(int64_t grace_us) {
  {
    std::lock_guard lock(mutex_);
    drain_ = true;
  }
  ending_.notify_all();
  Wake();
  {
    std::unique_lock lock(mutex_);
    one_ended_.wait_for(lock, std::chrono::microseconds(grace_us), [&] { return running_ == 0; });
    stop_ = true;
  }
  ending_.notify_all();
  Wake();
  for (const std::unique_ptr<One>& one : pipelines_) {
    if (one->thread.joinable()) one->thread.join();
  }
}

std::vector<PipelineState> Service::States() const {
  std::lock_guard lock(mutex_);
  std::vector<PipelineState> states;
  for (const std::unique_ptr<One>& one : pipelines_) {
    states.push_back({one->pipeline.spec().name, one->state, one->failure, one->failed_at_us, one->failures,
                      one->totals.bytes_ahead, &one->totals});
  }
  return states;
}

std::optional<Error> Service::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace datahub::pipeline
