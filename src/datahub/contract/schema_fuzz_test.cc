// A second of mutated contracts through the loader, and what loads through validation: nothing may crash or hang, verdicts
// must agree with their reasons, and errors must name a place.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "datahub/contract/schema.h"
#include "datahub/contract/validate.h"

namespace datahub::contract {
namespace {

const std::vector<std::string>& Contracts() {
  static const std::vector<std::string> contracts = {
      R"({"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://example.com/root.json","type":"object","required":["a","b"],
          "properties":{"a":{"$id":"#/properties/a","type":["string","null"],"minLength":1,"pattern":"^[a-z\\d]+$"},
          "b":{"type":"integer","minimum":0,"multipleOf":0.5},"c":{"format":"date-time"}},"dependencies":{"a":["b"],"c":{"required":["b"]}},
          "items":[{"type":"number"}],"additionalItems":false,"additionalProperties":{"$ref":"#/definitions/x"},
          "definitions":{"x":{"oneOf":[{"const":1},{"enum":[1.0,"x",null]}],"not":{"type":"array"}}}})",
      R"({"$ref":"#/$defs/node","$defs":{"node":{"anyOf":[{"type":"null"},{"type":"object","properties":{"c":{"$ref":"#/$defs/node"}},
          "patternProperties":{"^x":{"maximum":1e400}},"unevaluatedProperties":false}]}},"dependentRequired":{"a":["b"]},
          "dependentSchemas":{"a":{"minProperties":2}},"propertyNames":{"maxLength":3}})",
      R"({"prefixItems":[{"$anchor":"p","type":"string","format":"hostname"}],"items":{"$ref":"#p"},"contains":{"const":"x"},"minContains":1,
          "maxContains":2,"uniqueItems":true,"unevaluatedItems":false,"if":{"minItems":2},"then":{"maxItems":3},"else":true,
          "allOf":[{"type":"array"}]})"};
  return contracts;
}

const std::vector<std::string>& Events() {
  static const std::vector<std::string> events = {R"({"a":"x1","b":2,"c":"2024-01-01T00:00:00Z"})",
                                                  R"({"a":1,"b":-0.3,"z":null})",
                                                  R"({"c":{"c":{"c":null,"x":5},"y":1}})",
                                                  R"(["x","y","x",1,[1],[1.0]])",
                                                  "1",
                                                  "null"};
  return events;
}

std::string Mutated(std::mt19937_64& random) {
  static constexpr std::string_view kPieces[] = {"true",
                                                 "false",
                                                 "{}",
                                                 "[]",
                                                 "1",
                                                 "-1",
                                                 "1e400",
                                                 "\"#\"",
                                                 "\"#/$defs/node\"",
                                                 "\"string\"",
                                                 "\"\"",
                                                 "null",
                                                 "{\"$ref\":\"#\"}",
                                                 "\"(\"",
                                                 "\"[^]\\\\d+$\"",
                                                 "\"urn:x\"",
                                                 "0.1"};
  const auto pick = [&](size_t below) { return static_cast<size_t>(random() % below); };
  std::string text = Contracts()[pick(Contracts().size())];
  for (size_t edits = 1 + pick(3); edits > 0; --edits) {
    const size_t at = pick(text.size());
    if (pick(3) == 0) {
      text[at] = static_cast<char>(pick(2) == 0 ? random() : "{}[]\",:#$/"[pick(10)]);
      continue;
    }
    // Another value in the place of one: most of these are still JSON.
    const size_t colon = text.find(':', at);
    if (colon == std::string::npos) continue;
    json::Document document;
    size_t end = colon + 1;
    while (end < text.size() && !document.Parse(std::string_view(text).substr(colon + 1, end - colon))) ++end;
    const std::string other =
        pick(2) == 0 ? std::string(kPieces[pick(std::size(kPieces))]) : Contracts()[pick(Contracts().size())];
    if (end < text.size()) text.replace(colon + 1, end - colon, other);
  }
  return text;
}

void TryContract(const std::string& text, size_t& loaded) {
  std::vector<CompileError> errors;
  const auto set = SchemaSet::Compile(text, {}, &errors);
  ASSERT_EQ(set == nullptr, !errors.empty());
  for (const CompileError& error : errors) {
    ASSERT_LE(error.offset, text.size());
    ASSERT_TRUE(error.pointer.starts_with('#')) << error.pointer;
    ASSERT_NE(error.message, "");
  }
  if (set == nullptr) return;
  ++loaded;
  for (const std::string& event : Events()) {
    json::Document document;
    const json::Value& value = **document.Parse(event);
    for (const bool strict : {false, true}) {
      std::vector<Reason> reasons;
      const bool valid = Validate(set->root(), value, {.strict = strict, .instance_prefix = ""}, &reasons);
      const bool alone =
          Validate(set->root(), value, {.strict = strict, .reasons_max = 0, .instance_prefix = ""}, nullptr);
      ASSERT_EQ(valid, reasons.empty()) << event;
      ASSERT_EQ(valid, alone) << event;
      ASSERT_LE(reasons.size(), kReasonsMax);
    }
  }
}

TEST(SchemaFuzz, MutatedContracts) {
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  size_t loaded = 0;
  for (const std::string& text : Contracts()) TryContract(text, loaded);
  EXPECT_EQ(loaded, Contracts().size());
  size_t contracts = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < end && !HasFailure()) {
    const std::string text = Mutated(random);
    TryContract(text, loaded);
    ++contracts;
    if (HasFailure()) std::printf("contract: %s\n", text.c_str());
  }
  std::printf("%zu contracts, %zu of them loaded\n", contracts, loaded);
  EXPECT_GT(loaded, Contracts().size());
}

}  // namespace
}  // namespace datahub::contract
