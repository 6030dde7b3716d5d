#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datahub/base/result.h"
#include "datahub/source/files/glob.h"
#include "datahub/source/source_spec.h"

namespace datahub::source::files {

// File times tick slower than files change (a jiffy, up to 10 ms; 1 s on old file systems, 2 s on FAT): a change within that
// after a look would not show, so what was changed so shortly before a look is looked at again.
inline constexpr int64_t kTimestampTickUs = 2'000'000;

// A source of kind `files` as the project file declares it, checked.
struct Settings {
  std::string source;
  std::string base_folder;  // without a slash at its end
  std::vector<Pattern> patterns;
  std::optional<int64_t> complete_after_us;  // unchanged for so long = complete; otherwise a file never is
  int64_t tick_us = kTimestampTickUs;        // tests set less
  FileAccess access;
  bool lines_only = false;  // `format: ndjson`: a file that begins with '[' is lines too

  static Result<Settings> From(const SourceSpec& spec);

  // By the earlier of both times: anybody can set the time of the last write, also to one that is to come; the time of the
  // last change is the system's.
  bool IsComplete(const Stat& stat, int64_t now_us) const {
    return complete_after_us && now_us - std::min(stat.modified_us, stat.changed_us) >= *complete_after_us;
  }
};

}  // namespace datahub::source::files
