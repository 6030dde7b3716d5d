// `serve`: HTTP, and pipelines that go on until it is stopped.

#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <poll.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <map>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/control_routes.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/pipeline_specs.h"
#include "datahub/app/project_reset.h"
#include "datahub/app/serve_config.h"
#include "datahub/app/workspace.h"
#include "datahub/base/clock.h"
#include "datahub/base/log.h"
#include "datahub/pipeline/removed_files_sweeper.h"
#include "datahub/pipeline/scrubber.h"
#include "datahub/pipeline/service.h"
#include "datahub/serve/routes.h"
#include "datahub/serve/server.h"
#include "datahub/source/http/http_source.h"

namespace datahub::app {
namespace {

constexpr int64_t kRequestsGraceUs = 5'000'000;

// Signals as something to wait for, together with an end that comes from inside.
class Endings {
 public:
  // Before any thread is started: they inherit what is blocked.
  Endings() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
    inside_ = ::eventfd(0, EFD_CLOEXEC);
  }
  ~Endings() {
    ::close(signals_);
    ::close(inside_);
  }
  Endings(const Endings&) = delete;
  Endings& operator=(const Endings&) = delete;

  void EndFromInside() {
    const uint64_t one = 1;
    (void)!::write(inside_, &one, sizeof(one));
  }
  // The signal's number; 0: from inside.
  int Wait() {
    pollfd both[] = {{signals_, POLLIN, 0}, {inside_, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0 && errno == EINTR) {
    }
    uint64_t ends = 0;
    if ((both[1].revents & POLLIN) != 0) (void)!::read(inside_, &ends, sizeof(ends));
    if ((both[0].revents & POLLIN) == 0) return 0;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof(info)) != sizeof(info)) return SIGTERM;
    return static_cast<int>(info.ssi_signo);
  }

 private:
  int signals_;
  int inside_;
};

std::vector<pipeline::PipelineSpec> SpecsOf(const Project& project) {
  std::vector<pipeline::PipelineSpec> specs;
  for (const PipelineConfig& config : project.pipelines) specs.push_back(MakePipelineSpec(project, config));
  return specs;
}

bool TakesPosts(const Project& project, std::string_view source) {
  const SourceConfig* const config = project.FindSource(source);
  return config != nullptr && source::FindKind(config->spec.kind)->delivery == source::Delivery::kPush;
}

// Posts in the log whose source the project does not have any more: nobody reads them, so the log would forget them.
class Orphans {
 public:
  void Add(const intake::Entry& entry) {
    Of& of = sources_.try_emplace(std::string(entry.source), Of{0, entry.body_offset}).first->second;
    ++of.posts;
  }
  void Keep(intake::Log& log, bool accept_loss) const {
    for (const auto& [source, of] : sources_) {
      if (!accept_loss) log.Register(source, of.first_offset);
      log::Warn("the intake log holds {} posts to source '{}', which the project does not have: {}", of.posts, source,
                accept_loss ? "they are given up"
                            : "they stay, and take room, until it is put back, or `datahub serve --accept-loss` gives "
                              "them up");
    }
  }

 private:
  struct Of {
    uint64_t posts;
    uint64_t first_offset;
  };
  std::map<std::string, Of> sources_;
};

// One life of the server.
class Serving {
 public:
  // `port`: of the life before; 0: as the project says.
  Serving(WritingWorkspace& workspace, const ServeArguments& arguments, int64_t reader_grace_us, Endings& endings,
          uint16_t port)
      : workspace_(workspace),
        arguments_(arguments),
        reader_grace_us_(reader_grace_us),
        endings_(endings),
        port_(port) {}

  uint16_t port() const { return port_; }
  bool is_to_reset() const { return is_to_reset_; }

  // Until a signal, a reset, or an error that ends all. Returns the signal.
  Result<int> Run() {
    const Project& project = workspace_.project;
    serve::ServerOptions options = project.serve.server;
    if (!arguments_.listen.empty()) DH_TRY(ParseListen(arguments_.listen, options));
    if (port_ != 0) options.port = port_;
    options.control_socket = ControlPath(project);
    server_ = DH_TRY(serve::Server::Listen(options));
    port_ = server_->port();
    Orphans orphans;
    intake::LogOptions intake = project.intake;
    intake.ended = [this] { endings_.EndFromInside(); };
    log_ = DH_TRY(intake::Log::Open(StateFolder(project) + "/intake", intake, server_->Completed(),
                                    [&](const intake::Entry& entry) {
                                      if (!TakesPosts(project, entry.source)) orphans.Add(entry);
                                    }));
    orphans.Keep(*log_, arguments_.accept_loss);
    DH_TRY(RegisterReaders());
    pipeline::RunOptions run;
    run.threads = arguments_.threads;
    run.log = log_.get();
    service_ = std::make_unique<pipeline::Service>(
        arguments_.intake_only ? std::vector<pipeline::PipelineSpec>() : SpecsOf(project), *workspace_.store,
        *workspace_.ledger, workspace_.claim->worker().incarnation, run, [this] { server_->Landed(); },
        [this] { endings_.EndFromInside(); });
    const auto takes = [&project](std::string_view source) { return TakesPosts(project, source); };
    const auto flush = [this](const std::string& source) { service_->Flush(source); };
    service_->Start();
    server_->Start(
        {*log_, takes, flush, [this] { service_->Wake(); }},
        serve::MakeRoutes(MakeSite(), ControlRoutes(workspace_, *service_, *server_, [this] { WantReset(); })));
    log::Info("datahub serves {} on http://{}:{}", project.name,
              options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]", port_);

    const pipeline::RemovedFilesSweeper sweeper(*workspace_.store, *workspace_.ledger,
                                                workspace_.claim->worker().incarnation, reader_grace_us_);
    const pipeline::Scrubber scrubber(*workspace_.store, *workspace_.ledger, workspace_.claim->worker().incarnation);

    const int signal = endings_.Wait();
    log::Info("stopping: what is under way is landed, within {} s", project.serve.grace_us / 1'000'000);
    Stop(project.serve.grace_us);
    if (const std::optional<Error> failure = log_->failure()) return *failure;
    if (const std::optional<Error> failure = service_->failure()) return *failure;
    return signal;
  }

 private:
  void WantReset() {
    is_to_reset_ = true;
    endings_.EndFromInside();
  }

  // Before anything is read: a pipeline that does not come up must not have its posts forgotten behind it.
  Result<void> RegisterReaders() {
    for (const SourceConfig& source : workspace_.project.sources) {
      if (!TakesPosts(workspace_.project, source.name)) continue;
      const source::Positions committed = DH_TRY(workspace_.ledger->Positions(source.name, source.pipeline));
      log_->Register(source.name, DH_TRY(source::http::PositionIn(*log_, source.name, committed)));
    }
    return {};
  }

  static query::QueryProcessOptions ProcessOptionsOf(const Project& project) {
    query::QueryProcessOptions options;
    options.limits = serve::EngineOptionsOf(project.serve.query);
    options.lake = project.lake.location;
    options.spill_prefix = QuerySpillPrefix(project);
    return options;
  }

  Result<query::Snapshot> TakeSnapshot(std::string_view sql) const {
    const LakeConfig& lake = workspace_.project.lake;
    Result<query::Snapshot> taken = query::TakeSnapshot(workspace_.ledger.get(), *workspace_.store, sql,
                                                        {.database = lake.database, .lake = lake.location});
    if (taken) return taken;
    // The folders that files are in are nobody's business who may only ask.
    std::string text = taken.error().message;
    for (const std::string& folder : {lake.location + "/", StateFolder(workspace_.project) + "/"}) {
      for (size_t at = 0; (at = text.find(folder, at)) != text.npos;) text.erase(at, folder.size());
    }
    return Error{taken.error().code, std::move(text)};
  }

  serve::Site MakeSite() const {
    const Project& project = workspace_.project;
    serve::Site site{.parts = {*service_, *log_, *server_},
                     .ledger = *workspace_.ledger,
                     .project = project.name,
                     .snapshot = [this](std::string_view sql) { return TakeSnapshot(sql); },
                     .queries = std::make_shared<query::QueryProcesses>(ProcessOptionsOf(project)),
                     .pipelines = {},
                     .limits = project.serve.query};
    for (const PipelineConfig& config : project.pipelines) {
      site.pipelines.push_back({config.name, QuarantineOf(config.name)});
    }
    return site;
  }

  // Requests first, so that what they brought is in the log; then what is in the log.
  void Stop(int64_t grace_us) {
    const int64_t until_us = clock::MonotonicUs() + grace_us;
    if (!server_->Drain(std::min(kRequestsGraceUs, grace_us))) log::Warn("requests that did not end are cut off");
    log_->Stop();
    service_->Drain(std::max<int64_t>(until_us - clock::MonotonicUs(), 0));
    server_->Stop();
  }

  WritingWorkspace& workspace_;
  const ServeArguments& arguments_;
  const int64_t reader_grace_us_;
  Endings& endings_;
  uint16_t port_;
  std::atomic<bool> is_to_reset_ = false;
  // Ended in the other order: the server's thread looks at all.
  std::unique_ptr<serve::Server> server_;
  std::unique_ptr<intake::Log> log_;
  std::unique_ptr<pipeline::Service> service_;
};

}  // namespace

int ServeCommand(const Globals& globals, const ServeArguments& arguments) {
  Endings endings;
  uint16_t port = 0;
  for (bool take_over = arguments.take_over;; take_over = false) {
    int exit_code = kOk;
    ClaimOptions claim{.take_over = take_over};
    if (const Result<void> good = claim.ReadGrace(arguments.reader_grace); !good) {
      Fail(good.error());
      return kUsage;
    }
    auto workspace = OpenForWriting(globals.folder, claim, &exit_code);
    if (!workspace) return exit_code;
    {
      Serving serving(*workspace, arguments, claim.reader_grace_us, endings, port);
      const Result<int> ended = serving.Run();
      if (!ended) return Fail(ended.error());
      if (*ended != 0 || !serving.is_to_reset()) return *ended == SIGINT ? kInterrupted : kOk;
      port = serving.port();
    }
    log::Info("reset: everything is forgotten, and read anew");
    if (const Result<void> reset = ResetAll(*workspace, false); !reset) return Fail(reset.error());
  }
}

}  // namespace datahub::app
