#include "datahub/app/control_client.h"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include "datahub/app/descriptor.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"

namespace datahub::app {
namespace {

constexpr size_t kAnswerBytesMax = 64u << 20;

Result<std::string> ReadToEnd(int fd, const std::string& path) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t read = ::read(fd, buffer, sizeof(buffer));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return ErrnoError(errno, "the server at " + path + " does not answer");
    if (read == 0) return text;
    text.append(buffer, static_cast<size_t>(read));
    if (text.size() > kAnswerBytesMax) return Error{Code::kLimit, "the server's answer does not end"};
  }
}

}  // namespace

size_t SocketPathBytesMax() { return sizeof(sockaddr_un::sun_path) - 1; }

Result<std::optional<std::string>> AskServer(const Project& project, std::string_view method, std::string_view target,
                                             int wait_seconds) {
  const std::string path = ControlPath(project);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > SocketPathBytesMax()) return std::optional<std::string>();
  std::memcpy(address.sun_path, path.data(), path.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return ErrnoError(errno, "cannot make a socket");
  const timeval wait{wait_seconds, 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
  ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<std::string>();
    return ErrnoError(errno, "cannot ask the server at " + path);
  }
  const std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: control\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method, target);
  for (size_t sent = 0; sent < request.size();) {
    const ssize_t count = ::send(socket.number(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoError(errno, "cannot ask the server at " + path);
    sent += static_cast<size_t>(count);
  }
  const std::string answer = DH_TRY(ReadToEnd(socket.number(), path));
  const size_t body = answer.find("\r\n\r\n");
  int status = 0;
  const char* const digits = answer.data() + std::strlen("HTTP/1.1 ");
  const bool is_http = answer.starts_with("HTTP/1.1 ") && body != std::string::npos &&
                       std::from_chars(digits, answer.data() + answer.size(), status).ec == std::errc();
  if (!is_http)
    return Error{Code::kCommitUnknown, "the server at " + path + " ended amid its answer; see `datahub status`"};
  std::string text = answer.substr(body + 4);
  if (status < 300) return std::optional<std::string>(std::move(text));
  json::Document document;
  const Result<const json::Value*> problem = document.Parse(text);
  const json::Value* const detail = problem && (*problem)->is_object() ? (*problem)->Find("detail") : nullptr;
  return Error{
      status == 404 ? Code::kNotFound : Code::kUnavailable,
      detail != nullptr ? std::string(detail->text) : fmt::format("the server answers with status {}", status)};
}

}  // namespace datahub::app
