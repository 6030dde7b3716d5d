#include "datahub/serve/listen.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio.hpp>

#include "datahub/base/log.h"

namespace datahub::serve {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr rlim_t kOtherFiles = 1024;  // or half of all, when they are few

// 0: nothing is there.
ino_t InodeOf(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 ? facts.st_ino : 0;
}

}  // namespace

Result<void> ListenOnTcp(const ServerOptions& options, asio::ip::tcp::acceptor& acceptor) {
  ErrorCode failure;
  const asio::ip::address address = asio::ip::make_address(options.host, failure);
  if (failure) {
    return Error{Code::kInvalidInput,
                 fmt::format("'{}' is not an IP address to listen on; 127.0.0.1 is this machine alone, 0.0.0.0 all "
                             "that reach it",
                             options.host)};
  }
  if (!address.is_loopback() && options.tokens.empty()) {
    return Error{
        Code::kInvalidInput,
        fmt::format("{} can be reached from elsewhere: give the project file's `serve` tokens first, or listen "
                    "on 127.0.0.1",
                    options.host)};
  }
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(kBacklog, failure);
  if (!failure) return {};
  return Error{Code::kUnavailable,
               fmt::format("cannot listen on {}:{}: {}; is another server there? --listen HOST:PORT takes another",
                           options.host, options.port, failure.message())};
}

Result<ino_t> ListenOnControl(const ServerOptions& options, asio::local::stream_protocol::acceptor& acceptor) {
  ErrorCode failure;
  ::unlink(options.control_socket.c_str());  // the project's lock says that nobody else listens
  acceptor.open(asio::local::stream_protocol(), failure);
  if (!failure) ::fchmod(acceptor.native_handle(), 0600);  // the socket's name gets what the socket has
  if (!failure) acceptor.bind(asio::local::stream_protocol::endpoint(options.control_socket), failure);
  if (!failure) acceptor.listen(kBacklog, failure);
  if (!failure) return InodeOf(options.control_socket);
  return Error{Code::kUnavailable, fmt::format("cannot listen on {}: {}", options.control_socket, failure.message())};
}

void RemoveControl(const std::string& path, ino_t mine) {
  if (!path.empty() && InodeOf(path) == mine) ::unlink(path.c_str());
}

size_t ConnectionsThatFit(size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlimit raised{files.rlim_max, files.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  const rlim_t fit = files.rlim_cur - std::min(kOtherFiles, files.rlim_cur / 2);
  if (fit >= wanted) return wanted;
  log::Warn("at most {} connections at a time instead of {}: this process may have {} open files (ulimit -n)", fit,
            wanted, files.rlim_cur);
  return fit;
}

}  // namespace datahub::serve
