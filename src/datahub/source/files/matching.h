#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "datahub/source/files/roster.h"

namespace datahub::source::files {

// One look of the roster: its rules, step by step. The steps are called once each, in this order.
class Matching {
 public:
  Matching(std::vector<std::unique_ptr<Tracked>>& tracked, const std::vector<FoundFile>& files, NoticeBoard& notices,
           std::vector<Error>& errors);

  void BindByPath();
  void PassOverLinks();
  void BindRenamed();
  void BindNew();
  std::vector<Sighting> Take() &&;

 private:
  enum class Presence { kThere, kGone, kUnknown };

  Tracked* AtPath(const Sighting& sighting) const;
  void IndexHeads();
  // Shards that the sighted file may be by its beginning, best first.
  std::vector<Tracked*> Alike(const Sighting& sighting) const;
  Presence LookFor(Tracked& tracked);
  bool BindRenamed(Sighting& sighting, bool same_inode);
  void NoticeEmptied(const Sighting& sighting);
  void NoticeNew(const Sighting& sighting);
  bool IsCopyOf(const Sighting& sighting, const Tracked& tracked) const;
  static void Bind(Sighting& sighting, Tracked& tracked);
  static void Drop(Sighting& sighting) { sighting.file = nullptr; }

  std::vector<std::unique_ptr<Tracked>>& tracked_;
  NoticeBoard& notices_;
  std::vector<Error>& errors_;
  std::vector<Sighting> sightings_;
  std::unordered_map<std::string, std::vector<Tracked*>> by_name_;
  std::map<uint32_t, std::unordered_map<uint64_t, std::vector<Tracked*>>> by_head_;  // length, hash
};

}  // namespace datahub::source::files
