#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/files/evidence.h"
#include "datahub/source/files/glob.h"
#include "datahub/source/files/identity.h"
#include "datahub/source/files/notice_board.h"
#include "datahub/source/files/position.h"

namespace datahub::source::files {

// A file that is being followed.
struct Tracked {
  std::string shard;              // empty until its first records are handed out
  Position position;              // behind what was handed out
  std::string path;               // to open it by
  uint64_t inode = 0;             // of the file that was found there at the last look
  std::optional<Stat> seen;       // at the last visit; nothing: look again
  std::optional<Notice> waiting;  // why not all of it was handed out
  bool seen_complete = false;     // it was complete by rule then
  bool moved = false;             // its path is another than in the position that was handed out last
  bool bound = false;             // to a file of the last look
};

// A file of one look, and who it is.
struct Sighting {
  const FoundFile* file = nullptr;
  Tracked* tracked = nullptr;
  std::optional<Beginning> beginning;  // read unless nothing happened since the last visit
};

// What a compressed file said of a plain one's position while neither changed: not decompressed again at every look.
struct SetAsideFile {
  Stat stat;
  uint64_t at = 0;
  Evidence evidence = Evidence::kOther;
};
using SetAside = std::map<std::pair<std::string, std::string>, SetAsideFile>;  // by name and shard

// Tells which file is which shard, whatever was done to names meanwhile.
//
//   files found + shards known -> Match -> every file's shard, and notices of what happened
//
// In this order: a file at a shard's path that begins as the shard says is the shard. A file that is another name of
// one taken already (a hard or symbolic link) is passed over: "linked". A file elsewhere that begins as a shard says,
// and holds the bytes before its position, is the shard when what is at the shard's path does not: "renamed"; one with
// the same inode is preferred. A compressed file whose content does is the shard too: "recompressed"; it is put aside
// while the plain one is there. The others are new shards: "rotated" when their path was another shard's, "copied" when
// another file that is still there begins the same, "alike" when one did that is gone.
// Threads  one at a time
class Roster {
 public:
  // Corruption names the shard whose position cannot be read. `base_folder` is what relative names stand on.
  static Result<Roster> From(const std::map<std::string, std::string>& committed, const std::string& base_folder);

  // In the order of `files`, without those that are passed over or could not be looked at (`errors` says why).
  std::vector<Sighting> Match(const std::vector<FoundFile>& files, NoticeBoard& notices, std::vector<Error>& errors);

  // See Reader::HasRead. Its file may be another shard's now when it begins like the position's and bears it out.
  bool HasRead(const std::string& shard, const std::string& position) const;

  // Gives a new file's shard its name; it is kept for ever by the positions.
  void Name(Tracked& tracked, const Head& head);
  const std::vector<std::unique_ptr<Tracked>>& all() const { return tracked_; }

 private:
  std::vector<std::unique_ptr<Tracked>> tracked_;
  std::set<std::string> shards_;
  SetAside set_aside_;
};

}  // namespace datahub::source::files
