#include "datahub/source/files/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace datahub::source::files {

Matching::Matching(std::vector<std::unique_ptr<Tracked>>& tracked, const std::vector<FoundFile>& files,
                   NoticeBoard& notices, std::vector<Error>& errors)
    : tracked_(tracked), notices_(notices), errors_(errors) {
  for (const FoundFile& file : files) sightings_.push_back({.file = &file, .tracked = nullptr, .beginning = {}});
  for (const std::unique_ptr<Tracked>& one : tracked_) {
    one->bound = false;
    by_name_[one->position.path].push_back(one.get());
  }
}

void Matching::BindByPath() {
  for (Sighting& sighting : sightings_) {
    if (Tracked* same = AtPath(sighting); same != nullptr && same->seen == sighting.file->stat) {
      Bind(sighting, *same);
      continue;
    }
    Result<OpenFile> opened = OpenFile::Open(sighting.file->path);
    Result<Beginning> beginning = opened ? Beginning::Of(*opened) : Result<Beginning>(opened.error());
    if (!beginning) {
      // What vanished since the folder was listed is simply not there.
      if (beginning.error().code != Code::kNotFound) errors_.push_back(beginning.error());
      Drop(sighting);
      continue;
    }
    sighting.beginning = *std::move(beginning);
    if (Tracked* known = AtPath(sighting)) Bind(sighting, *known);
  }
}

// The shard of this path that the file is: unchanged since the last visit, or by its beginning (the longest that fits).
Tracked* Matching::AtPath(const Sighting& sighting) const {
  const auto at = by_name_.find(sighting.file->name);
  if (at == by_name_.end()) return nullptr;
  Tracked* best = nullptr;
  for (Tracked* tracked : at->second) {
    if (!sighting.beginning) {
      if (tracked->seen == sighting.file->stat) return tracked;
      continue;
    }
    if (tracked->shard.empty() || !sighting.beginning->Has(tracked->position.head)) continue;
    const auto rank = [](const Tracked& one) { return std::tuple(one.position.head.bytes, one.position.at); };
    if (best == nullptr || rank(*tracked) > rank(*best)) best = tracked;
  }
  return best;
}

void Matching::PassOverLinks() {
  std::map<std::pair<uint64_t, uint64_t>, const FoundFile*> taken;
  for (const bool bound : {true, false}) {
    for (Sighting& sighting : sightings_) {
      if (sighting.file == nullptr || (sighting.tracked != nullptr) != bound) continue;
      const FoundFile& file = *sighting.file;
      const auto [first, fresh] = taken.try_emplace({file.stat.device, file.stat.inode}, &file);
      if (fresh) continue;
      const std::string shard = bound ? sighting.tracked->shard : "";
      notices_.PostState(file.name, {shard, "linked",
                                     fmt::format("{} is another name (a link) of {}: read once, under that name",
                                                 file.name, first->second->name)});
      Drop(sighting);
    }
  }
}

void Matching::BindRenamed() {
  const bool any = std::ranges::any_of(sightings_, [](const Sighting& one) { return one.file && !one.tracked; });
  if (!any) return;
  IndexHeads();
  for (const bool same_inode : {true, false}) {
    for (Sighting& sighting : sightings_) {
      if (sighting.file != nullptr && sighting.tracked == nullptr && !BindRenamed(sighting, same_inode)) Drop(sighting);
    }
  }
}

// False when it cannot be told now whether it is one.
bool Matching::BindRenamed(Sighting& sighting, bool same_inode) {
  for (Tracked* tracked : Alike(sighting)) {
    if (tracked->bound || (same_inode && tracked->position.inode != sighting.file->stat.inode)) continue;
    switch (LookFor(*tracked)) {
      case Presence::kThere:
        continue;
      case Presence::kUnknown:
        return false;
      case Presence::kGone:
        break;
    }
    const std::string before = tracked->position.path;
    Bind(sighting, *tracked);
    if (before != sighting.file->name) {
      notices_.Post({tracked->shard, "renamed",
                     fmt::format("{} is what was {}: read on from byte {}, as shard {}", sighting.file->name, before,
                                 tracked->position.at, tracked->shard)});
    }
    return true;
  }
  return true;
}

void Matching::IndexHeads() {
  for (const std::unique_ptr<Tracked>& one : tracked_) {
    if (!one->shard.empty()) by_head_[one->position.head.bytes][one->position.head.hash.low].push_back(one.get());
  }
}

std::vector<Tracked*> Matching::Alike(const Sighting& sighting) const {
  std::vector<Tracked*> alike;
  const std::string_view bytes = sighting.beginning->bytes();
  for (auto length = by_head_.rbegin(); length != by_head_.rend(); ++length) {
    if (length->first > bytes.size()) continue;
    const Hash128 hash = HashBytes(bytes.substr(0, length->first));
    const auto found = length->second.find(hash.low);
    if (found == length->second.end()) continue;
    for (Tracked* tracked : found->second) {
      if (tracked->position.head.hash == hash) alike.push_back(tracked);
    }
  }
  std::ranges::stable_sort(alike, std::greater(),
                           [](const Tracked* one) { return std::tuple(one->position.head.bytes, one->position.at); });
  return alike;
}

// Whether the shard's path still begins as the shard says, also where no pattern looks any more.
Matching::Presence Matching::LookFor(Tracked& tracked) {
  Result<OpenFile> opened = OpenFile::Open(tracked.path);
  Result<Beginning> beginning = opened ? Beginning::Of(*opened) : Result<Beginning>(opened.error());
  if (beginning) return beginning->Has(tracked.position.head) ? Presence::kThere : Presence::kGone;
  if (beginning.error().code == Code::kNotFound) return Presence::kGone;
  errors_.push_back(beginning.error());
  return Presence::kUnknown;
}

void Matching::BindNew() {
  for (Sighting& sighting : sightings_) {
    if (sighting.file == nullptr || sighting.tracked != nullptr) continue;
    const auto at = by_name_.find(sighting.file->name);
    if (at != by_name_.end()) {
      const auto pending = std::ranges::find_if(at->second, [](const Tracked* one) { return one->shard.empty(); });
      if (pending != at->second.end()) {
        Bind(sighting, **pending);
        continue;
      }
    }
    // A file of no bytes is nothing yet, and so not something else than what was there.
    if (sighting.beginning->bytes().empty()) {
      NoticeEmptied(sighting);
      continue;
    }
    NoticeNew(sighting);
    tracked_.push_back(std::make_unique<Tracked>());
    Bind(sighting, *tracked_.back());
  }
}

void Matching::NoticeEmptied(const Sighting& sighting) {
  const auto at = by_name_.find(sighting.file->name);
  if (at == by_name_.end() || at->second.back()->bound) return;
  const Tracked& before = *at->second.back();
  notices_.PostState(
      before.position.path,
      {before.shard, "truncated",
       fmt::format("{} is empty now and was read up to byte {}: what is written to it next is read as a new "
                   "file",
                   before.position.path, before.position.at)});
}

void Matching::NoticeNew(const Sighting& sighting) {
  const FoundFile& file = *sighting.file;
  if (const auto at = by_name_.find(file.name); at != by_name_.end()) {
    const Tracked& before = *at->second.back();
    const bool elsewhere = before.position.path != file.name;
    notices_.Post(
        {before.shard, "rotated",
         fmt::format("{} is a new file and is read from its beginning; the one before (shard {}) was read up to "
                     "byte {} and {}",
                     file.name, before.shard, before.position.at,
                     elsewhere ? "goes on as " + before.position.path
                               : "is not found: if it still exists, let the pattern match its new name")});
  }
  for (const Tracked* tracked : Alike(sighting)) {
    if (!IsCopyOf(sighting, *tracked)) continue;
    notices_.Post(
        {tracked->shard, "copied",
         fmt::format("{} begins with the same bytes as {}, which is still there: a file of its own, read from its "
                     "beginning",
                     file.name, tracked->position.path)});
    return;
  }
}

// A known beginning may be short, so all that both files begin with is compared.
bool Matching::IsCopyOf(const Sighting& sighting, const Tracked& tracked) const {
  Result<OpenFile> opened = OpenFile::Open(tracked.path);
  Result<Beginning> beginning = opened ? Beginning::Of(*opened) : Result<Beginning>(opened.error());
  if (!beginning) return false;
  const size_t both = std::min(beginning->bytes().size(), sighting.beginning->bytes().size());
  return beginning->bytes().substr(0, both) == sighting.beginning->bytes().substr(0, both);
}

void Matching::Bind(Sighting& sighting, Tracked& tracked) {
  sighting.tracked = &tracked;
  tracked.bound = true;
  tracked.moved |= tracked.position.path != sighting.file->name;
  tracked.path = sighting.file->path;
  tracked.position.path = sighting.file->name;
}

std::vector<Sighting> Matching::Take() && {
  std::erase_if(sightings_, [](const Sighting& one) { return one.file == nullptr || one.tracked == nullptr; });
  return std::move(sightings_);
}

}  // namespace datahub::source::files
