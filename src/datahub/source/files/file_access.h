#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"

namespace datahub::source::files {

// Where a source may open files. Whoever may write into a source's folder must not choose what the program reads: links in it
// are followed only when the project says so, and never out of it; pipes, sockets and devices are never opened.
// The folder is what stands before a pattern's first wildcard; how one gets there (links too) is the project's business.
class FileAccess {
 public:
  FileAccess() = default;
  // Folders end with a slash.
  FileAccess(std::vector<std::string> folders, bool follow_links)
      : folders_(std::move(folders)), follow_links_(follow_links) {}

  bool follow_links() const { return follow_links_; }
  // A descriptor that only reads, checked while it is open, so that what is swapped meanwhile opens nothing else. A file that
  // lies in none of the folders (a pattern that is gone) is opened without following a link as its last name. Errors name the
  // path; NotFound: no file is there that may be read.
  Result<int> Open(const std::string& path) const;
  // Where links are followed: whether what `path` leads to lies in `path`'s folder. NotFound: nothing is there, or it is
  // outside; says which.
  Result<void> StaysInside(const std::string& path) const;

 private:
  struct Place {
    std::string folder;
    std::string rest;
  };
  std::string FolderOf(const std::string& path) const;
  Result<Place> Resolve(const std::string& path, const std::string& folder) const;

  std::vector<std::string> folders_;
  bool follow_links_ = false;
};

}  // namespace datahub::source::files
