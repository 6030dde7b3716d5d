#include "datahub/pipeline/scrubber.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "datahub/base/log.h"

namespace datahub::pipeline {
namespace {

constexpr uint64_t kBytesPerSecond = 16u << 20;  // a disk does fifty times as much
constexpr std::chrono::minutes kFirstPause(1);
constexpr std::chrono::hours kPause(24);

// False: it is time to end.
bool Wait(std::chrono::microseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any ending;
  std::unique_lock lock(mutex);
  ending.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

// What is wrong with the file; "" = nothing.
Result<std::string> DamageOf(storage::Store& store, const ledger::DataFile& file) {
  const auto facts = store.Look(storage::ObjectKey{file.key});
  if (!facts && facts.error().code == Code::kNotFound) return std::string("it is gone");
  if (!facts) return "it cannot be read: " + facts.error().message;
  if (!*facts) return std::string("it is gone");
  const storage::ObjectFacts& there = **facts;
  if (there.bytes != file.bytes) return fmt::format("it has {} bytes, {} were written", there.bytes, file.bytes);
  if (there.checksum.ToHex() != file.checksum) return std::string("its bytes are not those that were written");
  return std::string();
}

}  // namespace

Result<ScrubTotals> Scrub(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine,
                          uint64_t bytes_per_second, const std::stop_token& stop) {
  ScrubTotals totals;
  const std::vector<std::string> tables = DH_TRY(ledger.Tables());
  for (const std::string& table : tables) {
    const std::vector<ledger::DataFile> files = DH_TRY(ledger.Files(table));
    for (const ledger::DataFile& file : files) {
      if (stop.stop_requested()) return totals;
      const std::string damage = DH_TRY(DamageOf(store, file));
      // A file that was removed meanwhile is none of the ledger's any more: that marks nothing.
      const bool marked = damage == file.damage ? false : DH_TRY(ledger.SetDamage(mine, table, file.key, damage));
      if (marked && !damage.empty()) {
        log::Error("table {}: file {} is damaged: {}. Queries of the table are refused until it is put back", table,
                   file.key, damage);
      }
      totals.damaged += damage.empty() ? 0 : 1;
      totals.bytes += file.bytes;
      ++totals.files;
      if (bytes_per_second > 0 && !Wait(std::chrono::microseconds(file.bytes * 1'000'000 / bytes_per_second), stop)) {
        return totals;
      }
    }
  }
  return totals;
}

Scrubber::Scrubber(storage::Store& store, ledger::Ledger& ledger, const ledger::Incarnation& mine)
    : store_(store), ledger_(ledger), mine_(mine), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Scrubber::Run(const std::stop_token& stop) {
  if (!Wait(kFirstPause, stop)) return;
  do {
    const Result<ScrubTotals> totals = Scrub(store_, ledger_, mine_, kBytesPerSecond, stop);
    if (!totals && totals.error().code == Code::kFenced) return;  // its successor does
    if (!totals) log::Warn("the files could not be compared with the ledger: {}", totals.error().message);
    if (totals)
      log::Debug("{} files are what the ledger says, {} are not", totals->files - totals->damaged, totals->damaged);
  } while (Wait(kPause, stop));
}

}  // namespace datahub::pipeline
