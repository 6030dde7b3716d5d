// Requests and their answers.

#include <algorithm>
#include <cctype>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "datahub/base/clock.h"
#include "datahub/base/log.h"
#include "datahub/serve/inflate.h"
#include "datahub/serve/request_head.h"
#include "datahub/serve/server_impl.h"

namespace datahub::serve {
namespace {

// Bodies larger than this are decompressed and parsed by another thread.
constexpr size_t kQuickBytes = 128u << 10;
constexpr size_t kHeadReadBytes = 4u << 10;  // what is read at once: of a header, and the body of a single event
constexpr size_t kChunkedReadBytes = 32u << 10;
constexpr size_t kRoomBytes = 256u << 10;
constexpr int64_t kLingerUs = 2'000'000;  // that what follows a refused request is read, and thrown away
constexpr size_t kLingerReadBytes = 16u << 10;
constexpr size_t kWaitingMax = 64;                     // queries that wait for others, of each kind
constexpr auto kTurnMax = std::chrono::seconds(30);    // that they wait
constexpr size_t kWriteBytes = 256u << 10;             // an answer's pieces, each within request_us_max
constexpr size_t kReadBytesPerSecondMin = 512u << 10;  // who takes an answer slower than that, all in all, is cut off

// What a post of events comes down to; views into the request's body.
struct Prepared {
  intake::Post post;
  size_t records = 0;
  Result<void> result;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::string_view WithoutParameters(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

// What came with the header.
void TakeBody(boost::beast::flat_buffer& buffer, size_t length, std::string& body) {
  const size_t there = std::min(buffer.size(), length);
  body.assign(static_cast<const char*>(buffer.data().data()), there);
  buffer.consume(there);
}

// On another thread than the server's.
Response Handled(const Route& route, const Request& request, const PathArguments& arguments) {
  try {
    return route.handler(request, arguments);
  } catch (const std::bad_alloc&) {
    std::terminate();
  } catch (const std::exception& problem) {
    log::Error("{} {} ended with: {}", request.method, request.path, problem.what());
    return Problem(500, "it ended with an error of ours; the log has it");
  }
}

// A task of its own: no lambda with captures inside a co_await (g++ 12 destroys them twice).
asio::awaitable<void> RunTask(std::function<void()> task) {
  task();
  co_return;
}

}  // namespace

asio::awaitable<void> Server::Impl::Serve(Connections::iterator connection) {
  // What is not parsed yet: a header, or a line of a chunk. Bodies are kept, and counted, elsewhere.
  boost::beast::flat_buffer buffer(options.header_bytes_max + kQuickBytes);
  buffer.reserve(kHeadReadBytes);
  bool go_on = true;
  while (go_on && !draining) {
    try {
      go_on = co_await ServeOne(*connection, buffer);
    } catch (const std::bad_alloc&) {
      std::terminate();  // what waited in the frames that are gone, the log's ticket perhaps, may be half done
    } catch (const std::exception& problem) {
      log::Error("a request ended with: {}", problem.what());
      go_on = false;
    }
    if (connection->budget != nullptr) CountBody(*connection, 0);
    connection->budget = nullptr;
    if (buffer.size() > 0 || buffer.capacity() <= kHeadReadBytes) continue;
    buffer.shrink_to_fit();  // chunks came by it
    buffer.reserve(kHeadReadBytes);
  }
  ErrorCode ignored;
  connection->socket.shutdown(Socket::shutdown_both, ignored);
  connections.erase(connection);
  totals.connections = connections.size();
  if (!connections.empty()) co_return;
  {
    std::lock_guard lock(mutex);
    no_connection = true;
  }
  empty.notify_all();
}

// One request and its answer; false when it was the connection's last.
asio::awaitable<bool> Server::Impl::ServeOne(Connection& connection, boost::beast::flat_buffer& buffer) {
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(options.header_bytes_max));
  parser.body_limit(boost::none);  // until it is known who asks for what
  connection.idle = true;
  connection.with_body = true;
  connection.deadline_us = clock::MonotonicUs() + (buffer.size() > 0 ? options.request_us_max : options.idle_us_max);
  ErrorCode failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await http::async_read_header(connection.socket, buffer, parser, token);
  if (failure == http::error::end_of_stream || failure == asio::error::operation_aborted) co_return false;
  if (failure == http::error::header_limit) {
    const Response refusal = Problem(431, "the header is too long");
    co_return co_await Refuse(connection, refusal);
  }
  if (failure.category() == http::make_error_code(http::error::bad_method).category()) {
    const Response refusal = Problem(400, fmt::format("not HTTP/1.1: {}", failure.message()));
    co_return co_await Refuse(connection, refusal);
  }
  if (failure) co_return false;
  ++totals.requests;
  connection.idle = false;
  connection.deadline_us = clock::MonotonicUs() + options.request_us_max;

  const auto& head = parser.get();
  Request request;
  request.stop = stopping.get_token();
  std::optional<Response> refused = ReadHead(head, &request);
  if (!refused && !connection.trusted && access.is_open()) refused = RefuseOtherPlaces(head);
  connection.with_body = request.method != "HEAD";
  if (!connection.with_body) request.method = "GET";
  if (refused) co_return co_await Refuse(connection, *refused);
  PathArguments arguments;
  std::string methods;
  const Route* const route = FindRoute(request.method, request.path, &arguments, &methods);
  const Role role = route != nullptr ? route->role : Role::kRead;
  if (!connection.trusted) {
    const Access::Verdict verdict = access.Check(std::string_view(head[http::field::authorization]), role);
    if (verdict != Access::Verdict::kAllowed) {
      const Response refusal = Unauthorized(verdict);
      co_return co_await Refuse(connection, refusal);
    }
  }
  if (route == nullptr) {
    Response refusal = Problem(404, fmt::format("there is nothing at {}; see /openapi.json", request.path));
    if (!methods.empty()) {
      refusal = Problem(405, fmt::format("{} is not for {}; see /openapi.json", request.path, request.method));
      refusal.headers.emplace_back("Allow", methods);
    }
    co_return co_await Refuse(connection, refusal);
  }
  // Posts come first: what asks, and what is answered, cannot take the room of events.
  connection.budget = route->handler ? &answers : &posts;
  const uint64_t length = parser.content_length().value_or(0);
  if (route->takes.empty() && (length > 0 || parser.chunked())) {
    const Response refusal = Problem(400, fmt::format("{} {} takes no body", request.method, request.path));
    co_return co_await Refuse(connection, refusal);
  }
  if (length > options.body_bytes_max) {
    const Response refusal =
        Problem(413, fmt::format("the body is longer than {} bytes; send it in parts", options.body_bytes_max));
    co_return co_await Refuse(connection, refusal);
  }
  parser.body_limit(options.body_bytes_max);
  if (Lower(std::string_view(head[http::field::expect])) == "100-continue") {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(connection.socket, asio::buffer(kContinue), token);
    if (failure) co_return false;
  }
  BodyRead read;
  if (parser.chunked()) {
    co_await ReadChunks(connection, buffer, parser, read);
    request.body = std::move(parser.get().body());
  } else {
    TakeBody(buffer, length, request.body);
    if (request.body.size() < length) co_await ReadBody(connection, length, request.body, read);
    read.whole = request.body.size() == length;
  }
  if (read.refusal) co_return co_await Refuse(connection, *read.refusal);
  if (!read.whole) co_return false;
  connection.deadline_us = 0;  // what follows is ours to bound
  const bool keep_alive = head.keep_alive();
  request.content_type = Lower(WithoutParameters(std::string_view(head[http::field::content_type])));
  if (head.count("Idempotency-Key") > 0) request.idempotency_key = std::string_view(head["Idempotency-Key"]);
  for (auto [at, end] = head.equal_range(http::field::accept); at != end; ++at) {
    request.accept += fmt::format("{}{}", request.accept.empty() ? "" : ",", std::string_view(at->value()));
  }
  const std::string encoding = Lower(std::string_view(head[http::field::content_encoding]));
  Response response = co_await Answer(connection, *route, arguments, request, encoding);
  if (route->handler) {
    std::string().swap(request.body);
    if (!CountBody(connection, response.body.size())) {
      response = Problem(503, "too many answers are under way; try again");
      CountBody(connection, 0);
    }
  }
  const bool written = co_await Write(connection, response, keep_alive && !draining);
  co_return written&& keep_alive;
}

// The rest of a body of known length goes from the socket to where it stays. Room is made as it comes: its length is only
// said.
asio::awaitable<void> Server::Impl::ReadBody(Connection& connection, size_t length, std::string& body, BodyRead& read) {
  while (body.size() < length) {
    const size_t begin = body.size();
    const size_t end = std::min(length, std::max(begin * 2, kRoomBytes));
    if (!CountBody(connection, end)) {
      read.refusal = Problem(503, "too many requests are under way; try again");
      co_return;
    }
    body.resize_and_overwrite(end, [end](char*, size_t) { return end; });  // libstdc++ 12 may pass more
    ErrorCode failure;
    co_await asio::async_read(connection.socket, asio::buffer(body.data() + begin, end - begin),
                              asio::redirect_error(asio::use_awaitable, failure));
    if (!failure) continue;
    body.clear();
    co_return;
  }
}

asio::awaitable<void> Server::Impl::ReadChunks(Connection& connection, boost::beast::flat_buffer& buffer,
                                               Parser& parser, BodyRead& read) {
  if (!CountBody(connection, kChunkedReadBytes)) {
    read.refusal = Problem(503, "too many requests are under way; try again");
    co_return;
  }
  buffer.reserve(kChunkedReadBytes);
  while (!parser.is_done()) {
    ErrorCode failure;
    co_await http::async_read_some(connection.socket, buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, failure));
    if (failure == http::error::body_limit) {
      read.refusal =
          Problem(413, fmt::format("the body is longer than {} bytes; send it in parts", options.body_bytes_max));
    } else if (failure && failure.category() == http::make_error_code(http::error::bad_method).category() &&
               failure != http::error::partial_message) {
      read.refusal = Problem(400, fmt::format("the body is not HTTP: {}", failure.message()));
    } else if (!failure && !CountBody(connection, parser.get().body().capacity() + kChunkedReadBytes)) {
      read.refusal = Problem(503, "too many requests are under way; try again");
    }
    if (failure || read.refusal) co_return;
  }
  read.whole = true;
}

// False when all of its kind together are too much.
bool Server::Impl::CountBody(Connection& connection, size_t bytes) {
  Budget& budget = *connection.budget;
  budget.bytes += bytes - connection.body_bytes;
  connection.body_bytes = bytes;
  return budget.bytes <= budget.bytes_max;
}

// Null when there is none; `methods` are those that the path has.
const Route* Server::Impl::FindRoute(std::string_view method, std::string_view path, PathArguments* arguments,
                                     std::string* methods) const {
  for (const Route& route : routes) {
    PathArguments found;
    if (!Matches(route.pattern, path, &found)) continue;
    *methods += fmt::format("{}{}", methods->empty() ? "" : ", ", route.method == "GET" ? "GET, HEAD" : route.method);
    if (route.method != method) continue;
    *arguments = std::move(found);
    return &route;
  }
  return nullptr;
}

Response Server::Impl::Unauthorized(Access::Verdict verdict) const {
  if (verdict == Access::Verdict::kForbidden) return Problem(403, "this token's roles do not allow that");
  Response response = Problem(401, "give a token: Authorization: Bearer …");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

asio::awaitable<void> Server::Impl::OnPool(asio::thread_pool& threads, std::function<void()> task) {
  co_await asio::co_spawn(threads, RunTask(std::move(task)), asio::use_awaitable);
}

asio::awaitable<Response> Server::Impl::Answer(Connection& connection, const Route& route,
                                               const PathArguments& arguments, Request& request,
                                               const std::string& encoding) {
  if (const std::string unknown = UnknownParameter(route, request); !unknown.empty()) co_return Problem(400, unknown);
  if (!route.takes.empty() && !encoding.empty() && encoding != "identity") {
    Result<std::string> inflated;
    std::function<void()> inflate = [&] { inflated = Inflate(request.body, encoding, options.body_bytes_max); };
    co_await OnPool(pool, std::move(inflate));
    if (!inflated) {
      const Code code = inflated.error().code;
      const bool known = encoding == "gzip" || encoding == "x-gzip" || encoding == "zstd";
      co_return Problem(code == Code::kLimit ? 413 : known ? 400 : 415, inflated.error().message);
    }
    request.body = *std::move(inflated);
    if (!CountBody(connection, request.body.size()))
      co_return Problem(503, "too many requests are under way; try again");
  }
  if (!route.handler) co_return co_await PostEvents(connection, arguments.begin()->second, request);
  co_return co_await Handle(connection, route, arguments, request);
}

asio::awaitable<Response> Server::Impl::Handle(Connection& connection, const Route& route,
                                               const PathArguments& arguments, Request& request) {
  if (route.pace == Pace::kQuick) co_return route.handler(request, arguments);
  if (route.pace == Pace::kSql) co_return co_await HandleLong(connection, sql_lane, route, arguments, request);
  if (route.pace == Pace::kLong) co_return co_await HandleLong(connection, long_lane, route, arguments, request);
  Response response;
  std::function<void()> handle = [&] { response = Handled(route, request, arguments); };
  co_await OnPool(pool, std::move(handle));
  co_return response;
}

// Whether its turn came. Not when the client went away, or all before it took too long.
asio::awaitable<bool> Server::Impl::WaitForTurn(Connection& connection, Lane& lane) {
  if (lane.running < lane.running_max) {
    ++lane.running;
    co_return true;
  }
  Turn turn(co_await asio::this_coro::executor);
  lane.waiting.push_back(&turn);
  connection.turn = &turn;
  const auto limit = std::chrono::steady_clock::now() + kTurnMax;
  while (!turn.awake && std::chrono::steady_clock::now() < limit) {
    turn.timer.expires_at(limit);
    ErrorCode cancelled;
    co_await turn.timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  connection.turn = nullptr;
  if (!turn.is_given) lane.waiting.remove(&turn);
  co_return turn.is_given;
}

asio::awaitable<Response> Server::Impl::HandleLong(Connection& connection, Lane& lane, const Route& route,
                                                   const PathArguments& arguments, Request& request) {
  if (lane.waiting.size() >= kWaitingMax) co_return Problem(503, "too many queries wait for others; try again");
  std::stop_source asked;  // ended by the server's stop, or by the client's leaving
  const std::stop_callback on_stop(stopping.get_token(), [&asked] { asked.request_stop(); });
  request.stop = asked.get_token();
  connection.asked = &asked;
  if (++asking == 1) WatchAsking();
  Response response = Problem(503, "the queries before this one take too long; try again");
  const bool has_turn = co_await WaitForTurn(connection, lane);
  if (has_turn && !asked.stop_requested()) {
    std::function<void()> handle = [&] { response = Handled(route, request, arguments); };
    try {
      co_await OnPool(lane.pool, std::move(handle));
    } catch (const std::bad_alloc&) {
      std::terminate();
    } catch (const std::exception& problem) {  // it could not even be begun
      log::Error("{} {} ended with: {}", request.method, request.path, problem.what());
    }
  }
  if (has_turn) lane.PassTurn();
  --asking;
  connection.asked = nullptr;
  co_return response;
}

asio::awaitable<Response> Server::Impl::PostEvents(Connection& connection, const std::string& source,
                                                   const Request& request) {
  if (!events->takes(source)) {
    co_return Problem(404, fmt::format("there is no source '{}' of kind http in the project", source));
  }
  const std::string_view wait = request.Query("wait");
  if (!wait.empty() && wait != "commit") {
    co_return Problem(400, fmt::format("wait={} is not known; wait=commit is", wait));
  }
  Prepared prepared;
  const auto prepare = [&](EventBody& by) {
    const Result<size_t> records = by.Read(request.body, request.content_type, &prepared.post);
    if (records) prepared.records = *records;
    if (!records) prepared.result = records.error();
  };
  std::unique_ptr<EventBody> own;
  if (request.body.size() > kQuickBytes) {
    own = std::make_unique<EventBody>();
    std::function<void()> on_pool = [&] { prepare(*own); };
    co_await OnPool(pool, std::move(on_pool));
  } else {
    prepare(reader);  // and appended before anybody else uses it
  }
  if (!prepared.result && prepared.result.error().code == Code::kLimit) {
    co_return Problem(413, prepared.result.error().message);
  }
  if (!prepared.result) co_return Problem(prepared.result.error());
  if (own && !CountBody(connection, request.body.size() + own->memory())) {
    co_return Problem(503, "too many requests are under way; try again");
  }
  prepared.post.source = source;
  if (request.idempotency_key) {
    const std::string_view key = *request.idempotency_key;
    if (key.empty() || key.size() > intake::kKeyBytesMax) {
      co_return Problem(400, fmt::format("an Idempotency-Key has 1 to {} bytes", intake::kKeyBytesMax));
    }
    prepared.post.key = key;
    prepared.post.digest = HashBytes(request.body);
  }
  uint64_t end_offset = 0;
  if (prepared.records > 0) {
    Appending appending(co_await asio::this_coro::executor);
    if (const Result<void> taken = events->log.Append(prepared.post, appending); !taken) {
      if (taken.error().code == Code::kInvalidInput) co_return Problem(413, taken.error().message);
      if (taken.error().code == Code::kAlreadyExists) co_return Problem(422, taken.error().message);
      co_return Problem(taken.error());
    }
    own.reset();  // the log has a copy
    ErrorCode cancelled;
    while (!appending.sleeper.awake) {
      co_await appending.sleeper.timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    if (!appending.end_offset) co_return Problem(appending.end_offset.error());
    end_offset = *appending.end_offset;
  }
  if (wait.empty()) co_return Response{200, "application/json", fmt::format("{{\"accepted\":{}}}", prepared.records)};
  const bool committed = co_await WaitForCommit(source, end_offset);
  co_return Response{committed ? 200 : 202, "application/json",
                     fmt::format("{{\"accepted\":{},\"committed\":{}}}", prepared.records, committed)};
}

// Whether it can be queried now; false when that takes too long, and it will be later.
asio::awaitable<bool> Server::Impl::WaitForCommit(const std::string& source, uint64_t end_offset) {
  CommitWaiting waiting(co_await asio::this_coro::executor, source, end_offset);
  const auto place = commit_waiting.insert(commit_waiting.end(), &waiting);
  ++commits_waited_for;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::microseconds(options.commit_us_max);
  events->flush(source);
  while (!waiting.sleeper.awake && events->log.released(source) < end_offset &&
         std::chrono::steady_clock::now() < limit) {
    waiting.sleeper.timer.expires_at(limit);
    ErrorCode cancelled;
    co_await waiting.sleeper.timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  commit_waiting.erase(place);
  --commits_waited_for;
  co_return waiting.sleeper.awake || events->log.released(source) >= end_offset;
}

asio::awaitable<bool> Server::Impl::Write(Connection& connection, const Response& response, bool keep_alive) {
  if (response.status >= 400) ++totals.refused;
  std::string text = HeadText(response, keep_alive);
  std::string_view body = connection.with_body ? std::string_view(response.body) : std::string_view();
  const int64_t until_us = clock::MonotonicUs() + options.request_us_max +
                           static_cast<int64_t>(body.size() * 1'000'000 / kReadBytesPerSecondMin);
  ErrorCode failure;
  do {
    text += body.substr(0, kWriteBytes);
    body.remove_prefix(std::min(body.size(), kWriteBytes));
    connection.deadline_us = std::min(clock::MonotonicUs() + options.request_us_max, until_us);
    co_await asio::async_write(connection.socket, asio::buffer(text),
                               asio::redirect_error(asio::use_awaitable, failure));
    text.clear();
  } while (!failure && !body.empty());
  co_return !failure;
}

// The connection's last answer: what follows of the request is not looked at.
asio::awaitable<bool> Server::Impl::Refuse(Connection& connection, const Response& response) {
  co_await Write(connection, response, false);
  // A client that still sends would see a reset instead of the answer.
  ErrorCode failure;
  connection.socket.shutdown(Socket::shutdown_send, failure);
  connection.deadline_us = clock::MonotonicUs() + kLingerUs;
  std::string rest(kLingerReadBytes, '\0');
  while (!failure) {
    co_await connection.socket.async_read_some(asio::buffer(rest), asio::redirect_error(asio::use_awaitable, failure));
  }
  co_return false;
}

}  // namespace datahub::serve
