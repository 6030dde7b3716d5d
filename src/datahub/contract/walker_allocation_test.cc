// A program of its own, because it counts every allocation: in steady state an event costs none.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "datahub/contract/inference/inference.h"
#include "datahub/contract/verdict/event_judge.h"
#include "datahub/contract/walker_fixture.h"

namespace {
std::atomic<size_t> allocations;
}  // namespace

void* operator new(size_t size) {
  ++allocations;
  if (void* at = std::malloc(size)) return at;
  throw std::bad_alloc();
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, size_t) noexcept { std::free(at); }

namespace datahub::contract {
namespace {

size_t AllocationsFor(Walker& walker, int events) {
  std::string text;
  for (int i = 0; i < events; ++i) {
    text +=
        R"({"eid":"3e628a05-7a4a-4bf3-8770-084c11601a12","documentNumber":"42323235600","name":"Joseph","age":32,)"
        R"("address":{"street":"St. Blue","number":3,"mailAddress":true},"created_at":"2026-11-21T06:00:00Z","tags":["a","b"]})"
        "\n";
  }
  const auto chunk = ChunkOf(text);
  const size_t before = allocations;
  WalkResult result = walker.Walk(chunk);
  EXPECT_EQ(result.accepted->rows, static_cast<size_t>(events));
  walker.Recycle(std::move(result.accepted));
  return allocations - before;
}

TEST(WalkerAllocation, NonePerEvent) {
  Walker walker(MustCompile(R"({"type": "object", "required": ["eid"], "properties": {"eid": {"type": "string"},
      "documentNumber": {"type": "string"}, "name": {"type": "string"}, "age": {"type": "integer"},
      "address": {"type": "object", "properties": {"street": {"type": "string"}, "number": {"type": "integer"},
        "mailAddress": {"type": "boolean"}}},
      "created_at": {"type": "string", "format": "date-time"}, "tags": {"type": "array", "items": {"type": "string"}}}})"));
  AllocationsFor(walker, 20'000);
  const size_t few = AllocationsFor(walker, 10);
  const size_t many = AllocationsFor(walker, 20'000);
  EXPECT_LE(few, 4u);  // what was large is not kept for what is small
  EXPECT_LE(many, 4u);
}

// Alternatives, maps, patterns, formats, conditions: what is gone over twice.
constexpr const char* kParts = R"({"type": "object", "required": ["id", "kind"], "properties": {
    "id": {"type": "string", "format": "uuid"}, "kind": {"enum": ["a", "b"]}, "mail": {"type": "string", "format": "email"},
    "code": {"type": "string", "pattern": "^[A-Z]{2}-(x|y)+$"}, "labels": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"},
      "additionalProperties": {"type": ["string", "number"]}},
    "shape": {"oneOf": [{"type": "null"}, {"type": "object", "required": ["t"], "properties": {"t": {"const": "dot"}, "x": {"type": "number"}}},
      {"type": "object", "required": ["t"], "properties": {"t": {"const": "box"}, "w": {"type": "number", "minimum": 0.5}}}]},
    "either": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "string", "pattern": "^long"}]},
    "list": {"type": "array", "uniqueItems": true, "items": {"type": "integer"}, "contains": {"const": 3}}},
  "allOf": [{"properties": {"mail": {"maxLength": 50}}}],
  "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["code"]}})";

std::string EventsOfParts(int events) {
  std::string text;
  for (int i = 0; i < events; ++i) {
    text +=
        R"({"id":"3e628a05-7a4a-4bf3-8770-084c11601a12","kind":"a","mail":"amber@basil.example","code":"AB-xyx","labels":{"one":1.5,)"
        R"("two":"t\u00e9"},"shape":{"t":"box","w":0.75},"either":"longer","list":[1,2,3]})"
        "\n";
  }
  return text;
}

TEST(WalkerAllocation, NonePerEventWithAlternatives) {
  Walker walker(MustCompile(kParts));
  const auto count = [&](int events) {
    const auto chunk = ChunkOf(EventsOfParts(events));
    const size_t before = allocations;
    WalkResult result = walker.Walk(chunk);
    EXPECT_EQ(result.walked_fast, static_cast<size_t>(events));
    walker.Recycle(std::move(result.accepted));
    return allocations - before;
  };
  count(20'000);
  const size_t few = count(10);
  EXPECT_LE(count(20'000), few + 2);  // room for decoded text
}

TEST(JudgeAllocation, NonePerEvent) {
  std::vector<CompileError> errors;
  EventJudge judge(MakeCheckPlan(SchemaSet::Compile(kParts, {}, &errors), false));
  std::vector<bool> valid;
  const auto count = [&](int events) {
    const auto chunk = ChunkOf(EventsOfParts(events));
    const size_t before = allocations;
    judge.Judge(*chunk, &valid);
    EXPECT_EQ(std::count(valid.begin(), valid.end(), true), events);
    return allocations - before;
  };
  count(20'000);
  EXPECT_EQ(count(20'000), 0u);
}

size_t AllocationsFor(inference::Inference& inference, int events) {
  std::string text;
  for (int i = 0; i < events; ++i) {
    const std::string number = std::to_string(i);
    text += R"({"id":")" + number + R"(","age":)" + number +
            R"(,"note":"a \"b\" \u00e9","list":[{"x":1.5},{"x":null}],"m":{)";
    text += "\"k" + number +
            R"(":true}})"
            "\n";
  }
  const size_t before = allocations;
  inference.Add(text);
  return allocations - before;
}

TEST(InferenceAllocation, NonePerEvent) {
  inference::Inference inference;
  AllocationsFor(inference, 20'000);
  AllocationsFor(inference, 10);
  EXPECT_EQ(AllocationsFor(inference, 20'000), 0u);
  EXPECT_EQ(inference.invalid(), 0u);
}

}  // namespace
}  // namespace datahub::contract
