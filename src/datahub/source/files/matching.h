#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datahub/source/files/evidence.h"
#include "datahub/source/files/roster.h"

namespace datahub::source::files {

// One look of the roster: its rules, step by step. The steps are called once each, in this order.
class Matching {
 public:
  Matching(std::vector<std::unique_ptr<Tracked>>& tracked, const std::vector<FoundFile>& files, NoticeBoard& notices,
           SetAside& set_aside, std::vector<Error>& errors, const FileAccess& access, const std::atomic<bool>& stop);

  void BindByPath();
  void PassOverLinks();
  void BindMoved();
  void BindNew();
  std::vector<Sighting> Take() &&;
  bool wait() const { return wait_; }

 private:
  enum class Presence { kThere, kGone, kUnknown };

  void BindByPath(Sighting& sighting);
  void IndexMoves();
  // Shards that the file may be by its inode (`same_inode`), or by a rotation's name; best first.
  std::vector<Tracked*> MayBe(const Sighting& sighting, bool same_inode) const;
  // Nothing: it cannot be told now, and `errors` says why.
  std::optional<Evidence> EvidenceIn(const Sighting& sighting, const Tracked& tracked);
  Presence LookFor(const Tracked& tracked);
  Presence LookAnew(const Tracked& tracked);
  Sighting* BindMoved(Sighting& sighting, bool same_inode);
  bool WaitsForPlain(const Sighting& sighting) const;
  void PutAside(Sighting& sighting, const Tracked& tracked, Evidence evidence);
  Sighting* Displace(const Tracked& tracked);
  void BindEmptied(Sighting& sighting);
  void NoticeNew(const Sighting& sighting);
  std::vector<Tracked*> Alike(std::string_view bytes) const;
  bool IsCopyOf(std::string_view content, const Tracked& tracked) const;
  void Bind(Sighting& sighting, Tracked& tracked);
  void Fail(const Error& error);
  static void Drop(Sighting& sighting) { sighting.file = nullptr; }

  std::vector<std::unique_ptr<Tracked>>& tracked_;
  NoticeBoard& notices_;
  SetAside& set_aside_;
  SetAside set_aside_before_;
  std::vector<Error>& errors_;
  const FileAccess& access_;
  const std::atomic<bool>& stop_;
  std::vector<Sighting> sightings_;
  bool wait_ = false;
  const FoundFile* evidence_of_ = nullptr;
  std::unordered_map<std::string, Evidence> evidence_;  // in that file, by what positions say
  std::unordered_map<const Tracked*, Presence> presences_;
  std::unordered_map<std::string, std::vector<Tracked*>> by_name_;
  std::unordered_map<std::string_view, const Sighting*> by_sighted_name_;
  std::unordered_map<uint64_t, std::vector<Tracked*>> by_inode_;
  std::unordered_map<std::string, std::vector<Tracked*>> by_stem_;
  std::map<uint32_t, std::unordered_map<uint64_t, std::vector<Tracked*>>> by_head_;  // length, hash
};

}  // namespace datahub::source::files
