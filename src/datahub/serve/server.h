#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/intake/log.h"
#include "datahub/serve/access.h"
#include "datahub/serve/route.h"

namespace datahub::serve {

struct ServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;  // 0: the system chooses
  std::vector<Token> tokens;
  std::string control_socket;  // a path; who may open it may all
  size_t header_bytes_max = 16u << 10;
  size_t body_bytes_max = 16u << 20;      // also when it is decompressed
  size_t bodies_bytes_max = 256u << 20;   // of all posts of events under way
  size_t answers_bytes_max = 256u << 20;  // of all else: what is asked and what is answered, until it is taken
  size_t connections_max = 10'000;
  int64_t request_us_max = 30'000'000;  // from a request's first byte to its last
  int64_t idle_us_max = 75'000'000;     // between requests
  int64_t commit_us_max = 60'000'000;   // that ?wait=commit waits
};

struct ServerTotals {
  int64_t started_at_us = 0;
  std::atomic<uint64_t> connections{0};  // open now
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> refused{0};  // answered with 4xx or 5xx
};

// HTTP/1.1 over TCP and a Unix socket, one thread for all connections. Posts of events wait for the intake log; every other
// route is a row given by the caller.
//
//   connection -> { header -> who may? -> body -> route -> answer }*
//
// Limits   see ServerOptions; a connection that breaks one is told and closed
// Threads  any; `routes` are called by the server's thread, slow ones by others
class Server {
 public:
  struct Events {
    intake::Log& log;
    std::function<bool(std::string_view source)> takes;    // whether events may be posted to it
    std::function<void(const std::string& source)> flush;  // what was posted to it is to be landed soon
    std::function<void()> appended;                        // called by the log's thread: there is more to read
  };

  // The log must be opened with Completed() of this server as its `completed`.
  static Result<std::unique_ptr<Server>> Listen(const ServerOptions& options);
  ~Server();

  intake::Log::Completed Completed();
  uint16_t port() const;
  // Answers from now on.
  void Start(const Events& events, std::vector<Route> routes);
  // Something that was posted to these sources has landed.
  void Landed();

  // Takes no new connection, lets requests under way end, for so long; whether all did.
  bool Drain(int64_t grace_us);
  void Stop();

  const ServerTotals& totals() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace datahub::serve
