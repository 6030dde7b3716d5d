#include "datahub/source/files/roster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "datahub/source/files/matching.h"
#include "datahub/source/files/rotation.h"

namespace datahub::source::files {

namespace {

// Files of one kind begin alike, so how far one was read proves nothing of another: its bytes must say it.
bool LiesBehind(const Position& position, const Tracked& tracked, bool same_shard, const FileAccess& access) {
  const Position& now = tracked.position;
  if (tracked.shard.empty() || now.at < position.at) return false;
  const bool may_be =
      same_shard || now.path == position.path || tracked.id.Is(position.id) || IsRotationOf(now.path, position.path);
  if (!may_be) return false;
  if (now.at == position.at) return now.hash.all == position.hash.all;
  const Result<Looked> looked = Looked::Into(tracked.path, access);
  // Where the file is gone or another one, the shard's name is all there is.
  if (!looked || !looked->beginning.Has(now.head)) return same_shard;
  const Result<bool> begins = BeginsLike(*looked, position);
  if (!begins || !*begins) return begins ? false : same_shard;
  const std::atomic<bool> never = false;
  const Result<Evidence> evidence = Prove(*looked, position, never);
  if (!evidence || *evidence == Evidence::kShort || *evidence == Evidence::kUnfinished) return same_shard;
  return *evidence == Evidence::kHolds;
}

}  // namespace

Result<Roster> Roster::From(const std::map<std::string, std::string>& committed, const std::string& base_folder,
                            FileAccess access) {
  Roster roster;
  roster.access_ = std::move(access);
  for (const auto& [shard, text] : committed) {
    Result<Position> position = PositionFromText(text);
    if (!position && position.error().code == Code::kConflict) {
      return Error{
          Code::kConflict,
          fmt::format("the committed position of shard {} was written by another version of datahub: {}. Use that "
                      "version, or forget what was read and read all files again",
                      shard, position.error().message)};
    }
    if (!position) {
      return Error{Code::kCorruption, fmt::format("the committed position of shard {} cannot be read: {}; it says: {}",
                                                  shard, position.error().message, text)};
    }
    auto tracked = std::make_unique<Tracked>();
    tracked->shard = shard;
    const std::string path = PathFromText(position->path);
    tracked->path = path.starts_with('/') ? path : base_folder + "/" + path;
    tracked->position = *std::move(position);
    tracked->id = tracked->position.id;
    roster.tracked_.push_back(std::move(tracked));
    roster.shards_.insert(shard);
  }
  return roster;
}

std::vector<Sighting> Roster::Match(const std::vector<FoundFile>& files, NoticeBoard& notices,
                                    std::vector<Error>& errors, const std::atomic<bool>& stop) {
  Matching matching(tracked_, files, notices, set_aside_, errors, access_, stop);
  matching.BindByPath();
  matching.PassOverLinks();
  matching.BindMoved();
  matching.BindNew();
  wait_ = matching.wait();
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

bool Roster::HasRead(const std::string& shard, const std::string& position) const {
  if (position.empty()) return true;
  const Result<Position> asked = PositionFromText(position);
  return asked && std::ranges::any_of(tracked_, [&](const std::unique_ptr<Tracked>& tracked) {
           return LiesBehind(*asked, *tracked, tracked->shard == shard, access_);
         });
}

void Roster::Name(Tracked& tracked, const Head& head) {
  const std::string name = ShardName(tracked.position.path, head);
  tracked.shard = name;
  for (int count = 2; !shards_.insert(tracked.shard).second; ++count) tracked.shard = fmt::format("{}.{}", name, count);
}

}  // namespace datahub::source::files
