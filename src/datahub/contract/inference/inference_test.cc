// What is proposed: it accepts every event it was made of, says what it was concluded from, and stays within its limits.
#include "datahub/contract/inference/inference.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "datahub/contract/inference/proposal.h"
#include "datahub/contract/inference/random_events.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract::inference {
namespace {

using namespace std::string_view_literals;

std::string Joined(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& event : events) text += event + "\n";
  return text;
}

Proposal ProposalOf(const std::string& lines) {
  Inference inference;
  inference.Add(lines);
  return Propose(std::move(inference));
}

Proposal ProposalOf(const std::vector<std::string>& events) { return ProposalOf(Joined(events)); }

// It compiles as a pipeline would have it, and each of the events is accepted on both ways.
void ExpectAccepts(const std::string& schema, const std::vector<std::string>& events) {
  std::vector<CompileError> errors;
  const auto contract = Contract::Compile(schema, {.name = "proposal"}, &errors);
  for (const CompileError& error : errors) ADD_FAILURE() << error.pointer << ": " << error.message << "\n" << schema;
  if (contract == nullptr) return;
  json::Document document;
  ValidateOptions options;
  options.strict = true;
  for (const std::string& event : events) {
    const auto value = document.Parse(event);
    ASSERT_TRUE(value) << event;
    std::vector<Reason> reasons;
    EXPECT_TRUE(Validate(contract->schemas().root(), **value, options, &reasons))
        << event << "\n"
        << (reasons.empty() ? "" : reasons[0].keyword + ": " + reasons[0].message) << "\n"
        << schema;
  }
  for (const Walker::Way way : {Walker::Way::kFast, Walker::Way::kExhaustive}) {
    const WalkResult walked = Walker(contract, way).Walk(ChunkOf(Joined(events)));
    EXPECT_EQ(walked.records, events.size());
    EXPECT_EQ(Dump(walked.rejected), "") << schema;
    if (::testing::Test::HasFailure()) return;
  }
}

bool Says(const Proposal& proposal, std::string_view text) { return proposal.schema.find(text) != std::string::npos; }

constexpr const char* kReadable = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$comment": "100 events",
  "properties": {
    "id": {"type": "string", "format": "uuid", "$comment": "100 of 100 objects; length 36; 100 distinct (estimated)"},
    "at": {"type": "string", "format": "date-time", "$comment": "100 of 100 objects; length 20; 59 distinct (estimated)"},
    "kind": {"type": "string", "enum": ["closed", "open"], "$comment": "100 of 100 objects; lengths 4 to 6; closed 75, open 25"},
    "age": {"type": ["integer", "null"], "minimum": 0, "$comment": "100 of 100 objects; null in 10; 21 to 119; 88 distinct (estimated)"},
    "note": {"type": "string", "$comment": "99 of 100 objects (99.0 %); length 1; 1 distinct"},
    "address": {
      "type": "object",
      "$comment": "100 of 100 objects",
      "properties": {
        "City": {"type": "string", "$comment": "100 of 100 objects; length 6; 1 distinct"},
        "score": {"type": "number", "$comment": "100 of 100 objects; -9.5 to 89.5; 100 distinct (estimated); 99 with a point or an exponent"},
        "tags": {
          "type": "array",
          "$comment": "100 of 100 objects; 1 item",
          "items": {"type": "string", "$comment": "100 items; lengths 2 to 3; 96 distinct (estimated)"}
        }
      },
      "required": ["City", "score", "tags"]
    }
  },
  "required": ["id", "at", "kind", "age", "address"]
}
)json";

TEST(Inference, ReadsWell) {
  std::vector<std::string> events;
  for (int i = 0; i < 100; ++i) {
    events.push_back(
        fmt::format(R"({{"id":"3e628a05-7a4a-4bf3-8770-{:012}","at":"2026-01-02T03:04:{:02}Z","kind":"{}","age":{},{})"
                    R"("address":{{"City":"Bergen","score":{},"tags":["a{}"]}}}})",
                    i, i % 60, i % 4 == 0 ? "open" : "closed", i % 10 == 0 ? "null" : std::to_string(20 + i),
                    i < 99 ? R"("note":"x",)" : "", i == 0 ? "1" : fmt::format("{}.5", i - 10), i));
  }
  EXPECT_EQ(ProposalOf(events).schema, kReadable);
}

TEST(Inference, FormatsWantEveryStringAndEnough) {
  const auto with = [](const std::string& text, int times, const std::string& then = "") {
    std::vector<std::string> events(static_cast<size_t>(times), "{\"a\":\"" + text + "\"}");
    if (!then.empty()) events.push_back("{\"a\":\"" + then + "\"}");
    return ProposalOf(events);
  };
  EXPECT_TRUE(Says(with("2026-01-02T03:04:05+01:00", 3), R"("format": "date-time")"));
  EXPECT_FALSE(Says(with("2026-01-02T03:04:05+01:00", 2), "format"));
  EXPECT_FALSE(Says(with("2026-01-02T03:04:05", 30), "format")) << "an offset is required";
  EXPECT_FALSE(Says(with("2026-01-02", 30, "2026-02-30"), "format"));
  EXPECT_TRUE(Says(with("2026-01-02", 30, "2026-02-28"), R"("format": "date")"));
  EXPECT_TRUE(Says(with("10.0.0.1", 20), R"("format": "ipv4")"));
  EXPECT_FALSE(Says(with("10.0.0.1", 19), "format"));
  EXPECT_FALSE(Says(with("10.0.0.1", 50, "10.0.0.256"), "format"));
  EXPECT_TRUE(Says(with("https://example.com/a", 20), R"("format": "uri")"));
  EXPECT_TRUE(Says(with("a@example.com", 20), R"("format": "email")"));
  EXPECT_FALSE(Says(with("a@example.com", 20, "nobody"), "format"));
}

TEST(Inference, EnumsWantFewValuesOftenRepeated) {
  const auto with = [](int values, int each, const std::string& then = "") {
    std::vector<std::string> events;
    for (int i = 0; i < values * each; ++i) events.push_back(fmt::format(R"({{"a":"v{}"}})", i % values));
    if (!then.empty()) events.push_back("{\"a\":" + then + "}");
    return ProposalOf(events);
  };
  EXPECT_TRUE(Says(with(2, 20), R"("enum": ["v0", "v1"])"));
  EXPECT_FALSE(Says(with(2, 19), "enum"));
  EXPECT_FALSE(Says(with(1, 100), "enum")) << "one value tells nothing";
  EXPECT_TRUE(Says(with(16, 20), "enum"));
  EXPECT_FALSE(Says(with(17, 100), "enum"));
  EXPECT_FALSE(Says(with(2, 100, R"("rare")"), "enum")) << "there may be more of the rare";
  EXPECT_FALSE(Says(with(2, 100, "\"" + std::string(65, 'x') + "\""), "enum"));
  const Proposal nullable = with(2, 20, "null");
  EXPECT_TRUE(Says(nullable, R"("type": ["string", "null"], "enum": ["v0", "v1", null])")) << nullable.schema;
}

TEST(Inference, NumbersAreWhatAColumnHolds) {
  const auto with = [](const std::vector<std::string>& literals) {
    std::vector<std::string> events;
    for (const std::string& literal : literals) events.push_back("{\"a\":" + literal + "}");
    const Proposal proposal = ProposalOf(events);
    ExpectAccepts(proposal.schema, events);
    return proposal;
  };
  EXPECT_TRUE(Says(with({"1", "1.0", "1e2", "-0", "9223372036854775807"}), R"("a": {"type": "integer", "$comment")"));
  EXPECT_TRUE(Says(with({"1", "0.5"}), R"("type": "number")"));
  EXPECT_TRUE(Says(with({"9223372036854775808"}), R"("type": "number")")) << "2^63 is a double";
  EXPECT_FALSE(Says(with({"9223372036854775809"}), R"("a": {"type")"));
  EXPECT_FALSE(Says(with({"9007199254740993", "0.5"}), R"("a": {"type")")) << "2^53 + 1 is none";
  EXPECT_FALSE(Says(with({"1e400"}), R"("a": {"type")"));
  EXPECT_TRUE(Says(with({"9007199254740993", "5"}), R"("type": "integer")"));
  EXPECT_FALSE(Says(with({"9007199254740993.0", "0.5"}), R"("a": {"type")")) << "however it is spelled";
  EXPECT_FALSE(Says(with({"-1e-400", "1.5"}), R"("a": {"type")")) << "it would be 0";
  EXPECT_TRUE(Says(with({"-5e-324", "1e23"}), R"("type": "number")"));
  std::vector<std::string> many(20, "0.5");
  EXPECT_TRUE(Says(with(many), R"("minimum": 0)"));
  many.push_back("-5e-324");
  EXPECT_FALSE(Says(with(many), "minimum"));
  EXPECT_FALSE(Says(with(std::vector<std::string>(19, "3")), "minimum"));
}

TEST(Inference, NamesThatNoColumnCanHaveGetAnother) {
  const std::vector<std::string> events = {
      R"({"id":1,"ID":2,"a b":3,"a.b":4,"a_b":5,"":6,"dh_x":7,"q\"":8,"\u0001":9,"日本":10})"};
  const Proposal proposal = ProposalOf(events);
  ExpectAccepts(proposal.schema, events);
  for (const char* name : {"ID_2", "a_b_2", "a_b_3", "unnamed", "x_dh_x", "q_", "_"}) {
    EXPECT_TRUE(Says(proposal, fmt::format(R"("x-datahub-column": {{"name": "{}"}})", name))) << proposal.schema;
  }
}

TEST(Inference, ObjectsUsedAsMaps) {
  std::vector<std::string> thin;
  for (int i = 0; i < 300; ++i)
    thin.push_back(fmt::format(R"({{"m":{{"user{}":{{"n":{}}},"user{}":{{}}}}}})", i, i, i + 1));
  const Proposal map = ProposalOf(thin);
  EXPECT_TRUE(Says(map, "a map: 2 keys each, 297 distinct (estimated)")) << map.schema.substr(0, 500);
  EXPECT_FALSE(Says(map, "user7"));
  ExpectAccepts(map.schema, thin);

  std::vector<std::string> full(3);
  for (std::string& event : full) {
    event = "{";
    for (int i = 0; i < 500; ++i) event += fmt::format("{}\"column{}\":{}", i == 0 ? "" : ",", i, i);
    event += "}";
  }
  const Proposal wide = ProposalOf(full);
  EXPECT_TRUE(Says(wide, "\"column499\"")) << "a wide object, each key in each";
  ExpectAccepts(wide.schema, full);

  const std::vector<std::string> ids = {
      R"({"m":{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"2026-01-01":null,"3e628a05-7a4a-4bf3-8770-084c11601a12":9}})"};
  EXPECT_TRUE(Says(ProposalOf(ids), "a map: 9 keys each"));
  ExpectAccepts(ProposalOf(ids).schema, ids);
}

TEST(Inference, AMapMergesWithFewKeys) {
  const auto event = [](int first, int count) {
    std::string keys;
    for (int i = first; i < first + count; ++i) keys += fmt::format("{}\"k{}\":{}", keys.empty() ? "" : ",", i, i);
    return "{\"m\":{" + keys + "}}\n";
  };
  // Alone neither may be a map, one of them, or both; more keys than have places make one.
  for (const auto& [left, right] :
       {std::pair(600, 600), std::pair(1100, 3), std::pair(3, 1100), std::pair(1100, 1200)}) {
    SCOPED_TRACE(fmt::format("{} and {}", left, right));
    Inference one;
    one.Add(event(0, left));
    Inference two;
    two.Add(event(5000, right));
    one.Merge(std::move(two));
    Inference whole;
    whole.Add(event(0, left) + event(5000, right));
    EXPECT_TRUE(whole.root().objects->members[0]->evidence->objects->is_map);
    EXPECT_EQ(Propose(std::move(one)).evidence, Propose(std::move(whole)).evidence);
  }
}

TEST(Inference, ARepeatedKeyOfAMapIsInvalid) {
  std::string wide = "{\"m\":{";
  for (int i = 0; i < 1100; ++i) wide += fmt::format("{}\"k{}\":{}", i == 0 ? "" : ",", i, i);
  for (const char* keys :
       {R"("a":1,"a":2)", R"("k1":1,"b":2,"k1":3)", R"("a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"d":1)"}) {
    Inference inference;
    inference.Add(wide + "}}\n{\"m\":{" + keys + "}}\n{\"m\":{\"a\":1,\"b\":2}}\n");
    EXPECT_EQ(inference.events(), 2u);
    EXPECT_EQ(inference.invalid(), 1u);
  }
}

TEST(Inference, AMillionKeysAreAMapInBoundedMemory) {
  constexpr int kKeys = 1'000'000;
  std::string event = "{\"m\":{";
  for (int i = 0; i < kKeys; ++i) event += fmt::format("{}\"key {}\":{}", i == 0 ? "" : ",", i, i % 7);
  event += "}}";
  Inference inference;
  inference.Add(event);
  const Objects& root = *inference.root().objects;
  const Objects& map = *root.members[0]->evidence->objects;
  EXPECT_TRUE(map.is_map);
  EXPECT_TRUE(map.members.empty());
  EXPECT_EQ(map.keys, static_cast<uint64_t>(kKeys));
  EXPECT_NEAR(static_cast<double>(map.distinct.Estimate()), kKeys, 0.15 * kKeys);
  const Proposal proposal = Propose(std::move(inference));
  EXPECT_TRUE(Says(proposal, R"("additionalProperties": {"type": "integer")"));
  EXPECT_LT(proposal.schema.size() + proposal.evidence.size(), 4096u);
  std::vector<CompileError> errors;
  EXPECT_TRUE(Contract::Compile(proposal.schema, {.name = "proposal"}, &errors));
}

// Objects of which each has keys of its own: more places than there may be.
std::vector<std::string> ManyPlaces(int objects, int first) {
  std::vector<std::string> events;
  for (int i = 0; i < objects; ++i) {
    std::string event = fmt::format("{{\"o{}\":{{", first + i);
    for (int k = 0; k < 100; ++k) {
      event += k % 2 == 0 ? fmt::format("{}\"k{}\":{}", k == 0 ? "" : ",", k, k) : fmt::format(",\"k{}\":\"s\"", k);
    }
    events.push_back(event + "},\"list\":[[1]]}");
  }
  return events;
}

TEST(Inference, PlacesAreLimitedAndAllIsAcceptedStill) {
  const std::vector<std::string> events = ManyPlaces(120, 0);
  Inference inference;
  inference.Add(Joined(events));
  EXPECT_TRUE(inference.reached_places_max());
  const Proposal proposal = Propose(std::move(inference));
  EXPECT_TRUE(Says(proposal, "not looked into: more than 8,192 places"));
  EXPECT_TRUE(Says(proposal, "\"k99\"")) << proposal.schema.substr(0, 1000);
  EXPECT_TRUE(Says(proposal, R"("o119": {)"));
  ExpectAccepts(proposal.schema, events);

  // One event of more than that, before a member of the root that is met later.
  std::string event = "{\"large\":{";
  for (int i = 0; i < 200; ++i) {
    event += fmt::format("{}\"o{}\":{{", i == 0 ? "" : ",", i);
    for (int k = 0; k < 200; ++k) event += fmt::format("{}\"k{}\":{}", k == 0 ? "" : ",", k, k);
    event += "}";
  }
  event += "},\"small\":{\"x\":1}}";
  const Proposal small = ProposalOf(event);
  EXPECT_TRUE(Says(small, "\"x\": {\"type\": \"integer\"")) << small.schema.substr(0, 1000);
  ExpectAccepts(small.schema, {event});

  const std::vector<std::string> others = ManyPlaces(60, 60);
  std::vector<std::string> both = ManyPlaces(60, 0);
  Inference one;
  one.Add(Joined(both));
  Inference two;
  two.Add(Joined(others));
  EXPECT_FALSE(one.reached_places_max() || two.reached_places_max());
  one.Merge(std::move(two));
  EXPECT_TRUE(one.reached_places_max());
  both.insert(both.end(), others.begin(), others.end());
  ExpectAccepts(Propose(std::move(one)).schema, both);
}

TEST(Inference, WhatLiesDeepIsNotLookedInto) {
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"d\":", "}")}) {
    std::string event;
    for (int i = 0; i < 500; ++i) event += open;
    event += "1";
    for (int i = 0; i < 500; ++i) event += close;
    const Proposal proposal = ProposalOf(std::vector<std::string>{event});
    EXPECT_TRUE(Says(proposal, "not looked into: 32 deep"));
    ExpectAccepts(proposal.schema, {event});
  }
}

TEST(Inference, InvalidLinesAreCountedAndTheFirstNamed) {
  Inference inference;
  inference.BeginInput("a");
  inference.Add("{\"a\":1}\n\n{\"a\"\r\n{\"a\":2}\r\n \t\n{\"b\":1,\"b\":1}\n");
  inference.BeginInput("b");
  inference.Add("{\"a\":\"\\ud800\"}\n");
  inference.AddInvalid("too long");
  inference.Add("{\"a\":1}\ntru\n\xff\n\"");
  EXPECT_EQ(inference.events(), 3u);
  EXPECT_EQ(inference.invalid(), 7u);
  std::string named;
  for (const InvalidLine& line : inference.invalid_lines()) named += fmt::format("{}:{} ", line.input, line.line);
  EXPECT_EQ(named, "a:3 a:6 b:1 b:2 b:4 ");
  const Proposal proposal = Propose(std::move(inference));
  EXPECT_FALSE(Says(proposal, "\"b\"")) << "nothing is concluded from a line that is not JSON";
  EXPECT_TRUE(Says(proposal, R"("a": {"type": "integer", "$comment": "3 of 3 objects; 1 to 2; 2 distinct"})"));
}

TEST(Inference, AcceptsEveryEventAndAnySplitMergesToTheSame) {
  const uint64_t seed = SeedOfRun();
  constexpr uint64_t kSets = 120;
  uint64_t compared = 0;
  for (uint64_t set = 0; set < kSets && !HasFailure(); ++set) {
    SCOPED_TRACE(fmt::format("set {}", set));
    RandomEvents random(seed + set);
    std::vector<std::string> events;
    for (uint64_t n = 1 + random.Below(150); n > 0; --n) events.push_back(random.Next());
    Inference one;
    one.Add(Joined(events));
    bool reached = one.reached_places_max();
    const Proposal whole = Propose(std::move(one));
    ExpectAccepts(whole.schema, events);

    // Shared out at random, and merged in any order.
    std::vector<std::unique_ptr<Inference>> parts(2 + random.Below(4));
    for (auto& part : parts) part = std::make_unique<Inference>();
    for (const std::string& event : events) parts[random.Below(parts.size())]->Add(event + "\n");
    while (parts.size() > 1) {
      const std::unique_ptr<Inference> last = std::move(parts.back());
      parts.pop_back();
      parts[random.Below(parts.size())]->Merge(std::move(*last));
    }
    reached |= parts[0]->reached_places_max();
    const Proposal merged = Propose(std::move(*parts[0]));
    ExpectAccepts(merged.schema, events);
    if (reached) continue;  // the one limit where it matters what came first
    ++compared;
    EXPECT_EQ(merged.schema, whole.schema);
    EXPECT_EQ(merged.evidence, whole.evidence);

    // One by one: every event is parsed, none walked.
    Inference parsed;
    for (const std::string& event : events) {
      Inference single;
      single.Add(event + "\n");
      parsed.Merge(std::move(single));
    }
    EXPECT_EQ(Propose(std::move(parsed)).evidence, whole.evidence);
  }
  EXPECT_GT(compared, kSets / 2);
}

void Mutate(std::string& line, RandomEvents& random) {
  constexpr std::string_view kBytes = "\"\\{}[]:,0-.eE \t\r\x00\x01\x0c\x1a\x7f\x80\xc3\xff/u1a"sv;
  static const char* const kPieces[] = {"1e",
                                        "01",
                                        "\"\\ud83d\"",
                                        "\"\\ud83d\\ude00\"",
                                        "nul",
                                        "true",
                                        "{\"id\":1,\"id\":1}",
                                        "\xed\xa0\x80",
                                        "\xc0\x80",
                                        "[",
                                        "}",
                                        "\"\\x\"",
                                        ",",
                                        "\"",
                                        ":null",
                                        "-"};
  const size_t at = random.Below(line.size());
  switch (random.Below(6)) {
    case 0:
      line[at] = kBytes[random.Below(kBytes.size())];
      break;
    case 1:
      line.insert(at, 1, kBytes[random.Below(kBytes.size())]);
      break;
    case 2:
      line.erase(at, 1 + random.Below(3));
      break;
    case 3:
      line.insert(at, kPieces[random.Below(std::size(kPieces))]);
      break;
    case 4:
      line.resize(at);
      break;
    default:
      // An object's first key, again.
      if (const size_t object = line.find("{\"", at); object != line.npos) {
        const size_t end = line.find('"', object + 2);
        if (end != line.npos) line.insert(object + 1, line.substr(object + 1, end - object) + ":null,");
      }
      break;
  }
}

TEST(Inference, ALineIsInvalidWhereTheParserSaysSo) {
  const uint64_t seed = SeedOfRun();
  json::Document document;
  for (uint64_t set = 0; set < 40 && !HasFailure(); ++set) {
    RandomEvents random(seed + set);
    // It knows the places, so that lines are walked.
    Inference one_by_one;
    Inference at_once;
    std::string text;
    for (int i = 0; i < 50; ++i) text += random.Next() + "\n";
    one_by_one.Add(text);
    std::vector<std::string> good;
    uint64_t bad = 0;
    std::string mutated;
    for (int i = 0; i < 300; ++i) {
      std::string line = random.Next();
      for (uint64_t n = random.Below(3); n > 0 && !line.empty(); --n) Mutate(line, random);
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      const bool is_json = document.Parse(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line).has_value();
      const uint64_t before = one_by_one.invalid();
      one_by_one.Add(line);
      EXPECT_EQ(one_by_one.invalid() == before, is_json) << line;
      mutated += line + "\n";
      bad += !is_json;
      if (is_json) good.push_back(line);
    }
    at_once.Add(text + mutated);
    EXPECT_EQ(at_once.invalid(), bad);
    EXPECT_EQ(at_once.events(), 50 + good.size());
    // The bad ones left nothing behind.
    Inference only_good;
    only_good.Add(text + Joined(good));
    EXPECT_EQ(Propose(std::move(at_once)).schema, Propose(std::move(only_good)).schema);
  }
}

}  // namespace
}  // namespace datahub::contract::inference
