#include "datahub/source/files/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "datahub/base/clock.h"
#include "datahub/source/files/rotation.h"
#include "datahub/source/files/settings.h"

namespace datahub::source::files {
namespace {

// The more of a beginning is known, the better.
void SortByFit(std::vector<Tracked*>& tracked) {
  std::ranges::stable_sort(tracked, std::greater(),
                           [](const Tracked* one) { return std::tuple(one->position.head.bytes, one->position.at); });
}

// What a file begins with, decompressed, for a notice: nothing where that cannot be told.
std::string ContentAt(const std::string& path, const FileAccess& access) {
  const Result<Looked> looked = Looked::Into(path, access);
  const Result<std::string> content = looked ? ContentBeginning(*looked) : looked.error();
  return content ? *content : std::string();
}

}  // namespace

Matching::Matching(std::vector<std::unique_ptr<Tracked>>& tracked, const std::vector<FoundFile>& files,
                   NoticeBoard& notices, SetAside& set_aside, std::vector<Error>& errors, const FileAccess& access,
                   const std::atomic<bool>& stop)
    : tracked_(tracked),
      notices_(notices),
      set_aside_(set_aside),
      set_aside_before_(std::exchange(set_aside, {})),
      errors_(errors),
      access_(access),
      stop_(stop) {
  for (const FoundFile& file : files) sightings_.push_back({.file = &file, .tracked = nullptr, .beginning = {}});
  for (const std::unique_ptr<Tracked>& one : tracked_) {
    one->bound = false;
    by_name_[one->position.path].push_back(one.get());
  }
}

void Matching::BindByPath() {
  for (Sighting& sighting : sightings_) BindByPath(sighting);
}

// To the shard of this path that the file is: unchanged since the last visit; or the inode that was read, which begins as it
// did (of several the one whose position it bears out, else the longest: the visit tells what became of it); or another
// file with all the bytes that were read.
void Matching::BindByPath(Sighting& sighting) {
  const auto at = by_name_.find(sighting.file->name);
  const std::span<Tracked* const> here = at == by_name_.end() ? std::span<Tracked* const>() : at->second;
  const auto unchanged =
      std::ranges::find_if(here, [&](const Tracked* one) { return one->seen == sighting.file->stat; });
  if (unchanged != here.end()) return Bind(sighting, **unchanged);
  Result<Looked> looked = Looked::Into(sighting.file->path, access_);
  if (!looked) {
    Fail(looked.error());
    return Drop(sighting);
  }
  sighting.beginning = looked->beginning;
  std::vector<Tracked*> fitting;
  for (Tracked* tracked : here) {
    const bool ended = tracked->shard.empty() || tracked->position.emptied;
    if (!ended && looked->beginning.Has(tracked->position.head)) fitting.push_back(tracked);
  }
  SortByFit(fitting);
  std::ranges::stable_partition(fitting, [&](const Tracked* one) { return one->id.MayBe(looked->id); });
  Tracked* likely = nullptr;
  for (Tracked* tracked : fitting) {
    const bool same_inode = tracked->id.MayBe(looked->id);
    if (same_inode && fitting.size() == 1) return Bind(sighting, *tracked);
    if (!same_inode && likely != nullptr) break;
    const Result<Evidence> evidence =
        same_inode ? LookBefore(*looked, tracked->position, stop_) : Prove(*looked, tracked->position, stop_);
    if (!evidence) {
      Fail(evidence.error());
      return Drop(sighting);
    }
    if (*evidence == Evidence::kHolds) return Bind(sighting, *tracked);
    if (*evidence == Evidence::kUnfinished && !same_inode) return PutAside(sighting, *tracked, *evidence);
    if (same_inode && likely == nullptr) likely = tracked;
  }
  if (likely != nullptr) Bind(sighting, *likely);
}

// What vanished since the folder was listed is simply not there.
void Matching::Fail(const Error& error) {
  if (error.code != Code::kNotFound) errors_.push_back(error);
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

void Matching::BindMoved() {
  const bool any = std::ranges::any_of(sightings_, [](const Sighting& one) { return one.file && !one.tracked; });
  if (!any) return;
  IndexMoves();
  for (const bool same_inode : {true, false}) {
    for (Sighting& sighting : sightings_) {
      for (Sighting* next = &sighting; next != nullptr;) next = BindMoved(*next, same_inode);
    }
  }
}

// Gives the file whose shard it took on the way, if any: that one may be another shard. No shard is taken twice,
// because who took it bears out its position.
Sighting* Matching::BindMoved(Sighting& sighting, bool same_inode) {
  if (sighting.file == nullptr || sighting.tracked != nullptr) return nullptr;
  const bool compressed = GuessEncoding(sighting.beginning->bytes()).encoding != Encoding::kPlain;
  std::optional<std::pair<Tracked*, Evidence>> maybe_of;  // another one that it may be may fit better
  std::optional<std::string> content;
  for (Tracked* tracked : MayBe(sighting, same_inode)) {
    const Head& head = tracked->position.head;
    if (!sighting.beginning->Has(head)) {
      if (compressed && !content) content = ContentAt(sighting.file->path, access_);
      if (!compressed || !BeginsWith(*content, head)) continue;
    }
    const std::optional<Evidence> evidence = EvidenceIn(sighting, *tracked);
    const bool maybe = evidence == Evidence::kHolds || evidence == Evidence::kUnfinished;
    const Presence presence = maybe ? LookFor(*tracked) : Presence::kThere;
    if (!evidence || presence == Presence::kUnknown) {
      Drop(sighting);
      return nullptr;
    }
    if (!maybe) continue;
    if (presence == Presence::kThere || evidence == Evidence::kUnfinished) {
      if (!maybe_of) maybe_of = {tracked, *evidence};
      continue;
    }
    const bool as_it_was = sighting.beginning->Has(tracked->position.head);
    notices_.Post({tracked->shard, as_it_was ? "renamed" : "recompressed",
                   fmt::format("{} is what was {}{}: read on from byte {}{}, as shard {}", sighting.file->name,
                               tracked->position.path, as_it_was ? "" : ", compressed", tracked->position.at,
                               as_it_was ? "" : " of its content", tracked->shard)});
    Sighting* displaced = Displace(*tracked);
    if (!as_it_was) {
      tracked->position.head = sighting.beginning->head();
      tracked->position.stored.reset();
    }
    Bind(sighting, *tracked);
    return displaced;
  }
  if (maybe_of) {
    PutAside(sighting, *maybe_of->first, maybe_of->second);
  } else if (!same_inode && WaitsForPlain(sighting)) {
    wait_ = true;
    Drop(sighting);
  }
  return nullptr;
}

// NAME.gz beside NAME may be its copy: told once NAME was read.
bool Matching::WaitsForPlain(const Sighting& sighting) const {
  const std::string_view name = sighting.file->name;
  for (const std::string_view suffix : {".gz", ".zst"}) {
    if (!name.ends_with(suffix)) continue;
    const auto plain = by_sighted_name_.find(name.substr(0, name.size() - suffix.size()));
    if (plain == by_sighted_name_.end()) return false;
    const Tracked* tracked = plain->second->tracked;
    return tracked == nullptr || !tracked->visited || (tracked->shard.empty() && tracked->waiting);
  }
  return false;
}

// Takes a shard from the file at its path, which begins alike but is another one.
Sighting* Matching::Displace(const Tracked& tracked) {
  const auto holder = std::ranges::find(sightings_, &tracked, &Sighting::tracked);
  if (holder == sightings_.end()) return nullptr;
  holder->tracked = nullptr;
  if (!holder->beginning) {
    Result<Looked> looked = Looked::Into(holder->file->path, access_);
    if (looked) {
      holder->beginning = std::move(looked->beginning);
    } else {
      if (looked.error().code != Code::kNotFound) errors_.push_back(looked.error());
      Drop(*holder);
    }
  }
  return &*holder;
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
  const bool compressed = GuessEncoding(sighting.beginning->bytes()).encoding != Encoding::kPlain;
  notices_.PostState(
      file.name, {tracked.shard, compressed ? "recompressed" : "copied",
                  fmt::format("{} {} {}, which was read up to byte {}; {}", file.name,
                              evidence == Evidence::kUnfinished ? "may be the same as" : "holds all that was read of",
                              tracked.position.path, tracked.position.at, until)});
  Drop(sighting);
}

void Matching::IndexMoves() {
  for (const Sighting& sighting : sightings_) {
    if (sighting.file != nullptr) by_sighted_name_[sighting.file->name] = &sighting;
  }
  for (const std::unique_ptr<Tracked>& one : tracked_) {
    if (one->shard.empty()) continue;
    by_inode_[one->id.inode].push_back(one.get());
    const std::string& path = one->position.path;
    const std::string_view stem = RotatedName::Of(path).stem;
    by_stem_[std::string(stem)].push_back(one.get());
    if (stem != path) by_stem_[path].push_back(one.get());
    by_head_[one->position.head.bytes][one->position.head.hash.low].push_back(one.get());
  }
}

std::vector<Tracked*> Matching::MayBe(const Sighting& sighting, bool same_inode) const {
  const FoundFile& file = *sighting.file;
  std::vector<Tracked*> may_be;
  if (same_inode) {
    const auto at = by_inode_.find(file.stat.inode);
    if (at != by_inode_.end()) may_be = at->second;
    std::erase_if(may_be, [&](const Tracked* one) { return !one->id.Is(file.stat.id()); });
  } else {
    const auto at = by_stem_.find(std::string(RotatedName::Of(file.name).stem));
    if (at != by_stem_.end()) may_be = at->second;
    std::erase_if(may_be, [&](const Tracked* one) { return !IsRotationOf(file.name, one->position.path); });
  }
  // Those of its own path were looked at.
  std::erase_if(may_be, [&](const Tracked* one) { return one->position.path == file.name; });
  SortByFit(may_be);
  return may_be;
}

// Shards of files that began with these bytes, best first.
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
  const std::string place = fmt::format("{} {}", position.at, position.hash.all.ToHex());
  if (const auto known = evidence_.find(place); known != evidence_.end()) return known->second;
  const Result<Looked> looked = Looked::Into(sighting.file->path, access_);
  // Who it was told to be by its inode: the generation says whether it is.
  if (looked && tracked.id.Is(sighting.file->stat.id()) && !tracked.id.MayBe(looked->id)) return Evidence::kOther;
  Result<Evidence> evidence = looked ? Prove(*looked, position, stop_) : Result<Evidence>(looked.error());
  if (!evidence) {
    Fail(evidence.error());
    return std::nullopt;
  }
  evidence_[place] = *evidence;
  return *evidence;
}

// Whether what the shard was read from is still at its path, also where no pattern looks any more.
Matching::Presence Matching::LookFor(const Tracked& tracked) {
  const auto [known, fresh] = presences_.try_emplace(&tracked, Presence::kUnknown);
  if (fresh) known->second = LookAnew(tracked);
  return known->second;
}

Matching::Presence Matching::LookAnew(const Tracked& tracked) {
  if (tracked.position.emptied) return Presence::kGone;
  const Result<Looked> looked = Looked::Into(tracked.path, access_);
  if (looked && !looked->beginning.Has(tracked.position.head)) return Presence::kGone;
  const Result<Evidence> evidence = !looked                        ? Result<Evidence>(looked.error())
                                    : tracked.id.MayBe(looked->id) ? LookBefore(*looked, tracked.position, stop_)
                                                                   : Prove(*looked, tracked.position, stop_);
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
    if (before == nullptr || one->id.inode == sighting.file->stat.inode) before = one;
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
  std::vector<Tracked*> alike = Alike(sighting.beginning->bytes());
  if (by_head_.empty()) return;
  const bool plain = GuessEncoding(sighting.beginning->bytes()).encoding == Encoding::kPlain;
  const std::string content = plain ? std::string(sighting.beginning->bytes()) : ContentAt(file.path, access_);
  if (!plain) std::ranges::copy(Alike(content), std::back_inserter(alike));
  for (const Tracked* tracked : alike) {
    if (tracked->position.path == file.name || !IsCopyOf(content, *tracked)) continue;
    notices_.Post(
        {tracked->shard, "copied",
         fmt::format("{} begins with the same bytes as {}, which is still there: a file of its own, read from its "
                     "beginning",
                     file.name, tracked->position.path)});
    return;
  }
  for (const Tracked* tracked : alike) {
    if (tracked->bound || tracked->position.path == file.name) continue;
    notices_.Post(
        {tracked->shard, "alike",
         fmt::format("{} begins as {} did, which is gone (read up to byte {}), but its bytes, or its name and "
                     "inode, do not prove that it is the same: a new file, read from its beginning",
                     file.name, tracked->position.path, tracked->position.at)});
    return;
  }
}

// A known beginning may be short, so all that both files begin with is compared.
bool Matching::IsCopyOf(std::string_view content, const Tracked& tracked) const {
  const std::string other = ContentAt(tracked.path, access_);
  const size_t both = std::min(other.size(), content.size());
  return both > 0 && std::string_view(other).substr(0, both) == content.substr(0, both);
}

void Matching::Bind(Sighting& sighting, Tracked& tracked) {
  presences_.erase(&tracked);
  sighting.tracked = &tracked;
  tracked.bound = true;
  const FileId id = sighting.file->stat.id();
  tracked.moved |= tracked.position.path != sighting.file->name || (!tracked.shard.empty() && !tracked.id.MayBe(id));
  tracked.path = sighting.file->path;
  if (!tracked.id.MayBe(id) || tracked.id.device != id.device) tracked.id = id;
  tracked.position.path = sighting.file->name;
  tracked.position.emptied = false;
}

std::vector<Sighting> Matching::Take() && {
  std::erase_if(sightings_, [](const Sighting& one) { return one.file == nullptr || one.tracked == nullptr; });
  return std::move(sightings_);
}

}  // namespace datahub::source::files
