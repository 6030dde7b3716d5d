#include <fmt/format.h>

#include <utility>

#include "datahub/source/files/evidence.h"
#include "datahub/source/files/files_reader.h"
#include "datahub/source/files/files_source.h"
#include "datahub/source/files/roster.h"
#include "datahub/source/files/settings.h"

namespace datahub::source::files {
namespace {

Result<PositionCheck> CheckOne(const Tracked& tracked, const FileAccess& access, const std::atomic<bool>& stop) {
  using State = PositionCheck::State;
  const Position& position = tracked.position;
  const auto found = [&](State state, std::string message) {
    return PositionCheck{.shard = tracked.shard, .state = state, .message = std::move(message)};
  };
  if (position.emptied) return found(State::kGone, fmt::format("{} was emptied after it was read", position.path));
  const Result<Looked> looked = Looked::Into(tracked.path, access);
  if (!looked && looked.error().code == Code::kNotFound) {
    return found(State::kGone, fmt::format("{} is gone; it was read up to byte {}", position.path, position.at));
  }
  if (!looked) return looked.error();
  const bool same_file = tracked.id.MayBe(looked->id);
  const Evidence evidence = DH_TRY(Prove(*looked, position, stop));
  if (evidence == Evidence::kHolds) return found(State::kHolds, "");
  if (!same_file || !looked->beginning.Has(position.head)) {
    return found(State::kGone, fmt::format("{} is another file now; the one before was read up to byte {}",
                                           position.path, position.at));
  }
  return found(
      State::kOther,
      fmt::format("{} was read up to byte {}, and {}: what landed is what it said then. Bring back the file as it "
                  "was, or copy it to a new name that the pattern matches to read it whole",
                  position.path, position.at,
                  evidence == Evidence::kOther ? "not all of these bytes are what they were" : "ends before that"));
}

}  // namespace

Result<std::vector<PositionCheck>> CheckPositions(const SourceSpec& spec, const Positions& committed,
                                                  const std::atomic<bool>& stop) {
  const Settings settings = DH_TRY(Settings::From(spec));
  const Roster roster = DH_TRY(OpenRoster(spec, settings, committed));
  std::vector<PositionCheck> checks;
  for (const std::unique_ptr<Tracked>& tracked : roster.all()) {
    checks.push_back(DH_TRY(CheckOne(*tracked, settings.access, stop)));
  }
  return checks;
}

}  // namespace datahub::source::files
