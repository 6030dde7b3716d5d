#pragma once

#include <atomic>
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
  FileId id;                      // of the file that was found there at the last look, or the position says
  std::optional<Stat> seen;       // at the last visit; nothing: look again
  std::optional<Notice> waiting;  // why not all of it was handed out
  bool seen_complete = false;     // it was complete by rule then
  bool visited = false;           // by this reader: what could be read of it was
  bool moved = false;             // path or inode are others than in the position that was handed out last
  bool bound = false;             // to a file of the last look
};

// A file of one look, and who it is.
struct Sighting {
  const FoundFile* file = nullptr;
  Tracked* tracked = nullptr;
  std::optional<Beginning> beginning;  // read unless nothing happened since the last visit
};

// What a file said of another's position while neither changed: not read again at every look.
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
// The same only by proof: all (decompressed) bytes that were read hash equal, and the path says so, or device, inode and
// birth time, or a rotation's name. Everything else is new, with a notice. In this order:
//   by path    a file at a shard's path is the shard when its inode and beginning are those that were read (nothing more is
//              hashed then), or all bytes are. One that is another name of a file taken already (a link) is passed over.
//   moved      a file elsewhere is the shard by its inode or a rotation's name, when what is at the shard's path does not
//              hold the bytes any more: "renamed", "recompressed". While it does, a rotation's name is put aside: "copied",
//              "recompressed". NAME.gz waits until NAME was read.
//   new        "rotated" when its path was another shard's, "copied" when one that is still there begins the same, "alike"
//              when one did that is gone.
// Threads  one at a time
class Roster {
 public:
  // Corruption names the shard whose position cannot be read; Conflict: it is of another program's format. `base_folder`
  // is what relative names stand on.
  static Result<Roster> From(const std::map<std::string, std::string>& committed, const std::string& base_folder,
                             FileAccess access = {});

  // In the order of `files`, without those that are passed over or could not be looked at (`errors` says why).
  std::vector<Sighting> Match(const std::vector<FoundFile>& files, NoticeBoard& notices, std::vector<Error>& errors,
                              const std::atomic<bool>& stop);
  // Some of the last look wait for another that was to be read first.
  bool wait() const { return wait_; }

  // See Reader::HasRead. Its file may be another shard's now when it begins like the position's and bears it out.
  bool HasRead(const std::string& shard, const std::string& position) const;

  // Gives a new file's shard its name; it is kept for ever by the positions.
  void Name(Tracked& tracked, const Head& head);
  const std::vector<std::unique_ptr<Tracked>>& all() const { return tracked_; }

 private:
  std::vector<std::unique_ptr<Tracked>> tracked_;
  std::set<std::string> shards_;
  SetAside set_aside_;
  FileAccess access_;
  bool wait_ = false;
};

}  // namespace datahub::source::files
