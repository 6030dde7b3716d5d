#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "datahub/serve/event_body.h"
#include "datahub/serve/listen.h"
#include "datahub/serve/server.h"
#include "datahub/serve/sleeper.h"

// Of server.cc (sockets, threads, beginning and end) and connection.cc (requests and their answers).
namespace datahub::serve {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Parser = http::request_parser<http::string_body>;

struct Appending : intake::Ticket {
  explicit Appending(const asio::any_io_executor& executor) : sleeper(executor) {}
  Sleeper sleeper;
};

struct CommitWaiting {
  CommitWaiting(const asio::any_io_executor& executor, std::string source_in, uint64_t end)
      : source(std::move(source_in)), end_offset(end), sleeper(executor) {}
  std::string source;
  uint64_t end_offset;
  Sleeper sleeper;
};

struct Server::Impl {
  explicit Impl(const ServerOptions& options_in) : options(options_in), access(options_in.tokens) {}

  // Bytes that are held for requests of one kind.
  struct Budget {
    size_t bytes = 0;
    const size_t bytes_max;
  };

  // One that waits for its turn.
  struct Turn : Sleeper {
    using Sleeper::Sleeper;
    bool is_given = false;
  };
  // Routes that may take long: as many at a time as it has threads, and so many more wait.
  struct Lane {
    explicit Lane(size_t threads) : running_max(threads), pool(threads) {}
    // Of one that ended, to the next.
    void PassTurn() {
      if (waiting.empty()) {
        --running;
        return;
      }
      Turn* const next = waiting.front();
      waiting.pop_front();
      next->is_given = true;
      next->Wake();
    }
    const size_t running_max;
    asio::thread_pool pool;
    size_t running = 0;
    std::list<Turn*> waiting;
  };

  struct Connection {
    explicit Connection(Socket socket_in, bool trusted_in) : socket(std::move(socket_in)), trusted(trusted_in) {}
    Socket socket;
    const bool trusted;     // came by the control socket
    bool idle = true;       // between requests
    bool with_body = true;  // of the answer: not for HEAD
    int64_t deadline_us = 0;
    Budget* budget = nullptr;           // that its request and answer are counted in
    size_t body_bytes = 0;              // counted there
    std::stop_source* asked = nullptr;  // of a query under way or waiting: ends it
    Turn* turn = nullptr;               // while it waits
  };
  using Connections = std::list<Connection>;

  Result<void> Listen();
  // While it is open nobody else's file can have its inode.
  void CloseControl() {
    ErrorCode ignored;
    if (control.is_open()) RemoveControl(options.control_socket, control_inode);
    control.close(ignored);
  }
  void Start();
  void Sweep();
  void WatchAsking();

  template <class Acceptor>
  asio::awaitable<void> Accept(Acceptor& acceptor, bool trusted);
  asio::awaitable<void> Serve(Connections::iterator connection);
  asio::awaitable<bool> ServeOne(Connection& connection, boost::beast::flat_buffer& buffer);
  struct BodyRead {
    bool whole = false;  // false without a refusal: the client is gone
    std::optional<Response> refusal;
  };
  asio::awaitable<void> ReadBody(Connection& connection, size_t length, std::string& body, BodyRead& read);
  asio::awaitable<void> ReadChunks(Connection& connection, boost::beast::flat_buffer& buffer, Parser& parser,
                                   BodyRead& read);
  asio::awaitable<Response> Answer(Connection& connection, const Route& route, const PathArguments& arguments,
                                   Request& request, const std::string& encoding);
  asio::awaitable<Response> PostEvents(Connection& connection, const std::string& source, const Request& request);
  asio::awaitable<bool> WaitForCommit(const std::string& source, uint64_t end_offset);
  asio::awaitable<void> OnPool(asio::thread_pool& threads, std::function<void()> task);
  asio::awaitable<Response> Handle(Connection& connection, const Route& route, const PathArguments& arguments,
                                   Request& request);
  asio::awaitable<bool> WaitForTurn(Connection& connection, Lane& lane);
  asio::awaitable<Response> HandleLong(Connection& connection, Lane& lane, const Route& route,
                                       const PathArguments& arguments, Request& request);
  asio::awaitable<bool> Write(Connection& connection, const Response& response, bool keep_alive);
  asio::awaitable<bool> Refuse(Connection& connection, const Response& response);

  bool CountBody(Connection& connection, size_t bytes);
  const Route* FindRoute(std::string_view method, std::string_view path, PathArguments* arguments,
                         std::string* methods) const;
  Response Unauthorized(Access::Verdict verdict) const;

  const ServerOptions options;
  const Access access;
  ServerTotals totals;
  std::unique_ptr<Events> events;
  std::vector<Route> routes;

  asio::io_context io{1};
  asio::thread_pool pool{2};
  Lane sql_lane{2};
  Lane long_lane{1};
  std::stop_source stopping;
  asio::ip::tcp::acceptor acceptor{io};
  asio::local::stream_protocol::acceptor control{io};
  ino_t control_inode = 0;
  asio::steady_timer sweeper{io};
  asio::steady_timer asking_watch{io};
  size_t asking = 0;  // connections whose queries are under way or wait
  Connections connections;
  std::list<CommitWaiting*> commit_waiting;
  std::atomic<size_t> commits_waited_for = 0;
  EventBody reader;                              // of bodies that are read at once
  Budget posts{0, options.bodies_bytes_max};     // bodies of events
  Budget answers{0, options.answers_bytes_max};  // everything else: what is asked, and what is answered
  bool draining = false;

  std::mutex mutex;
  std::condition_variable empty;
  bool no_connection = true;  // of mutex: what Drain waits for
  std::jthread thread;
};

}  // namespace datahub::serve
