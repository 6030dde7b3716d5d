// How fast records are parsed, checked and appended to columns on one core: walk_bench [events] [rounds] [case]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "datahub/contract/contract.h"

namespace datahub {
namespace {

constexpr size_t kChunkBytes = 4u << 20;

constexpr const char* kUser = R"({
  "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
  "required": ["eid", "documentNumber", "name", "age", "address", "created_at"],
  "properties": {
    "eid": {"type": "string"}, "documentNumber": {"type": "string"}, "name": {"type": "string"},
    "age": {"type": "integer"},
    "address": {"type": "object", "required": ["street", "number", "mailAddress"], "properties": {
      "street": {"type": "string"}, "number": {"type": "integer"}, "mailAddress": {"type": "boolean"}}},
    "created_at": {"type": "string", "format": "date-time"}}})";

// The same with everything asserted that the walk streams.
constexpr const char* kUserChecked = R"({
  "type": "object", "required": ["eid", "documentNumber", "name", "age", "address", "created_at"],
  "properties": {
    "eid": {"type": "string", "format": "uuid"}, "documentNumber": {"type": "string", "minLength": 11, "maxLength": 11},
    "name": {"type": "string", "minLength": 1, "maxLength": 80},
    "age": {"type": "integer", "minimum": 0, "maximum": 150},
    "address": {"type": "object", "required": ["street", "number", "mailAddress"], "properties": {
      "street": {"type": "string", "maxLength": 200}, "number": {"type": "integer", "minimum": 1},
      "mailAddress": {"type": "boolean"}}},
    "created_at": {"type": "string", "format": "date-time"}}})";

// Wide and nested, as GitHub's events are.
constexpr const char* kPush = R"({
  "type": "object", "required": ["id", "type", "actor", "repo", "payload", "public", "created_at"],
  "properties": {
    "id": {"type": "string"}, "type": {"enum": ["PushEvent", "IssuesEvent"]},
    "actor": {"$ref": "#/$defs/actor"}, "org": {"$ref": "#/$defs/actor"},
    "repo": {"type": "object", "required": ["id", "name"], "properties": {
      "id": {"type": "integer"}, "name": {"type": "string"}, "url": {"type": "string"}}},
    "payload": {"type": "object", "properties": {
      "push_id": {"type": "integer"}, "size": {"type": "integer"}, "ref": {"type": "string"}, "head": {"type": "string"},
      "before": {"type": ["string", "null"]},
      "commits": {"type": "array", "items": {"type": "object", "required": ["sha", "message"], "properties": {
        "sha": {"type": "string"}, "message": {"type": "string"}, "distinct": {"type": "boolean"}, "url": {"type": "string"},
        "author": {"type": "object", "properties": {"name": {"type": "string"}, "email": {"type": "string"}}},
        "labels": {"type": "array", "items": {"type": "string"}}}}}}},
    "public": {"type": "boolean"}, "created_at": {"type": "string", "format": "date-time"}},
  "$defs": {"actor": {"type": "object", "properties": {
    "id": {"type": "integer"}, "login": {"type": "string"}, "display_login": {"type": "string"},
    "gravatar_id": {"type": "string"}, "url": {"type": "string"}, "avatar_url": {"type": "string"}}}}})";

// CPU time of this thread: what else the machine does counts little.
double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string Uuid() {
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", Below(1ull << 32), Below(1u << 16), Below(1u << 16),
                       Below(1u << 16), Below(1ull << 48));
  }
  std::string Time(size_t i) {
    return fmt::format("2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z", 1 + i / 80'000 % 28, i / 3600 % 24, i / 60 % 60,
                       i % 60, Below(1000));
  }
  std::string User(size_t i) {
    static const char* const kNames[] = {"Joseph Aldana", "Maria Lopez", "Ana Ruiz", "John Smith", "Chidi Okafor"};
    return fmt::format(
        R"({{"eid":"{}","documentNumber":"{:011}","name":"{}","age":{},"address":{{"street":"St. {} {}","number":{},)"
        R"("mailAddress":{}}},"created_at":"{}"}})",
        Uuid(), Below(99'999'999'999), kNames[Below(5)], 18 + Below(70), kNames[Below(5)], Below(500), 1 + Below(9999),
        Below(2) ? "true" : "false", Time(i));
  }
  std::string BadUser(size_t i) {
    std::string event = User(i);
    const auto replace = [&](const char* what, const char* with) {
      event.replace(event.find(what), strlen(what), with);
    };
    switch (Below(6)) {
      case 0:
        replace("\"age\":", "\"age\":\"x\",\"b\":");
        break;
      case 1:
        replace("\"name\"", "\"nome\"");
        break;
      case 2:
        replace("T", " ");
        break;
      case 3:
        event.resize(event.size() / 2);
        break;
      case 4:
        replace("\"created_at\"", "\"eid\"");
        break;
      default:
        event[event.size() / 3] = '\x01';
        break;
    }
    return event;
  }
  std::string Push(size_t i) {
    const auto actor = [&](const char* login) {
      return fmt::format(
          R"({{"id":{},"login":"{}","display_login":"{}","gravatar_id":"","url":"https://api.example.com/users/{}",)"
          R"("avatar_url":"https://avatars.example.com/u/{}?"}})",
          Below(100'000'000), login, login, login, Below(100'000'000));
    };
    std::string commits;
    for (size_t n = 1 + Below(10); n > 0; --n) {
      commits += fmt::format(R"({}{{"sha":"{:040x}","author":{{"email":"dev{}@example.com","name":"Dev {}"}},)"
                             R"("message":"Fix the \"parser\" of module {}\n\nIt lost the last row.","distinct":true,)"
                             R"("labels":["a","b"],"url":"https://api.example.com/repos/x/y/commits/{:040x}"}})",
                             commits.empty() ? "" : ",", Below(1ull << 60), Below(1000), Below(1000), Below(50),
                             Below(1ull << 60));
    }
    return fmt::format(
        R"({{"id":"{}","type":"PushEvent","actor":{},"repo":{{"id":{},"name":"x/y","url":"https://api.example.com"}},)"
        R"("payload":{{"push_id":{},"size":3,"ref":"refs/heads/main","head":"{:040x}","before":null,"commits":[{}]}},)"
        R"("public":true,"created_at":"{}"{}}})",
        Below(1ull << 40), actor("octocat"), Below(1ull << 30), Below(1ull << 33), Below(1ull << 60), commits, Time(i),
        Below(2) ? ",\"org\":" + actor("github") : "");
  }
  uint64_t Below(uint64_t end) { return random_() % end; }

 private:
  std::mt19937_64 random_;
};

std::vector<std::shared_ptr<const record::Chunk>> ChunksOf(size_t events,
                                                           const std::function<std::string(size_t)>& event) {
  std::vector<std::shared_ptr<const record::Chunk>> chunks;
  std::string text;
  const auto close = [&] {
    auto chunk = std::make_shared<record::Chunk>();
    chunk->buffer = std::make_shared<record::Buffer>(text.size());
    std::memcpy(chunk->buffer->data(), text.data(), text.size());
    chunk->bytes = {chunk->buffer->data(), text.size()};
    chunks.push_back(std::move(chunk));
    text.clear();
  };
  for (size_t i = 0; i < events; ++i) {
    text += event(i);
    text += '\n';
    if (text.size() >= kChunkBytes) close();
  }
  if (!text.empty()) close();
  return chunks;
}

void Measure(const char* name, std::shared_ptr<const contract::Contract> contract, size_t events, int rounds,
             const std::function<std::string(size_t)>& event) {
  const auto chunks = ChunksOf(events, event);
  contract::Walker walker(std::move(contract));
  double best = 1e9;
  size_t bytes = 0;
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  for (int round = 0; round < rounds; ++round) {
    bytes = accepted = rejected = 0;
    const double from = Seconds();
    for (const auto& chunk : chunks) {
      bytes += chunk->bytes.size();
      for (bool more = false, first = true; first || more; first = false) {
        contract::WalkResult result = first ? walker.Walk(chunk) : walker.Next();
        accepted += result.accepted->rows;
        rejected += result.rejected.size();
        more = result.more;
        walker.Recycle(std::move(result.accepted));
      }
    }
    best = std::min(best, Seconds() - from);
  }
  const auto records = static_cast<double>(accepted + rejected);
  fmt::print("{:<24} {:>7.0f} MB/s  {:>5.0f} ns and {:>5.0f} bytes a record  {} accepted, {} rejected\n", name,
             static_cast<double>(bytes) / 1e6 / best, best * 1e9 / records, static_cast<double>(bytes) / records,
             accepted, rejected);
}

std::shared_ptr<const contract::Contract> Compile(const char* schema) {
  std::vector<contract::CompileError> errors;
  auto contract = contract::Contract::Compile(schema, {.name = "bench"}, &errors);
  for (const contract::CompileError& error : errors) fmt::print(stderr, "{}: {}\n", error.pointer, error.message);
  if (contract == nullptr) std::exit(1);
  return contract;
}

}  // namespace
}  // namespace datahub

int main(int argc, char** argv) {
  using namespace datahub;
  const size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const std::string only = argc > 3 ? argv[3] : "";
  Generator generator(42);
  const auto user = [&](size_t i) { return generator.User(i); };
  const auto some_bad = [&](size_t i) { return generator.Below(20) == 0 ? generator.BadUser(i) : generator.User(i); };
  const auto push = [&](size_t i) { return generator.Push(i); };
  const auto run = [&](const char* name, std::shared_ptr<const contract::Contract> contract, size_t count,
                       const std::function<std::string(size_t)>& event) {
    if (only.empty() || only == name) Measure(name, std::move(contract), count, rounds, event);
  };
  run("users", Compile(kUser), events, user);
  run("users, 5 % bad", Compile(kUser), events, some_bad);
  run("users, more checks", Compile(kUserChecked), events, user);
  run("pushes", Compile(kPush), events / 10, push);
  run("raw", contract::Contract::Raw(), events, user);
}
