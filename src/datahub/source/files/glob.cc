#include "datahub/source/files/glob.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "datahub/source/files/position.h"

namespace datahub::source::files {
namespace {

constexpr std::string_view kAnyFolders = "**";

bool HasWildcard(std::string_view part) { return part.find_first_of("*?[\\") != std::string_view::npos; }

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

Result<Pattern> Pattern::Parse(std::string_view text, const std::string& base_folder) {
  const auto wrong = [&](std::string_view why) {
    return Error{Code::kInvalidInput, fmt::format("path '{}': {}", text, why)};
  };
  if (text.empty()) return wrong("it is empty; give a pattern like ./inbox/*.ndjson");
  if (text.find("://") != std::string_view::npos) return wrong("the kind files reads local files, not URLs");
  if (text.find_first_of("{}") != std::string_view::npos) {
    return wrong("braces are not supported; give a list of patterns instead of {a,b}");
  }
  Pattern pattern;
  pattern.text_ = text;
  pattern.root_ = text.front() == '/' ? "/" : base_folder + "/";
  // A pattern inside the project is the same whether it is written absolute or not.
  if (text.starts_with(base_folder + "/")) {
    pattern.root_ = base_folder + "/";
    text.remove_prefix(base_folder.size() + 1);
  }
  while (!text.empty()) {
    const size_t end = std::min(text.find('/'), text.size());
    std::string part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (part == kAnyFolders && !pattern.parts_.empty() && pattern.parts_.back() == kAnyFolders) continue;
    pattern.parts_.push_back(std::move(part));
  }
  if (pattern.parts_.empty()) return wrong("it names a folder; write which files in it: ./*.ndjson");
  if (pattern.parts_.back() == kAnyFolders) pattern.parts_.push_back("*");
  const auto beyond = pattern.parts_.begin() + static_cast<ptrdiff_t>(pattern.FixedParts());
  if (std::find(beyond, pattern.parts_.end(), "..") != pattern.parts_.end()) {
    return wrong("'..' behind a wildcard or as the last name is not supported");
  }
  return pattern;
}

size_t Pattern::FixedParts() const {
  const auto wild = std::ranges::find_if(parts_, HasWildcard);
  return std::min(static_cast<size_t>(wild - parts_.begin()), parts_.size() - 1);
}

std::string Pattern::folder() const {
  std::string folder = root_;
  for (size_t part = 0; part < FixedParts(); ++part) folder += parts_[part] + "/";
  return folder;
}

// One walk over the folders for one pattern.
class Search {
 public:
  Search(const Pattern& pattern, const std::string& base_folder, const FileAccess& access, FoundFiles& found)
      : pattern_(pattern), fixed_(pattern.FixedParts()), base_(base_folder + "/"), access_(access), found_(found) {}

  void Run() {
    const size_t before = found_.files.size() + found_.errors.size() + found_.oddities.size();
    Descend(pattern_.root_, 0);
    if (found_.files.size() + found_.errors.size() + found_.oddities.size() > before) return;
    found_.oddities.push_back(
        {pattern_.text(), "no_match",
         fmt::format("no file matches {} yet (looked below {})", pattern_.text(), pattern_.root_)});
  }

 private:
  bool IsLast(size_t part) const { return part + 1 == pattern_.parts_.size(); }

  // `folder` ends with a slash.
  void Descend(const std::string& folder, size_t part) {
    const std::string& name = pattern_.parts_[part];
    if (name == kAnyFolders) {
      Descend(folder, part + 1);
      for (const std::string& inner : Names(folder, "*")) {
        if (IsFolder(folder + inner, /*follow=*/false)) Descend(folder + inner + "/", part);
      }
    } else if (!HasWildcard(name)) {
      Enter(folder + name, part, /*named=*/true);
    } else {
      for (const std::string& match : Names(folder, name)) Enter(folder + match, part, /*named=*/false);
    }
  }

  void Enter(const std::string& path, size_t part, bool named) {
    if (IsLast(part)) {
      // `**` offers every folder and goes into it anyway.
      Take(path, named || part == 0 || pattern_.parts_[part - 1] != kAnyFolders);
    } else if (part < fixed_ || IsFolder(path, access_.follow_links())) {
      Descend(path + "/", part + 1);
    } else if (IsFolder(path, /*follow=*/true)) {
      OddLink(path);
    }
  }

  std::vector<std::string> Names(const std::string& folder, const std::string& name) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, CloseFolder> opened(::opendir(folder.c_str()));
    if (!opened) {
      if (errno != ENOENT && errno != ENOTDIR) Fail(errno, "cannot look into the folder", folder);
      return names;
    }
    errno = 0;
    while (const dirent* entry = ::readdir(opened.get())) {
      const std::string_view entry_name = entry->d_name;
      const bool self = entry_name == "." || entry_name == "..";
      if (!self && ::fnmatch(name.c_str(), entry->d_name, FNM_PERIOD) == 0) names.emplace_back(entry_name);
      errno = 0;
    }
    if (errno != 0) Fail(errno, "cannot read the folder", folder);
    std::ranges::sort(names);
    return names;
  }

  bool IsFolder(const std::string& path, bool follow) const {
    struct stat stat;
    return (follow ? ::stat(path.c_str(), &stat) : ::lstat(path.c_str(), &stat)) == 0 && S_ISDIR(stat.st_mode);
  }

  void Take(const std::string& path, bool say_folder) {
    struct statx stat;
    const int follow = access_.follow_links() ? 0 : AT_SYMLINK_NOFOLLOW;
    if (const int error = LookAt(AT_FDCWD, path.c_str(), follow, &stat); error != 0) return Missing(path, error);
    if (S_ISLNK(stat.stx_mode)) return OddLink(path);
    if (S_ISDIR(stat.stx_mode)) {
      if (say_folder) {
        Odd(path, "not_a_file", fmt::format("{} is a folder; write which files in it: {}/*", path, path));
      }
      return;
    }
    if (!S_ISREG(stat.stx_mode)) {
      return Odd(path, "not_a_file", fmt::format("{} is a pipe, socket or device: passed over", path));
    }
    if (access_.follow_links()) {
      const Result<void> inside = access_.StaysInside(path);
      if (!inside && inside.error().code != Code::kNotFound) return found_.errors.push_back(inside.error());
      if (!inside) return Odd(path, "link", inside.error().message);
    }
    if (found_.files.size() >= kFilesMax) {
      if (std::exchange(full_, true)) return;
      found_.errors.push_back(
          {Code::kLimit, fmt::format("{} matches more than {} files: move those that were read away, "
                                     "or split the source",
                                     pattern_.text(), kFilesMax)});
      return;
    }
    const std::string_view name = path.starts_with(base_) ? std::string_view(path).substr(base_.size()) : path;
    found_.files.push_back({path, PathText(name), StatFrom(stat)});
  }

  void Missing(const std::string& path, int error_number) {
    struct stat stat;
    if (error_number != ENOENT && error_number != ENOTDIR) return Fail(error_number, "cannot stat", path);
    if (::lstat(path.c_str(), &stat) == 0 && S_ISLNK(stat.st_mode)) {
      Odd(path, "dangling_link", fmt::format("{} is a symbolic link to nothing: passed over", path));
    }
  }

  void OddLink(const std::string& path) {
    Odd(path, "link",
        fmt::format(
            "{} is a symbolic link: passed over. Links that stay inside {} are followed with `follow_links: true` "
            "on the source",
            path, pattern_.folder()));
  }
  void Odd(const std::string& path, std::string kind, std::string message) {
    found_.oddities.push_back({path, std::move(kind), std::move(message)});
  }
  void Fail(int error_number, std::string_view what, const std::string& path) {
    found_.errors.push_back(ErrnoError(error_number, fmt::format("{} {}", what, path)));
  }

  const Pattern& pattern_;
  size_t fixed_;  // of its parts: what stands before the first wildcard
  std::string base_;
  const FileAccess& access_;
  FoundFiles& found_;
  bool full_ = false;
};

FoundFiles FindFiles(const std::vector<Pattern>& patterns, const std::string& base_folder, const FileAccess& access) {
  FoundFiles found;
  for (const Pattern& pattern : patterns) Search(pattern, base_folder, access, found).Run();
  std::ranges::sort(found.files, {}, &FoundFile::name);
  const auto same = std::ranges::unique(found.files, {}, &FoundFile::name);
  found.files.erase(same.begin(), same.end());
  return found;
}

}  // namespace datahub::source::files
