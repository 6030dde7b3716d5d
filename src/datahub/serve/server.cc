#include "datahub/serve/server.h"

#include <algorithm>

#include <poll.h>
#include <unistd.h>

#include "datahub/base/clock.h"
#include "datahub/base/log.h"
#include "datahub/serve/listen.h"
#include "datahub/serve/server_impl.h"

namespace datahub::serve {
namespace {

constexpr auto kSweepEvery = std::chrono::milliseconds(500);
constexpr auto kWatchEvery = std::chrono::milliseconds(100);

}  // namespace

Result<void> Server::Impl::Listen() {
  DH_TRY(ListenOnTcp(options, acceptor));
  if (options.control_socket.empty()) return {};
  control_inode = DH_TRY(ListenOnControl(options, control));
  return {};
}

void Server::Impl::Start() {
  asio::co_spawn(io, Accept(acceptor, false), asio::detached);
  if (control.is_open()) asio::co_spawn(io, Accept(control, true), asio::detached);
  Sweep();
  thread = std::jthread([this] { io.run(); });
}

template <class Acceptor>
asio::awaitable<void> Server::Impl::Accept(Acceptor& from, bool trusted) {
  for (;;) {
    ErrorCode failure;
    auto accepted = co_await from.async_accept(asio::redirect_error(asio::use_awaitable, failure));
    if (failure == asio::error::operation_aborted || !from.is_open()) co_return;
    if (failure) {  // no descriptor left, for example: others will end
      asio::steady_timer pause(io, std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failure));
      continue;
    }
    if (connections.size() >= options.connections_max || draining) continue;  // closes it
    if constexpr (std::is_same_v<Acceptor, asio::ip::tcp::acceptor>) {
      accepted.set_option(asio::ip::tcp::no_delay(true), failure);
    }
    connections.emplace_front(Socket(std::move(accepted)), trusted);
    totals.connections = connections.size();
    {
      std::lock_guard lock(mutex);
      no_connection = false;
    }
    asio::co_spawn(io, Serve(connections.begin()), asio::detached);
  }
}

// Ends queries whose clients are gone: nobody reads what they would answer. One that closed only its side is gone too.
void Server::Impl::WatchAsking() {
  asking_watch.expires_after(kWatchEvery);
  asking_watch.async_wait([this](ErrorCode failure) {
    if (failure || asking == 0) return;
    for (Connection& connection : connections) {
      if (connection.asked == nullptr) continue;
      pollfd one{connection.socket.native_handle(), POLLRDHUP, 0};
      if (::poll(&one, 1, 0) <= 0) continue;
      connection.asked->request_stop();
      if (connection.turn != nullptr) connection.turn->Wake();
    }
    WatchAsking();
  });
}

// Closes what takes too long; what waits for it ends with an error.
void Server::Impl::Sweep() {
  sweeper.expires_after(kSweepEvery);
  sweeper.async_wait([this](ErrorCode failure) {
    if (failure) return;
    const int64_t now_us = clock::MonotonicUs();
    for (Connection& connection : connections) {
      if (connection.deadline_us != 0 && now_us > connection.deadline_us) {
        ErrorCode ignored;
        connection.socket.close(ignored);
      }
    }
    Sweep();
  });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Listen(const ServerOptions& options) {
  ServerOptions fitting = options;
  fitting.connections_max = ConnectionsThatFit(options.connections_max);
  auto impl = std::make_unique<Impl>(fitting);
  DH_TRY(impl->Listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

intake::Log::Completed Server::Completed() {
  return [impl = impl_.get()](intake::Ticket* first) {
    impl->events->appended();
    asio::post(impl->io, [first] {
      for (intake::Ticket* ticket = first; ticket != nullptr;) {
        intake::Ticket* const next = ticket->next;  // its owner may be gone once it is awake
        static_cast<Appending*>(ticket)->sleeper.Wake();
        ticket = next;
      }
    });
  };
}

uint16_t Server::port() const {
  ErrorCode ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

void Server::Start(const Events& events, std::vector<Route> routes) {
  impl_->events = std::make_unique<Events>(events);
  impl_->routes = std::move(routes);
  impl_->totals.started_at_us = clock::NowUs();
  impl_->Start();
}

void Server::Landed() {
  if (impl_->commits_waited_for == 0) return;
  asio::post(impl_->io, [impl = impl_.get()] {
    for (CommitWaiting* const waiting : impl->commit_waiting) {
      if (impl->events->log.released(waiting->source) >= waiting->end_offset) {
        waiting->sleeper.Wake();
      } else {
        impl->events->flush(waiting->source);
      }
    }
  });
}

bool Server::Drain(int64_t grace_us) {
  asio::post(impl_->io, [impl = impl_.get()] {
    ErrorCode ignored;
    impl->draining = true;
    impl->acceptor.close(ignored);
    impl->CloseControl();
    for (Impl::Connection& connection : impl->connections) {
      if (connection.idle) connection.socket.close(ignored);
    }
  });
  std::unique_lock lock(impl_->mutex);
  return impl_->empty.wait_for(lock, std::chrono::microseconds(grace_us), [&] { return impl_->no_connection; });
}

void Server::Stop() {
  impl_->stopping.request_stop();
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->pool.join();
  impl_->sql_lane.pool.join();
  impl_->long_lane.pool.join();
  impl_->CloseControl();
}

const ServerTotals& Server::totals() const { return impl_->totals; }

}  // namespace datahub::serve
