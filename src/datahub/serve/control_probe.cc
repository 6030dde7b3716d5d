#include "datahub/serve/control_probe.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace datahub::serve {
namespace {

constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
constexpr timeval kWait = {2, 0};

Result<void> Ask(int fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kWait, sizeof(kWait));
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kWait, sizeof(kWait));
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT) return Error{Code::kNotFound, "there is no " + path};
    return Error{Code::kUnavailable, fmt::format("cannot connect to {}: {}", path, std::strerror(errno))};
  }
  char answer[64] = {};
  size_t size = 0;
  bool asked = ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kRequest.size());
  while (asked && size + 1 < sizeof(answer)) {
    const ssize_t got = ::recv(fd, answer + size, sizeof(answer) - 1 - size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  if (std::string_view(answer, size).starts_with("HTTP/1.1 200 ")) return {};
  return Error{Code::kTimeout, fmt::format("the server behind {} does not answer within {} s", path, kWait.tv_sec)};
}

}  // namespace

size_t ControlPathBytesMax() { return sizeof(sockaddr_un::sun_path) - 1; }

Result<void> ProbeControl(const std::string& path) {
  if (path.size() > ControlPathBytesMax()) return Error{Code::kInvalidInput, path + " is too long for a socket"};
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoError(errno, "cannot make a socket");
  const Result<void> asked = Ask(fd, path);
  ::close(fd);
  return asked;
}

}  // namespace datahub::serve
