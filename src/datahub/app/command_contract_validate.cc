// The verb that judges events by any schema.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include <fmt/format.h>

#include "datahub/app/commands.h"
#include "datahub/app/event_lines.h"
#include "datahub/app/exit_code.h"
#include "datahub/app/listing.h"
#include "datahub/app/schema_file.h"
#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/contract/verdict/event_judge.h"

namespace datahub::app {
namespace {

using contract::Asserting;
using contract::EventJudge;

// More is not held in memory for --benchmark.
constexpr size_t kBenchmarkBytesMax = 1u << 30;

void PrintReasons(uint64_t line, const std::vector<contract::Reason>& reasons, bool as_json) {
  if (!as_json) {
    if (reasons.empty()) return;
    fmt::print("line {} is not valid\n", line);
    for (const contract::Reason& reason : reasons) {
      fmt::print("  {}: {} ({})\n", reason.instance.empty() ? "/" : reason.instance, reason.message, reason.keyword);
    }
    return;
  }
  if (reasons.empty()) {
    fmt::print("{{\"line\":{},\"valid\":true,\"reasons\":[]}}\n", line);
    return;
  }
  json::Writer out;
  out.BeginObject().Key("line").Number(line).Key("valid").Bool(false).Key("reasons").BeginArray();
  for (const contract::Reason& reason : reasons) {
    out.BeginObject().Key("instance").String(reason.instance).Key("keyword").String(reason.keyword);
    out.Key("message").String(reason.message).EndObject();
  }
  out.EndArray().EndObject();
  fmt::print("{}\n", out.text());
}

record::Chunk ChunkOf(std::string_view lines) {
  record::Chunk chunk;
  chunk.buffer = std::make_shared<record::Buffer>(lines.size());
  std::memcpy(chunk.buffer->data(), lines.data(), lines.size());
  chunk.bytes = {chunk.buffer->data(), lines.size()};
  return chunk;
}

// Judges lines as they come and says what is wrong with each.
class LineJudge {
 public:
  LineJudge(std::shared_ptr<const contract::SchemaSet> schemas, bool as_json)
      : judge_(MakeCheckPlan(std::move(schemas), false)), as_json_(as_json) {}

  uint64_t judged() const { return judged_; }
  uint64_t invalid() const { return invalid_; }

  void Take(std::string_view lines) {
    const record::Chunk chunk = ChunkOf(lines);
    judge_.Judge(chunk, &valid_);
    size_t record = 0;
    for (size_t at = 0; at < lines.size();) {
      const size_t end = std::min(lines.find('\n', at), lines.size());
      const std::string_view line = lines.substr(at, end - at);
      at = end + 1;
      ++line_;
      if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
      Tell(valid_[record++] ? std::vector<contract::Reason>() : judge_.Explain(line));
    }
  }
  void PassOver() {
    ++line_;
    Tell({{"", "dh:size", fmt::format("the line has more than {}", HumanBytes(kEventBytesMax))}});
  }

 private:
  void Tell(const std::vector<contract::Reason>& reasons) {
    ++judged_;
    invalid_ += reasons.empty() ? 0 : 1;
    PrintReasons(line_, reasons, as_json_);
  }

  EventJudge judge_;
  const bool as_json_;
  std::vector<bool> valid_;
  uint64_t line_ = 0;
  uint64_t judged_ = 0;
  uint64_t invalid_ = 0;
};

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double MedianOf(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// Parsing alone looks the keys up and asserts nothing; both passes take turns, and medians are told. What is not valid is not
// read to its end: then checking may save time, and costs nothing.
int Benchmark(const Globals& globals, const std::shared_ptr<const contract::SchemaSet>& schemas,
              const std::string& lines, int rounds) {
  const record::Chunk chunk = ChunkOf(lines);
  EventJudge judge(MakeCheckPlan(schemas, false));
  EventJudge parser(MakeCheckPlan(schemas, false, Asserting::kNothing));
  std::vector<bool> valid;
  std::vector<double> both;
  std::vector<double> checks;
  for (int round = 0; round < rounds; ++round) {
    const double first = CpuSeconds();
    parser.Judge(chunk, &valid);
    const double second = CpuSeconds();
    judge.Judge(chunk, &valid);
    const double third = CpuSeconds();
    both.push_back(third - second);
    checks.push_back(third - second - (second - first));
  }
  const size_t events = valid.size();
  if (events == 0) return Fail({Code::kInvalidInput, "there is no event to judge"});
  const auto ns = [&](double seconds) { return seconds * 1e9 / static_cast<double>(events); };
  const double all = ns(MedianOf(both));
  const double validate = std::clamp(ns(MedianOf(checks)), 0.0, all);
  const auto invalid = static_cast<uint64_t>(std::count(valid.begin(), valid.end(), false));
  if (globals.json) {
    json::Writer out;
    out.BeginObject().Key("events").Number(uint64_t{events}).Key("invalid").Number(invalid);
    out.Key("bytes").Number(uint64_t{lines.size()}).Key("parse_ns").Number(all - validate);
    out.Key("validate_ns").Number(validate).Key("both_ns").Number(all).EndObject();
    fmt::print("{}\n", out.text());
  } else {
    fmt::print("{} events of {:.0f} bytes, {} not valid; CPU time of one thread, the median of {} rounds\n", events,
               static_cast<double>(lines.size()) / static_cast<double>(events), invalid, rounds);
    fmt::print("parse    {:>9.1f} ns an event\nvalidate {:>9.1f} ns\nboth     {:>9.1f} ns  {:.0f} MB/s\n",
               all - validate, validate, all,
               static_cast<double>(lines.size()) / all / static_cast<double>(events) * 1e3);
  }
  return invalid == 0 ? kOk : kDataQuality;
}

}  // namespace

int ContractValidateCommand(const Globals& globals, const ContractValidateArguments& arguments) {
  int exit_code = kOk;
  SchemaFile file = arguments.schema;
  file.format_asserts = arguments.format == "assert";
  const auto schemas = CompileSchemaFile(file, globals.json, &exit_code);
  if (!schemas) return exit_code;
  if (arguments.benchmark_rounds > 0) {
    std::string lines;
    bool too_large = false;
    const LineTaker taker{.take =
                              [&](std::string_view more) {
                                too_large = too_large || lines.size() + more.size() > kBenchmarkBytesMax;
                                if (!too_large) lines += more;
                              },
                          .pass_over = [&] { too_large = true; }};
    if (const Result<void> read = ReadLines(arguments.events, taker); !read) return Fail(read.error());
    if (too_large) {
      return Fail({Code::kLimit, fmt::format("--benchmark holds its events in memory: {} at most, lines of {} at most",
                                             HumanBytes(kBenchmarkBytesMax), HumanBytes(kEventBytesMax))});
    }
    return Benchmark(globals, schemas, lines, arguments.benchmark_rounds);
  }
  LineJudge judge(schemas, globals.json);
  const LineTaker taker{.take = [&](std::string_view lines) { judge.Take(lines); },
                        .pass_over = [&] { judge.PassOver(); }};
  if (const Result<void> read = ReadLines(arguments.events, taker); !read) return Fail(read.error());
  if (!globals.json && !globals.quiet) fmt::print(stderr, "{} events, {} not valid\n", judge.judged(), judge.invalid());
  return judge.invalid() == 0 ? kOk : kDataQuality;
}

}  // namespace datahub::app
