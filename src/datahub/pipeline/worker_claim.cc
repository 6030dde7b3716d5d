#include "datahub/pipeline/worker_claim.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "datahub/base/clock.h"

namespace datahub::pipeline {
namespace {

std::string LockPath(const std::string& state_folder, const ledger::Incarnation& incarnation) {
  return state_folder + "/worker-" + incarnation.ToString();
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// True when a living process holds the lock of this incarnation.
Result<bool> IsAlive(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return false;
    return ErrnoError(errno, "cannot look at the worker lock " + path);
  }
  if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return ErrnoError(errno, "cannot test the worker lock " + path);
}

}  // namespace

Result<std::unique_ptr<WorkerClaim>> WorkerClaim::Take(ledger::Ledger& ledger, const std::string& state_folder,
                                                       bool take_over) {
  const std::string start_path = state_folder + "/start.lock";
  Descriptor start(::open(start_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (start.get() < 0) return ErrnoError(errno, "cannot open " + start_path);
  // A take-over does not wait for a starter, which may be stopped itself: the ledger's incarnation fences it.
  if (::flock(start.get(), LOCK_EX | LOCK_NB) != 0 && !take_over) {
    return Error{Code::kConflict, "another worker of this project is starting right now; try again"};
  }

  const auto before = DH_TRY(ledger.CurrentWorker());
  if (before) {
    const bool alive = DH_TRY(IsAlive(LockPath(state_folder, before->incarnation)));
    if (alive && !take_over) {
      return Error{Code::kConflict,
                   fmt::format("process {} on {} writes this project since {}; stop it, or use --take-over to fence it",
                               before->process, before->host, clock::ToIso(before->since_us))};
    }
  }
  ledger::Worker worker = DH_TRY(ledger.TakeIncarnation(HostName(), ::getpid()));

  const std::string path = LockPath(state_folder, worker.incarnation);
  Descriptor mine(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (mine.get() < 0) return ErrnoError(errno, "cannot create the worker lock " + path);
  // Waits for nobody but somebody who looks whether it is held, for a moment.
  if (::flock(mine.get(), LOCK_EX) != 0) return ErrnoError(errno, "cannot hold the worker lock " + path);
  if (before) ::unlink(LockPath(state_folder, before->incarnation).c_str());
  return std::unique_ptr<WorkerClaim>(new WorkerClaim(std::move(worker), mine.release(), path));
}

WorkerClaim::WorkerClaim(ledger::Worker worker, int descriptor, std::string path)
    : worker_(std::move(worker)), descriptor_(descriptor), path_(std::move(path)) {}

WorkerClaim::~WorkerClaim() {
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

Result<std::optional<ledger::Worker>> LivingWorker(ledger::Ledger& ledger, const std::string& state_folder) {
  auto worker = DH_TRY(ledger.CurrentWorker());
  if (!worker) return worker;
  const bool alive = DH_TRY(IsAlive(LockPath(state_folder, worker->incarnation)));
  if (!alive) worker.reset();
  return worker;
}

}  // namespace datahub::pipeline
