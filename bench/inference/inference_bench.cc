// How fast a contract is inferred on one core, and in how much memory: inference_bench [megabytes] [rounds]
//
// Each set is a buffer of generated events that is given again and again until so many megabytes were inferred from.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "datahub/app/demo_events.h"
#include "datahub/contract/inference/inference.h"
#include "datahub/contract/inference/proposal.h"
#include "github_events.h"

namespace datahub {
namespace {

constexpr size_t kBufferBytes = 64u << 20;
constexpr size_t kBlockBytes = 1u << 20;

// CPU time of this thread: what else the machine does counts little.
double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The most memory this process had since the last call, in MB.
double PeakMegabytes() {
  double peak = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) peak = std::strtod(line.c_str() + 6, nullptr) / 1000;
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak;
}

template <class Events>
std::string Generate(double bad_share) {
  Events events({.seed = 7, .count = 10'000'000, .bad_share = bad_share});
  std::string text;
  text.reserve(kBufferBytes + (1u << 20));
  while (text.size() < kBufferBytes) events.Append(100, text);
  return text;
}

void Measure(const char* name, const std::string& text, uint64_t bytes, int rounds) {
  double best = 1e9;
  uint64_t done = 0;
  uint64_t events = 0;
  uint64_t invalid = 0;
  double memory = 0;
  for (int round = 0; round < rounds; ++round) {
    PeakMegabytes();
    contract::inference::Inference inference;
    const double from = Seconds();
    for (done = 0; done < bytes;) {
      for (size_t at = 0; at < text.size() && done < bytes;) {
        const size_t block = std::min(kBlockBytes, text.size() - at);
        const size_t size = text.rfind('\n', at + block - 1) + 1 - at;
        inference.Add(std::string_view(text).substr(at, size));
        at += size;
        done += size;
      }
    }
    events = inference.events();
    invalid = inference.invalid();
    const contract::inference::Proposal proposal = Propose(std::move(inference));
    best = std::min(best, Seconds() - from);
    memory = PeakMegabytes();
    if (proposal.schema.empty()) std::exit(1);
  }
  fmt::print(
      "{:<16} {:>6.0f} MB/s  {:>5.0f} ns and {:>5.0f} bytes an event  {} events, {} lines not JSON  peak {:.1f} MB, of "
      "which {:.1f} is the input\n",
      name, static_cast<double>(done) / 1e6 / best, best * 1e9 / static_cast<double>(events + invalid),
      static_cast<double>(done) / static_cast<double>(events + invalid), events, invalid, memory,
      static_cast<double>(text.capacity()) / 1e6);
}

}  // namespace
}  // namespace datahub

int main(int argc, char** argv) {
  using namespace datahub;
  const uint64_t bytes = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000) * 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  Measure("users", Generate<app::UserEvents>(0), bytes, rounds);
  Measure("users, 5 % bad", Generate<app::UserEvents>(0.05), bytes, rounds);
  Measure("github", Generate<bench::GithubEvents>(0), bytes, rounds);
}
