#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/files/file_access.h"
#include "datahub/source/files/identity.h"

namespace datahub::source::files {

// More files than this under one source are an error: each has a position in the ledger.
inline constexpr size_t kFilesMax = 1'000'000;

// One path pattern: `*`, `?` and `[…]` within a name, `**` for any number of folders (none too). A name that begins with a
// dot is matched only by a pattern that says the dot. Symbolic links before the first wildcard are followed; behind it only
// as FileAccess allows, and links to folders not by `**`. Relative patterns stand on the project's folder.
class Pattern {
 public:
  // InvalidInput: empty, a URL, braces, `..` behind a wildcard.
  static Result<Pattern> Parse(std::string_view text, const std::string& base_folder);

  const std::string& text() const { return text_; }
  // What stands before the first wildcard, or before the last name, with a slash at its end.
  std::string folder() const;

 private:
  size_t FixedParts() const;
  friend class Search;
  std::string text_;
  std::string root_;                // where the parts begin: "/", or the project's folder with a slash at its end
  std::vector<std::string> parts_;  // without empty ones and "."
};

struct FoundFile {
  std::string path;  // to open it by
  std::string name;  // below the project's folder, as text: the part of a shard's name before '#'
  Stat stat;
};

struct FoundFiles {
  std::vector<FoundFile> files;  // sorted by name, each once
  std::vector<Error> errors;     // what could not be looked at; the rest is there nevertheless
  struct Oddity {
    std::string path;
    std::string kind;  // "not_a_file", "link", "dangling_link", "no_match"
    std::string message;
  };
  std::vector<Oddity> oddities;
};

FoundFiles FindFiles(const std::vector<Pattern>& patterns, const std::string& base_folder,
                     const FileAccess& access = {});

}  // namespace datahub::source::files
