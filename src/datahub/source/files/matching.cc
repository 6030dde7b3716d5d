#include "datahub/source/files/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "datahub/base/clock.h"
#include "datahub/source/files/settings.h"

namespace datahub::source::files {
namespace {

// The more of a beginning is known, the better.
void SortByFit(std::vector<Tracked*>& tracked) {
  std::ranges::stable_sort(tracked, std::greater(),
                           [](const Tracked* one) { return std::tuple(one->position.head.bytes, one->position.at); });
}

}  // namespace

Matching::Matching(std::vector<std::unique_ptr<Tracked>>& tracked, const std::vector<FoundFile>& files,
                   NoticeBoard& notices, SetAside& set_aside, std::vector<Error>& errors)
    : tracked_(tracked),
      notices_(notices),
      set_aside_(set_aside),
      set_aside_before_(std::exchange(set_aside, {})),
      errors_(errors) {
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

// The shard of this path that the file is: unchanged since the last visit, or by its beginning (the longest that fits,
// of several one whose position it bears out).
Tracked* Matching::AtPath(const Sighting& sighting) {
  const auto at = by_name_.find(sighting.file->name);
  if (at == by_name_.end()) return nullptr;
  std::vector<Tracked*> fitting;
  for (Tracked* tracked : at->second) {
    if (!sighting.beginning) {
      if (tracked->seen == sighting.file->stat) return tracked;
      continue;
    }
    const bool ended = tracked->shard.empty() || tracked->position.emptied;
    if (!ended && sighting.beginning->Has(tracked->position.head)) fitting.push_back(tracked);
  }
  SortByFit(fitting);
  if (fitting.size() > 1) {
    std::ranges::stable_partition(fitting,
                                  [&](const Tracked* one) { return EvidenceIn(sighting, *one) == Evidence::kHolds; });
  }
  return fitting.empty() ? nullptr : fitting.front();
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
      for (Sighting* next = &sighting; next != nullptr;) next = BindRenamed(*next, same_inode);
    }
  }
}

// Gives the file whose shard it took on the way, if any: that one may be another shard. No shard is taken twice,
// because who took it bears out its position.
Sighting* Matching::BindRenamed(Sighting& sighting, bool same_inode) {
  if (sighting.file == nullptr || sighting.tracked != nullptr) return nullptr;
  for (Tracked* tracked : Alike(sighting.beginning->bytes())) {
    if (same_inode && tracked->position.inode != sighting.file->stat.inode) continue;
    if (tracked->position.path == sighting.file->name) continue;  // it was looked at by its path
    const std::optional<Evidence> evidence = EvidenceIn(sighting, *tracked);
    const Presence presence = evidence == Evidence::kHolds ? LookFor(*tracked) : Presence::kThere;
    if (!evidence || presence == Presence::kUnknown) {
      Drop(sighting);
      return nullptr;
    }
    if (presence == Presence::kThere) continue;
    const std::string before = tracked->position.path;
    Sighting* displaced = Displace(*tracked);
    Bind(sighting, *tracked);
    notices_.Post({tracked->shard, "renamed",
                   fmt::format("{} is what was {}: read on from byte {}, as shard {}", sighting.file->name, before,
                               tracked->position.at, tracked->shard)});
    return displaced;
  }
  return nullptr;
}

// Takes a shard from the file at its path, which begins alike but is another one.
Sighting* Matching::Displace(const Tracked& tracked) {
  const auto holder = std::ranges::find(sightings_, &tracked, &Sighting::tracked);
  if (holder == sightings_.end()) return nullptr;
  holder->tracked = nullptr;
  if (!holder->beginning) {
    Result<Looked> looked = Looked::Into(holder->file->path);
    if (looked) {
      holder->beginning = std::move(looked->beginning);
    } else {
      if (looked.error().code != Code::kNotFound) errors_.push_back(looked.error());
      Drop(*holder);
    }
  }
  return &*holder;
}

void Matching::BindRecompressed() {
  if (by_head_.empty()) return;  // nobody is new, or nobody is known
  for (Sighting& sighting : sightings_) {
    if (sighting.file == nullptr || sighting.tracked != nullptr) continue;
    if (GuessEncoding(sighting.beginning->bytes()).encoding != Encoding::kPlain) BindRecompressed(sighting);
  }
}

// A shard's head is of stored bytes, so content that begins with it was read as a plain file.
void Matching::BindRecompressed(Sighting& sighting) {
  Result<Looked> looked = Looked::Into(sighting.file->path);
  Result<std::string> content = looked ? ContentBeginning(*looked) : looked.error();
  if (!content) {
    if (content.error().code != Code::kNotFound) errors_.push_back(content.error());
    return Drop(sighting);
  }
  std::optional<std::pair<Tracked*, Evidence>> maybe_of;  // another one that it may be may fit better
  for (Tracked* tracked : Alike(*content)) {
    const std::optional<Evidence> evidence = EvidenceIn(sighting, *tracked);
    const bool maybe = evidence == Evidence::kHolds || evidence == Evidence::kUnfinished;
    const Presence presence = maybe ? LookFor(*tracked) : Presence::kThere;
    if (!evidence || presence == Presence::kUnknown) return Drop(sighting);
    if (!maybe) continue;
    if (presence == Presence::kThere || evidence == Evidence::kUnfinished) {
      if (!maybe_of) maybe_of = {tracked, *evidence};
      continue;
    }
    notices_.Post({tracked->shard, "recompressed",
                   fmt::format("{} is what was {}, compressed: read on from byte {} of its content, as shard {}",
                               sighting.file->name, tracked->position.path, tracked->position.at, tracked->shard)});
    Sighting* next = Displace(*tracked);
    tracked->position.head = sighting.beginning->head();
    Bind(sighting, *tracked);
    tracked->moved = true;
    while (next != nullptr) next = BindRenamed(*next, false);
    return;
  }
  if (maybe_of) PutAside(sighting, *maybe_of->first, maybe_of->second);
}

// Not read, and not new: who it is shows when its end is there, or the plain file is gone.
void Matching::PutAside(Sighting& sighting, const Tracked& tracked, Evidence evidence) {
  const FoundFile& file = *sighting.file;
  const bool settled = clock::NowUs() - file.stat.changed_us > kTimestampTickUs;
  if (settled) set_aside_[{file.name, tracked.shard}] = {file.stat, tracked.position.at, evidence};
  const std::string_view until =
      evidence == Evidence::kUnfinished
          ? "its compressed data stops before that: it is not read until more is there. If it is complete as it is, "
            "restore it, or move it away"
          : "it is not read while that is there, and read on from that byte when it is gone";
  notices_.PostState(file.name, {tracked.shard, "recompressed",
                                 fmt::format("{} begins, decompressed, like {}, which was read up to byte {}; {}",
                                             file.name, tracked.position.path, tracked.position.at, until)});
  Drop(sighting);
}

void Matching::IndexHeads() {
  for (const std::unique_ptr<Tracked>& one : tracked_) {
    if (!one->shard.empty()) by_head_[one->position.head.bytes][one->position.head.hash.low].push_back(one.get());
  }
}

std::vector<Tracked*> Matching::Alike(std::string_view bytes) const {
  std::vector<Tracked*> alike;
  for (const auto& [size, heads] : by_head_) {
    if (size > bytes.size()) break;
    const Hash128 hash = HashBytes(bytes.substr(0, size));
    const auto found = heads.find(hash.low);
    if (found == heads.end()) continue;
    for (Tracked* tracked : found->second) {
      if (tracked->position.head.hash == hash) alike.push_back(tracked);
    }
  }
  SortByFit(alike);
  return alike;
}

std::optional<Evidence> Matching::EvidenceIn(const Sighting& sighting, const Tracked& tracked) {
  const auto before = set_aside_before_.find({sighting.file->name, tracked.shard});
  if (before != set_aside_before_.end() && before->second.stat == sighting.file->stat &&
      before->second.at == tracked.position.at) {
    return before->second.evidence;
  }
  // Many small files may read alike up to the same place: each is looked into once.
  if (evidence_of_ != sighting.file) evidence_.clear();
  evidence_of_ = sighting.file;
  const Position& position = tracked.position;
  const StoredPlace stored = position.stored.value_or(StoredPlace{});
  const std::string place =
      fmt::format("{} {} {} {}", position.at, position.tail.ToHex(), stored.bytes, stored.tail.ToHex());
  if (const auto known = evidence_.find(place); known != evidence_.end()) return known->second;
  const Result<Looked> looked = Looked::Into(sighting.file->path);
  Result<Evidence> evidence = looked ? LookForEvidence(*looked, position) : Result<Evidence>(looked.error());
  if (evidence) evidence_[place] = *evidence;
  if (evidence) return *evidence;
  if (evidence.error().code != Code::kNotFound) errors_.push_back(evidence.error());
  return std::nullopt;
}

// Whether what the shard was read from is still at its path, also where no pattern looks any more.
Matching::Presence Matching::LookFor(const Tracked& tracked) {
  const auto [known, fresh] = presences_.try_emplace(&tracked, Presence::kUnknown);
  if (fresh) known->second = LookAnew(tracked);
  return known->second;
}

Matching::Presence Matching::LookAnew(const Tracked& tracked) {
  const Result<Looked> looked = Looked::Into(tracked.path);
  if (looked && !looked->beginning.Has(tracked.position.head)) return Presence::kGone;
  const Result<Evidence> evidence =
      looked ? LookForEvidence(*looked, tracked.position) : Result<Evidence>(looked.error());
  if (evidence) return *evidence == Evidence::kHolds ? Presence::kThere : Presence::kGone;
  if (evidence.error().code == Code::kNotFound) return Presence::kGone;
  errors_.push_back(evidence.error());
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
      BindEmptied(sighting);
      continue;
    }
    NoticeNew(sighting);
    tracked_.push_back(std::make_unique<Tracked>());
    Bind(sighting, *tracked_.back());
  }
}

// Once: the position says it from then on, so that what comes next is another file for every reader. One shard a look,
// until all that were read at that path say it.
void Matching::BindEmptied(Sighting& sighting) {
  const auto at = by_name_.find(sighting.file->name);
  if (at == by_name_.end()) return;
  Tracked* before = nullptr;
  for (Tracked* one : at->second) {
    if (one->bound || one->shard.empty() || one->position.emptied) continue;
    if (before == nullptr || one->position.inode == sighting.file->stat.inode) before = one;
  }
  if (before == nullptr) return;
  notices_.PostState(
      before->position.path,
      {before->shard, "truncated",
       fmt::format("{} is empty now and was read up to byte {}: what is written to it next is read as a new "
                   "file",
                   before->position.path, before->position.at)});
  Bind(sighting, *before);
  before->position.emptied = before->moved = true;
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
  for (const Tracked* tracked : Alike(sighting.beginning->bytes())) {
    if (tracked->position.path == file.name || !IsCopyOf(sighting, *tracked)) continue;
    notices_.Post(
        {tracked->shard, "copied",
         fmt::format("{} begins with the same bytes as {}, which is still there: a file of its own, read from its "
                     "beginning",
                     file.name, tracked->position.path)});
    return;
  }
  for (const Tracked* tracked : Alike(sighting.beginning->bytes())) {
    if (tracked->bound || tracked->position.path == file.name) continue;
    notices_.Post({tracked->shard, "alike",
                   fmt::format("{} begins as {} did, which is gone, but not with all that was read of that (up to byte "
                               "{}): a new file, read from its beginning",
                               file.name, tracked->position.path, tracked->position.at)});
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
  presences_.erase(&tracked);
  sighting.tracked = &tracked;
  tracked.bound = true;
  tracked.moved |= tracked.position.path != sighting.file->name;
  tracked.path = sighting.file->path;
  tracked.inode = sighting.file->stat.inode;
  tracked.position.path = sighting.file->name;
  tracked.position.emptied = false;
}

std::vector<Sighting> Matching::Take() && {
  std::erase_if(sightings_, [](const Sighting& one) { return one.file == nullptr || one.tracked == nullptr; });
  return std::move(sightings_);
}

}  // namespace datahub::source::files
