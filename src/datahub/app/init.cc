#include "datahub/app/init.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "datahub/app/demo_events.h"
#include "datahub/app/fields.h"
#include "datahub/app/project_schema.h"
#include "datahub/app/text_file.h"

namespace datahub::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEventsFile = "inbox/users/events-0001.ndjson";
constexpr uint64_t kEventsAtOnce = 10'000;
constexpr size_t kNamesShown = 5;

constexpr std::string_view kProjectText =
    R"yaml(# yaml-language-server: $schema=./datahub.schema.json
# What comes in, what it must be, where it lands. `datahub validate` checks this file, `datahub run` acts on it.
project: {name}

lake: {{location: ./lake, database: {name}}}
ledger: {{kind: sqlite}}      # which files and positions count: .datahub/ledger.db
contracts: ./contracts      # contracts/user.json is the contract `user`

sources:
  users_http:  {{kind: http}}   # `datahub serve` takes them at POST /v1/events/users_http
  users_inbox: {{kind: files, path: ./inbox/users/*.ndjson}}

tables:
  users:
    partition_by: [day(created_at)]  # lake/{name}/users/created_at_day=2026-01-01/…
    # A batch is committed when one of these is reached, or the sources hold nothing more.
    flush: {{bytes: 128MiB, rows: 1000000, age: 60s}}

pipelines:
  users:
    from: [users_http, users_inbox]
    contract: user
    to: [users]
    on_reject: quarantine   # see `datahub quarantine ls`
)yaml";

constexpr std::string_view kGitIgnore = "/.datahub/\n/lake/\n";

Result<std::string> ProjectName(const InitOptions& options) {
  Diagnostics diagnostics;
  const Place place{diagnostics.AddFile("init", "")};
  if (!options.name.empty()) {
    if (Values(diagnostics).Name(options.name, place, "a project")) return options.name;
    const Diagnostic wrong = diagnostics.Sorted().front();
    return Error{Code::kInvalidInput,
                 wrong.hint.empty() ? wrong.message : fmt::format("{}; {}", wrong.message, wrong.hint)};
  }
  std::error_code error;
  std::string folder = fs::absolute(options.folder, error).lexically_normal().string();
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  const std::string name = NameLike(fs::path(folder).filename().string());
  if (!name.empty() && Values(diagnostics).Name(name, place, "a project")) return name;
  return std::string("demo");
}

Result<void> CheckFolder(const std::string& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status))
    return Error{Code::kAlreadyExists, fmt::format("{} is there and is not a folder; choose another name", folder)};
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) return ErrnoError(error.value(), fmt::format("cannot look into {}", folder));
  if (names.empty()) return {};
  std::ranges::sort(names);
  std::string listed;
  for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    listed += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  if (names.size() > kNamesShown) listed += fmt::format(" and {} more", names.size() - kNamesShown);
  return Error{Code::kAlreadyExists,
               fmt::format("{} is not empty: it holds {}. Choose another folder", folder, listed)};
}

Result<void> MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return ErrnoError(error.value(), fmt::format("cannot make the folder {}", path));
  return {};
}

Result<uint64_t> WriteEvents(const std::string& path, const InitOptions& options) {
  DH_TRY(WriteNewTextFile(path, ""));
  std::ofstream out(path, std::ios::binary | std::ios::app);
  UserEvents events({.seed = options.seed, .count = options.events, .bad_share = options.bad_share});
  std::string text;
  while (events.left() > 0 && out) {
    text.clear();
    events.Append(kEventsAtOnce, text);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  out.close();
  if (!out) return ErrnoError(errno, fmt::format("cannot write {}", path));
  uint64_t bad = 0;
  for (const uint64_t of_kind : events.bad()) bad += of_kind;
  return bad;
}

}  // namespace

Result<InitializedProject> InitProject(const InitOptions& options) {
  if (options.folder.empty())
    return Error{Code::kInvalidInput, "no folder is given; say for example: datahub init users-demo"};
  if (options.events > kInitEventsMax)
    return Error{Code::kLimit, fmt::format("at most {} events are written", kInitEventsMax)};
  InitializedProject project;
  project.name = DH_TRY(ProjectName(options));
  DH_TRY(CheckFolder(options.folder));
  DH_TRY(MakeFolder(options.folder + "/contracts"));
  DH_TRY(MakeFolder(options.folder + "/inbox/users"));
  const auto write = [&](std::string_view name, std::string_view text) {
    project.files.emplace_back(name);
    return WriteNewTextFile(fmt::format("{}/{}", options.folder, name), text);
  };
  DH_TRY(write("datahub.yaml", fmt::format(kProjectText, fmt::arg("name", project.name))));
  DH_TRY(write("contracts/user.json", UserContract()));
  DH_TRY(write(kSchemaFile, ProjectSchema() + "\n"));
  DH_TRY(write(".gitignore", kGitIgnore));
  project.files.emplace_back(kEventsFile);
  project.events = options.events;
  project.bad = DH_TRY(WriteEvents(fmt::format("{}/{}", options.folder, kEventsFile), options));
  return project;
}

}  // namespace datahub::app
