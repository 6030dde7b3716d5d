// Made-up contracts of every dialect against made-up events: the fast walk and the exhaustive way accept and reject alike,
// for the same reasons, into the same columns; and a verdict is the same with reasons, without, and by tokens.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "datahub/contract/event_mutator.h"
#include "datahub/contract/random_event.h"
#include "datahub/contract/random_schema.h"
#include "datahub/contract/verdict/event_judge.h"
#include "datahub/contract/walker_fixture.h"

namespace datahub::contract {
namespace {

constexpr size_t kEventsEach = 60;
constexpr double kSecondsDefault = 6;

struct WayCounts {
  size_t schemas = 0;
  size_t compiled = 0;
  size_t walkable = 0;  // contracts of which an event was walked fast
  size_t events = 0;
  size_t accepted = 0;
  size_t fast = 0;
};

// One contract and its events, all from one seed.
class Attack {
 public:
  Attack(Dialect dialect, uint64_t seed)
      : random_(seed), schema_(RandomSchema(dialect, random_()).Make()), options_{.name = "t"} {
    options_.strict = random_() % 2 == 0;
    options_.reject_excess_digits = random_() % 4 == 0;
    options_.schema.format_asserts = random_() % 8 != 0;
  }

  void Run(WayCounts& counts) {
    SCOPED_TRACE("strict " + std::to_string(options_.strict) + ", schema " + schema_);
    ++counts.schemas;
    std::vector<CompileError> errors;
    contract_ = Contract::Compile(schema_, options_, &errors);
    ASSERT_EQ(contract_ == nullptr, !errors.empty());
    for (const CompileError& error : errors) last_error = error.pointer + ": " + error.message;
    if (contract_ == nullptr) return;
    ++counts.compiled;
    MakeEvents();
    std::string lines;
    for (const std::string& event : events_) lines += event + "\n";
    if (!Agree(lines, &counts)) {
      for (const std::string& event : events_) {
        if (!Agree(event + "\n", nullptr)) {
          ADD_FAILURE() << "the ways differ on " << event << "\n" << difference_;
          return;
        }
      }
      ADD_FAILURE() << "the ways differ on all events together\n" << difference_;
      return;
    }
    for (const std::string& event : events_) Verdicts(event);
    for (const bool strict : {options_.strict, false}) ByTokens(lines, strict);
  }

  std::string last_error;

 private:
  void MakeEvents() {
    json::Document document;
    const auto parsed = document.Parse(schema_);
    ASSERT_TRUE(parsed) << parsed.error().message;
    RandomEvent random_event(**parsed, random_());
    EventMutator mutator(random_());
    for (size_t i = 0; i < kEventsEach; ++i) {
      std::string event = random_event.Make();
      if (i % 3 == 0) event = mutator.Mutate(std::move(event));
      std::erase(event, '\n');
      // A record is what stands between the blanks of its line.
      const size_t begin = std::min(event.find_first_not_of(" \t\r"), event.size());
      const size_t end = event.find_last_not_of(" \t\r") + 1;
      events_.push_back(event.substr(begin, std::max(begin, end) - begin));
    }
  }

  // Both ways on the same lines. What differs is in difference_.
  bool Agree(const std::string& lines, WayCounts* counts) {
    Walker fast(contract_, Walker::Way::kFast);
    Walker exhaustive(contract_, Walker::Way::kExhaustive);
    const auto chunk = ChunkOf(lines);
    const WalkResult a = fast.Walk(chunk);
    const WalkResult b = exhaustive.Walk(chunk);
    difference_.clear();
    const auto compare = [&](const char* what, const std::string& one, const std::string& other) {
      if (one != other) difference_ += std::string(what) + "\n  fast:       " + one + "\n  exhaustive: " + other + "\n";
    };
    compare("records", std::to_string(a.records), std::to_string(b.records));
    compare("rejected", Dump(a.rejected), Dump(b.rejected));
    compare("columns", Dump(*a.accepted), Dump(*b.accepted));
    if (counts != nullptr) {
      counts->events += a.records;
      counts->accepted += a.accepted->rows;
      counts->fast += a.walked_fast;
      counts->walkable += a.walked_fast > 0;
      rejected_.clear();
      for (const Rejected& rejected : b.rejected) {
        bool lands = true;  // the schema accepts it: the table cannot hold it
        for (const Reason& reason : rejected.reasons) {
          lands = lands && reason.keyword.starts_with("dh:") && reason.keyword != "dh:strict";
        }
        rejected_.emplace_back(rejected.bytes, lands);
      }
    }
    return difference_.empty();
  }

  // The schema's verdict: with reasons, without, and as the walk decided.
  void Verdicts(const std::string& event) {
    json::Document document;
    const auto parsed = document.Parse(event);
    if (!parsed) return;
    const Schema& root = contract_->schemas().root();
    std::vector<Reason> reasons;
    const bool valid = Validate(root, **parsed, {.strict = options_.strict, .instance_prefix = ""}, &reasons);
    const bool alone =
        Validate(root, **parsed, {.strict = options_.strict, .reasons_max = 0, .instance_prefix = ""}, nullptr);
    EXPECT_EQ(valid, reasons.empty()) << event;
    EXPECT_EQ(valid, alone) << event;
    const auto rejected = std::ranges::find(rejected_, event, &std::pair<std::string, bool>::first);
    if (rejected == rejected_.end()) {
      EXPECT_TRUE(valid) << event << " was accepted";
    } else {
      EXPECT_EQ(valid, rejected->second) << event << " was rejected";
    }
  }

  // Verdicts by tokens against the exhaustive way's.
  void ByTokens(const std::string& lines, bool strict) {
    EventJudge judge(MakeCheckPlan(contract_->shared_schemas(), strict));
    const auto chunk = ChunkOf(lines);
    std::vector<bool> valid;
    judge.Judge(*chunk, &valid);
    RecordCursor cursor(*chunk);
    size_t at = 0;
    for (RawRecord record; cursor.Next(&record); ++at) {
      ASSERT_LT(at, valid.size());
      ASSERT_EQ(valid[at], judge.Explain(record.view()).empty())
          << (strict ? "strict, " : "not strict, ") << record.view();
    }
    EXPECT_EQ(at, valid.size());
  }

  std::mt19937_64 random_;
  const std::string schema_;
  ContractOptions options_;
  std::shared_ptr<const Contract> contract_;
  std::vector<std::string> events_;
  std::vector<std::pair<std::string, bool>> rejected_;
  std::string difference_;
};

double SecondsAsked() {
  const char* const given = std::getenv("DH_FUZZ_SECONDS");
  return given != nullptr ? std::strtod(given, nullptr) : kSecondsDefault;
}

// DH_FUZZ_SEED=n begins with the n-th contract, DH_FUZZ_SECONDS=s goes on for s seconds.
TEST(SchemaDifferential, MadeUpContracts) {
  const char* const given = std::getenv("DH_FUZZ_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(first));
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(SecondsAsked());
  WayCounts of[5];
  uint64_t seed = first;
  for (; std::chrono::steady_clock::now() < end && !HasFailure(); ++seed) {
    const size_t dialect = seed % 5;
    Attack attack(static_cast<Dialect>(dialect), seed);
    attack.Run(of[dialect]);
    if (HasFailure()) std::printf("again with DH_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(seed));
    if (!attack.last_error.empty() && std::getenv("DH_FUZZ_ERRORS")) std::printf("%s\n", attack.last_error.c_str());
  }
  static constexpr const char* kDialectNames[] = {"draft-04", "draft-06", "draft-07", "2019-09", "2020-12"};
  const auto percent = [](size_t part, size_t whole) {
    return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::printf("%-9s %9s %9s %9s %9s %9s %9s\n", "", "schemas", "compiled", "walked", "events", "accepted", "fast");
  for (size_t i = 0; i < 5; ++i) {
    const WayCounts& c = of[i];
    std::printf("%-9s %9zu %8.1f%% %8.1f%% %9zu %8.1f%% %8.1f%%\n", kDialectNames[i], c.schemas,
                percent(c.compiled, c.schemas), percent(c.walkable, c.compiled), c.events,
                percent(c.accepted, c.events), percent(c.fast, c.events));
    if (seed - first < 500) continue;  // one was asked for again
    // A fuzzer that makes nothing that is accepted, or walked fast, proves nothing.
    EXPECT_GT(percent(c.compiled, c.schemas), 60);
    EXPECT_GT(percent(c.accepted, c.events), 20);
    EXPECT_LT(percent(c.accepted, c.events), 80);
    if (static_cast<Dialect>(i) == Dialect::kDraft4) continue;  // the exhaustive way's alone
    EXPECT_GT(percent(c.walkable, c.compiled), 25);
    EXPECT_GT(percent(c.fast, c.events), 8);
  }
}

}  // namespace
}  // namespace datahub::contract
