#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datahub/source/source.h"

namespace datahub::source::files {

// Collects notices until somebody takes them, and says what lasts only once.
class NoticeBoard {
 public:
  // Something happened.
  void Post(Notice notice) { notices_.push_back(std::move(notice)); }
  // Something is so: not said again until Clear.
  void PostState(const std::string& place, Notice notice) {
    if (told_[place].insert(notice.kind).second) Post(std::move(notice));
  }
  // All is well there.
  void Clear(const std::string& place) { told_.erase(place); }

  std::vector<Notice> Take() { return std::exchange(notices_, {}); }

 private:
  std::vector<Notice> notices_;
  std::map<std::string, std::set<std::string>> told_;  // kinds by place; a few for each file that is not well
};

}  // namespace datahub::source::files
