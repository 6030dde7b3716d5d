#include "datahub/app/lake_mark.h"

#include <vector>

#include <fmt/format.h>

#include "datahub/app/workspace.h"
#include "datahub/base/json.h"
#include "datahub/base/log.h"
#include "datahub/storage/small_file.h"

namespace datahub::app {
namespace {

constexpr std::string_view kLakeMarkFile = ".datahub-lake";
constexpr std::string_view kLakeMarkFormat = "datahub-lake";
constexpr int kLakeMarkVersion = 2;
constexpr size_t kLakeIdDigits = 32;

std::string MarkText(const LakeMark& mark) {
  json::Writer out;
  out.BeginObject().Key("format").String(kLakeMarkFormat).Key("version").Number(uint64_t(kLakeMarkVersion));
  out.Key("lake").String(mark.lake).Key("committed").BeginObject();
  for (const auto& [pipeline, commit] : mark.committed) out.Key(pipeline).String(commit);
  out.EndObject().EndObject();
  return std::move(out).Take() + "\n";
}

Error OtherVersion(const std::string& path, std::string_view whose, std::string_view version) {
  return {Code::kInvalidInput,
          fmt::format("the lake's mark {} was made by {} datahub (its version is {}, this program's {}); use the "
                      "datahub that made it, or name another lake and begin anew",
                      path, whose, version, kLakeMarkVersion)};
}

Error DamagedMark(const std::string& path) {
  return {Code::kCorruption,
          fmt::format("the lake's mark {} cannot be read: it is damaged, or of another program. Bring it back from a "
                      "backup of the lake",
                      path)};
}

Result<LakeMark> ParseMark(const std::string& text, const std::string& path) {
  // The first version was the id alone.
  const size_t digits = text.find_first_not_of("0123456789abcdef");
  if (digits == kLakeIdDigits && text.substr(digits) == "\n") return OtherVersion(path, "an older", "1");
  json::Document document;
  const Result<const json::Value*> parsed = document.Parse(text);
  if (!parsed || !(*parsed)->is_object()) return DamagedMark(path);
  const json::Value& value = **parsed;
  const json::Value* const format = value.Find("format");
  const json::Value* const version = value.Find("version");
  if (format == nullptr || format->text != kLakeMarkFormat || version == nullptr || !version->is_number()) {
    return DamagedMark(path);
  }
  if (version->text != std::to_string(kLakeMarkVersion)) return OtherVersion(path, "a newer", version->text);
  const json::Value* const lake = value.Find("lake");
  const json::Value* const committed = value.Find("committed");
  if (lake == nullptr || !lake->is_string() || committed == nullptr || !committed->is_object()) {
    return DamagedMark(path);
  }
  LakeMark mark{std::string(lake->text), {}};
  for (const json::Member& member : committed->members) {
    mark.committed.emplace(std::string(member.key), std::string(member.value.text));
  }
  return mark;
}

}  // namespace

std::string LakeMarkPath(const std::string& lake) { return fmt::format("{}/{}", lake, kLakeMarkFile); }

Result<std::optional<LakeMark>> ReadLakeMark(const Project& project) {
  const std::string path = LakeMarkPath(project.lake.location);
  const std::optional<std::string> text = DH_TRY(storage::ReadSmallFile(path));
  if (!text) return std::optional<LakeMark>();
  return std::optional<LakeMark>(DH_TRY(ParseMark(*text, path)));
}

Result<void> CheckLedgerIsNotOlder(const Project& project, ledger::Ledger& ledger, storage::Store& store) {
  std::vector<std::pair<std::string, std::string>> named;  // pipeline, commit
  if (const auto mark = DH_TRY(ReadLakeMark(project))) named.assign(mark->committed.begin(), mark->committed.end());
  const auto notes = DH_TRY(store.Notes());
  for (const auto& [pipeline, commit] : notes) named.emplace_back(pipeline, pipeline + "-" + commit);
  std::string missing;
  for (const auto& [pipeline, commit] : named) {
    const auto known = DH_TRY(ledger.FindCommit(commit));
    if (!known) missing += fmt::format("\n  pipeline '{}' had committed {}", pipeline, commit);
  }
  if (missing.empty()) return {};
  const std::map<std::string, std::string> last = DH_TRY(ledger.LastCommits());
  for (const auto& [pipeline, commit] : last) {
    missing += fmt::format("\n  the last that this ledger knows of pipeline '{}' is {}", pipeline, commit);
  }
  return Error{
      Code::kCorruption,
      fmt::format(
          "the ledger {} is older than the lake {}: was a backup put in its place, or its -wal left out?{}\n"
          "Bring back the newer one, with its -wal. If that is lost: `datahub table orphans` lists the files that it "
          "had landed, `datahub table orphans --delete` removes them, so that the next run reads their records again; "
          "`datahub doctor --deep` compares all the rest",
          LedgerPath(project), project.lake.location, missing)};
}

Result<std::unique_ptr<LakeMarkKeeper>> LakeMarkKeeper::Start(const Project& project, ledger::Ledger& ledger,
                                                              const ledger::Incarnation& mine) {
  std::unique_ptr<LakeMarkKeeper> keeper(new LakeMarkKeeper(LakeMarkPath(project.lake.location), ledger, mine));
  keeper->written_ = DH_TRY(ReadLakeMark(project));
  const Result<void> written = keeper->Write();
  if (!written) DH_TRY(ledger.CheckIncarnation(mine));  // a successor writes it too
  DH_TRY(written);
  return keeper;
}

LakeMarkKeeper::~LakeMarkKeeper() {
  if (!ledger_.CheckIncarnation(mine_)) return;
  if (const Result<void> written = Write(); !written) {
    log::Warn("how far the ledger is could not be written into the lake; the next start does: {}",
              written.error().message);
  }
}

Result<void> LakeMarkKeeper::Write() {
  LakeMark mark;
  mark.lake = DH_TRY(ledger_.LakeId());
  mark.committed = DH_TRY(ledger_.LastCommits());
  if (written_ == mark) return {};
  DH_TRY(storage::ReplaceFile(path_, MarkText(mark), storage::Access::kShared));
  written_ = std::move(mark);
  return {};
}

}  // namespace datahub::app
