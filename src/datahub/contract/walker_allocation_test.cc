// A program of its own, because it counts every allocation: in steady state an event costs none.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "datahub/contract/inference/inference.h"
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
  EXPECT_EQ(many, few);
  EXPECT_LE(many, 4u);
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
