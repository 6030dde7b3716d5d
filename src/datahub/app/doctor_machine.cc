// What `doctor` asks of program and machine.

#include <link.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "datahub/app/doctor.h"
#include "datahub/app/listing.h"
#include "datahub/app/version.h"
#include "datahub/base/clock.h"
#include "datahub/lake/table_writer.h"
#include "datahub/ledger/ledger_check.h"
#include "datahub/query/answer.h"
#include "datahub/source/registry.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kOtherFilesMax = 100;  // sources, ledger, log, libraries
constexpr int64_t kYearUs = int64_t(365) * 86'400 * 1'000'000;
constexpr int64_t kYearMin = 2024;
constexpr int64_t kYearMax = 2100;

Finding Versions() {
  const ledger::SqliteFacts sqlite = ledger::LookAtSqlite();
  Finding finding{"versions", Health::kOk,
                  fmt::format("datahub {}, DuckDB {}, SQLite {}", kVersion, query::DuckDbVersion(), sqlite.version),
                  ""};
  if (!sqlite.new_enough) {
    finding.health = Health::kWarn;
    finding.next = "this SQLite is older than the one the program was built with; install the system's libsqlite3";
  }
  return finding;
}

// The loader found all libraries, or nobody would read this; from where is what goes wrong.
Finding Libraries() {
  std::vector<std::string> paths;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* to) {
        if (info->dlpi_name != nullptr && info->dlpi_name[0] == '/') {
          static_cast<std::vector<std::string>*>(to)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &paths);
  std::error_code failure;
  const fs::path program = fs::canonical("/proc/self/exe", failure).parent_path();
  const auto is_duckdb = [](const std::string& path) {
    return fs::path(path).filename().string().starts_with("libduckdb");
  };
  const auto duckdb = std::ranges::find_if(paths, is_duckdb);
  if (duckdb == paths.end()) return {"libraries", Health::kOk, fmt::format("{} loaded", paths.size()), ""};
  const fs::path folder = fs::weakly_canonical(fs::path(*duckdb), failure).parent_path();
  const bool ours = folder == fs::weakly_canonical(program / "lib", failure) ||
                    folder == fs::weakly_canonical(program / "../lib", failure);
  return {"libraries", ours ? Health::kOk : Health::kWarn,
          fmt::format("{} loaded, libduckdb from {}", paths.size(), folder.string()),
          ours ? "" : "that is not the one beside the program: look at LD_LIBRARY_PATH"};
}

// main() refuses to go on without.
Finding Processor() {
  const bool fit = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  return {"processor", fit ? Health::kOk : Health::kFail,
          fmt::format("{} threads, {} AVX2 and BMI2", std::thread::hardware_concurrency(), fit ? "with" : "without"),
          fit ? "" : "use an x86-64 processor from 2013 or later"};
}

// Every lane writes a table and its quarantine: up to `partitions_open_max` partitions buffered, `files_open_max` of them
// with a file.
Finding OpenFiles(const Project* project) {
  const lake::TableSpec writer;
  const uint64_t lane = 2 * writer.files_open_max;
  uint64_t serving = 0;
  if (project != nullptr) {
    serving = lane * project->pipelines.size();
    const bool pushed = std::ranges::any_of(project->sources, [](const SourceConfig& source) {
      return source::FindKind(source.spec.kind)->delivery == source::Delivery::kPush;
    });
    if (pushed) serving += project->serve.server.connections_max;
  }
  const uint64_t wanted = std::max(serving, lane * std::max(1u, std::thread::hardware_concurrency())) + kOtherFilesMax;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {"open files", Health::kWarn, "the limit cannot be read", ""};
  limit.rlim_cur = limit.rlim_max;  // to which a start raises it
  Finding finding{"open files", Health::kOk,
                  fmt::format("limit {}; {} partitions open and all connections want {}",
                              limit.rlim_cur == RLIM_INFINITY ? "none" : HumanCount(limit.rlim_cur),
                              HumanCount(writer.partitions_open_max), HumanCount(wanted)),
                  ""};
  if (limit.rlim_cur >= wanted) return finding;
  finding.health = Health::kWarn;
  finding.next = fmt::format(
      "fewer are kept open at once then, and more, smaller files made; raise it before the start: ulimit -n {} "
      "(systemd: "
      "LimitNOFILE={})",
      wanted, wanted);
  return finding;
}

Finding Clock() {
  const int64_t now_us = clock::NowUs();
  const int64_t year = 1970 + now_us / kYearUs;
  const bool sane = year >= kYearMin && year <= kYearMax;
  return {"clock", sane ? Health::kOk : Health::kFail, clock::ToIso(now_us),
          sane ? "" : "set the machine's clock: partitions by time of arrival would be wrong"};
}

}  // namespace

std::string_view ToString(Health health) {
  return health == Health::kOk ? "ok" : health == Health::kWarn ? "warn" : "fail";
}

void CheckMachine(const Project* project, std::vector<Finding>& findings) {
  findings.push_back(Versions());
  findings.push_back(Libraries());
  findings.push_back(Processor());
  findings.push_back(OpenFiles(project));
  findings.push_back(Clock());
}

}  // namespace datahub::app
