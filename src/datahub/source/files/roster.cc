#include "datahub/source/files/roster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datahub/source/files/matching.h"

namespace datahub::source::files {

Result<Roster> Roster::From(const std::map<std::string, std::string>& committed, const std::string& base_folder) {
  Roster roster;
  for (const auto& [shard, text] : committed) {
    Result<Position> position = PositionFromText(text);
    if (!position) {
      return Error{Code::kCorruption, fmt::format("the committed position of shard {} cannot be read: {}; it says: {}",
                                                  shard, position.error().message, text)};
    }
    auto tracked = std::make_unique<Tracked>();
    tracked->shard = shard;
    tracked->path = position->path.starts_with('/') ? position->path : base_folder + "/" + position->path;
    tracked->position = *std::move(position);
    roster.tracked_.push_back(std::move(tracked));
    roster.shards_.insert(shard);
  }
  return roster;
}

std::vector<Sighting> Roster::Match(const std::vector<FoundFile>& files, NoticeBoard& notices,
                                    std::vector<Error>& errors) {
  Matching matching(tracked_, files, notices, errors);
  matching.BindByPath();
  matching.PassOverLinks();
  matching.BindRenamed();
  matching.BindNew();
  for (const std::unique_ptr<Tracked>& tracked : tracked_) {
    // Where something could not be looked at, nothing is known to be gone.
    if (tracked->bound || !tracked->waiting || !errors.empty()) continue;
    notices.Post({tracked->shard, "removed",
                  fmt::format("{} is gone; not all of it had been read: {}", tracked->position.path,
                              tracked->waiting->message)});
    tracked->waiting.reset();
  }
  // What has no shard yet is nobody's when its file is gone.
  std::erase_if(tracked_, [](const auto& tracked) { return !tracked->bound && tracked->shard.empty(); });
  return std::move(matching).Take();
}

void Roster::Name(Tracked& tracked, const Head& head) {
  const std::string name = ShardName(tracked.position.path, head);
  tracked.shard = name;
  for (int count = 2; !shards_.insert(tracked.shard).second; ++count) tracked.shard = fmt::format("{}.{}", name, count);
}

}  // namespace datahub::source::files
