// What checking events against one schema costs, on one core, warm: contract_bench schema events spoiled [schema]
//
// Prints one JSON object; times are nanoseconds of this thread's CPU an event. Events are few and looked at again and again, as the
// peers do.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "datahub/base/json.h"
#include "datahub/contract/contract.h"
#include "datahub/contract/verdict/event_judge.h"

namespace datahub {
namespace {

constexpr int kRounds = 20;
constexpr double kRoundSeconds = 0.02;  // at least, of each side

double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string ReadAll(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) std::fprintf(stderr, "cannot read %s\n", path), std::exit(1);
  return text.str();
}

std::shared_ptr<record::Chunk> ChunkOf(const std::string& text) {
  auto chunk = std::make_shared<record::Chunk>();
  chunk->buffer = std::make_shared<record::Buffer>(text.size());
  std::memcpy(chunk->buffer->data(), text.data(), text.size());
  chunk->bytes = {chunk->buffer->data(), text.size()};
  return chunk;
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// How often `pass` has to run to last long enough.
template <class Pass>
int PassesOf(const Pass& pass) {
  for (int passes = 1;; passes *= 2) {
    const double from = Seconds();
    for (int i = 0; i < passes; ++i) pass();
    if (Seconds() - from > kRoundSeconds) return passes;
  }
}

template <class Pass>
double TimeOf(int passes, const Pass& pass) {
  const double from = Seconds();
  for (int i = 0; i < passes; ++i) pass();
  return (Seconds() - from) / passes;
}

template <class Pass>
double MedianTime(const Pass& pass) {
  const int passes = PassesOf(pass);
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) times.push_back(TimeOf(passes, pass));
  return MedianOf(std::move(times));
}

struct Pair {
  double with = 0;
  double difference = 0;  // median of the rounds' differences
};

// Two passes taking turns.
template <class With, class Without>
Pair Differences(const With& with, const Without& without) {
  const int passes = PassesOf(with);
  std::vector<double> all;
  std::vector<double> differences;
  for (int round = 0; round < kRounds; ++round) {
    const double mine = TimeOf(passes, with);
    all.push_back(mine);
    differences.push_back(mine - TimeOf(passes, without));
  }
  return {MedianOf(std::move(all)), MedianOf(std::move(differences))};
}

std::shared_ptr<const contract::SchemaSet> Compile(const std::string& schema) {
  std::vector<contract::CompileError> errors;
  auto set = contract::SchemaSet::Compile(schema, {}, &errors);
  for (const contract::CompileError& error : errors) fmt::print(stderr, "{}: {}\n", error.pointer, error.message);
  if (set == nullptr) std::exit(1);
  return set;
}

std::vector<std::string_view> LinesOf(const record::Chunk& chunk) {
  std::vector<std::string_view> lines;
  contract::RecordCursor cursor(chunk);
  for (contract::RawRecord record; cursor.Next(&record);) lines.push_back(record.view());
  return lines;
}

// Parsed by the peer's library alone, into its tree.
double TreeTime(const std::vector<std::string_view>& lines) {
  simdjson::dom::parser parser;
  size_t failed = 0;
  std::vector<simdjson::padded_string> padded;
  for (const std::string_view line : lines) padded.emplace_back(line);
  const double time = MedianTime([&] {
    for (const auto& line : padded) failed += parser.parse(line).error() != simdjson::SUCCESS;
  });
  if (failed > 0) std::exit(1);
  return time;
}

}  // namespace
}  // namespace datahub

int main(int argc, char** argv) {
  using namespace datahub;
  if (argc < 4) return 2;
  const std::string schema = ReadAll(argv[1]);
  const auto valid_events = ChunkOf(ReadAll(argv[2]));
  const auto spoiled_events = ChunkOf(ReadAll(argv[3]));
  const auto set = Compile(schema);
  contract::EventJudge judge(MakeCheckPlan(set, false));
  contract::EventJudge bare(MakeCheckPlan(set, false, contract::Asserting::kNothing));

  std::vector<bool> verdicts;
  judge.Judge(*spoiled_events, &verdicts);
  const std::vector<bool> spoiled = verdicts;
  judge.Judge(*valid_events, &verdicts);
  const auto events = static_cast<double>(verdicts.size());
  const auto lines = LinesOf(*valid_events);

  const Pair checks =
      Differences([&] { judge.Judge(*valid_events, &verdicts); }, [&] { bare.Judge(*valid_events, &verdicts); });
  // What is refused, each beside what it was before it was spoiled: the verdict, and every reason.
  const auto bad_lines = LinesOf(*spoiled_events);
  std::string refused;
  std::string accepted;
  std::vector<std::string_view> refused_lines;
  for (size_t i = 0; i < bad_lines.size(); ++i) {
    if (spoiled[i]) continue;
    refused.append(bad_lines[i]).append("\n");
    accepted.append(lines[i]).append("\n");
    refused_lines.push_back(bad_lines[i]);
  }
  const auto refused_chunk = ChunkOf(refused);
  const auto accepted_chunk = ChunkOf(accepted);
  const auto refused_events = static_cast<double>(refused_lines.size());
  const Pair invalid =
      Differences([&] { judge.Judge(*refused_chunk, &verdicts); }, [&] { judge.Judge(*accepted_chunk, &verdicts); });
  size_t reasons = 0;
  const double explained = MedianTime([&] {
    judge.Judge(*refused_chunk, &verdicts);
    for (const std::string_view line : refused_lines) reasons += judge.Explain(line).size();
  });

  std::vector<double> compiles;
  for (int round = 0; round < kRounds; ++round) {
    compiles.push_back(TimeOf(1, [&] { MakeCheckPlan(Compile(schema), false); }));
  }
  const auto ns = [](double seconds, double count) { return seconds * 1e9 / count; };
  json::Writer out;
  out.BeginObject().Key("events").Number(uint64_t{lines.size()}).Key("bytes").Number(valid_events->bytes.size());
  out.Key("valid").Number(static_cast<uint64_t>(std::count(spoiled.begin(), spoiled.end(), true)));
  judge.Judge(*valid_events, &verdicts);
  out.Key("valid_of_good").Number(static_cast<uint64_t>(std::count(verdicts.begin(), verdicts.end(), true)));
  out.Key("judge_ns").Number(ns(checks.with, events)).Key("checks_ns").Number(ns(checks.difference, events));
  out.Key("tree_ns").Number(ns(TreeTime(lines), events));
  out.Key("refused_ns").Number(ns(invalid.with, refused_events));
  out.Key("before_refused_ns").Number(ns(invalid.with - invalid.difference, refused_events));
  out.Key("explained_ns").Number(ns(explained, refused_events));
  out.Key("compile_us").Number(MedianOf(compiles) * 1e6);
  if (argc > 4) {
    // The second schema: the same columns, nothing asserted.
    std::vector<contract::CompileError> errors;
    contract::Walker walker(contract::Contract::Compile(schema, {.name = "bench"}, &errors));
    contract::Walker unchecked(contract::Contract::Compile(ReadAll(argv[4]), {.name = "bench"}, &errors));
    const auto walk = [&](contract::Walker& by) {
      contract::WalkResult walked = by.Walk(valid_events);
      for (; walked.more; walked = by.Next()) by.Recycle(std::move(walked.accepted));
      by.Recycle(std::move(walked.accepted));
    };
    const Pair columns = Differences([&] { walk(walker); }, [&] { walk(unchecked); });
    out.Key("columns_ns")
        .Number(ns(columns.with, events))
        .Key("columns_checks_ns")
        .Number(ns(columns.difference, events));
  }
  out.EndObject();
  fmt::print("{}\n", out.text());
  return 0;
}
